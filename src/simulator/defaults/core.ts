import { ensureTree, setDefault, stringMapAt } from '../json-tree.ts';
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
  const data = ensureTree(object, 'data');
  for (const [key, text] of plain) data[key] = Buffer.from(text, 'utf8').toString('base64');
}

export function defaultCustomResourceDefinition(object: KubeObject): void {
  const spec = ensureTree(object, 'spec');
  const names = ensureTree(spec, 'names');
  const kind = typeof names['kind'] === 'string' ? names['kind'] : '';
  setDefault(names, 'singular', kind.toLowerCase());
  setDefault(names, 'listKind', `${kind}List`);
  setDefault(spec, 'conversion', { strategy: 'None' });
}
