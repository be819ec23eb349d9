import type { JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';

/** The object as `PartialObjectMetadata`. */
export function partialMetadata(object: KubeObject): JsonTree {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
