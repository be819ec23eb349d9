import type { JsonTree } from './json-tree.ts';

const texts = new WeakMap<object, string>();

/** `JSON.stringify`, once for each stored object: they are frozen, and many watches and lists show the same ones. */
export function jsonText(value: JsonTree): string {
  if (!Object.isFrozen(value)) return JSON.stringify(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
}

/** A list whose items are mostly stored objects. */
export function jsonListText(head: JsonTree, items: readonly JsonTree[]): string {
  return `${JSON.stringify(head).slice(0, -1)},"items":[${items.map(jsonText).join(',')}]}`;
}
