import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/api/core-types.ts';

/** What `kubectl apply -k FOLDER` would send. Needs no cluster. */
export function kustomize(kubectl: string, folder: string): readonly KubeObject[] {
  const rendered = execFileSync(kubectl, ['kustomize', folder], { encoding: 'utf8', maxBuffer: 32 * 1024 * 1024 });
  return parseAllDocuments(rendered).map((document) => document.toJS() as KubeObject);
}
