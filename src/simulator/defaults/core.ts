import { ensureTree, setDefault, stringMapAt, treeAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';

export function defaultNamespace(object: KubeObject, previous: KubeObject | undefined): void {
  object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  if (previous !== undefined) return;
  ensureTree(object, 'spec')['finalizers'] = ['kubernetes'];
  object.status = { phase: 'Active' };
}

/** `stringData` is written only: it becomes part of `data`, encoded. */
export function defaultSecret(object: KubeObject): void {
  setDefault(object, 'type', 'Opaque');
  const plain = Object.entries(stringMapAt(object, 'stringData'));
  delete object['stringData'];
  if (plain.length === 0) return;
  const encoded = plain.map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')] as const);
  object['data'] = { ...treeAt(object, 'data'), ...Object.fromEntries(encoded) };
}

/** What Go writes of an Event even when nothing is said. */
export function defaultEvent(object: KubeObject): void {
  for (const field of ['eventTime', 'firstTimestamp', 'lastTimestamp']) setDefault(object, field, null);
  for (const field of ['reportingComponent', 'reportingInstance']) setDefault(object, field, '');
  setDefault(object, 'source', {});
}

export function defaultLease(object: KubeObject): void {
  setDefault(object, 'spec', {});
}

export function defaultCustomResourceDefinition(object: KubeObject): void {
  const spec = ensureTree(object, 'spec');
  const names = ensureTree(spec, 'names');
  const kind = typeof names['kind'] === 'string' ? names['kind'] : '';
  setDefault(names, 'singular', kind.toLowerCase());
  setDefault(names, 'listKind', `${kind}List`);
  setDefault(spec, 'conversion', { strategy: 'None' });
}
