/**
 * The parser of YAML. A module of its own, with a static import, so that a bundle keeps it apart: a controller in a pod,
 * which has no kubeconfig, never loads it.
 */
export { parseDocument } from 'yaml';
