import { builtinMergeNode } from './builtin-merge.ts';
import { isList, isObject, type Json, type JsonObject, own, withoutKeys } from './json.ts';
import { itemNode, type MergeNode, memberNode } from './merge-schema.ts';
import { badPatch, PatchError } from './patch-error.ts';
import { DIRECTIVE, ELEMENT_ORDER, PRIMITIVE_DELETION, RETAIN_KEYS, stripDirectives } from './strategic-directives.ts';
import { mergeKeyed, mergePrimitives, orderList } from './strategic-lists.ts';

/**
 * A strategic merge patch for a built-in kind, directives included (`$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList/…`, `$setElementOrder/…`). Neither argument is modified.
 *
 * @throws PatchError 400 for a malformed patch, 500 for an item without its merge key (as kube-apiserver answers).
 */
export function applyStrategicMerge(kind: string, doc: JsonObject, patch: Json): JsonObject {
  if (!isObject(patch)) throw badPatch('invalid JSON document');
  return mergeObject(doc, patch, builtinMergeNode(kind));
}

function mergeObject(original: JsonObject, patch: JsonObject, node: MergeNode): JsonObject {
  const directive = own(patch, DIRECTIVE);
  if (directive === 'replace') return stripMembers(withoutKeys(patch, DIRECTIVE));
  if (directive === 'delete') return {};
  if (directive !== undefined) throw new PatchError(500, `unknown patch type: ${JSON.stringify(directive)}`);
  const merged = new Map(Object.entries(retainKeys(original, patch)));
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(PRIMITIVE_DELETION)) deletePrimitives(merged, key.slice(PRIMITIVE_DELETION.length), value);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith('$')) mergeMember(merged, key, value, memberNode(node, key));
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    const name = key.slice(ELEMENT_ORDER.length);
    reorder(merged, name, order, own(original, name), memberNode(node, name));
  }
  return Object.fromEntries(merged);
}

/** The object without the members that `$retainKeys` leaves out. */
function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const retained = own(patch, RETAIN_KEYS);
  if (retained === undefined) return original;
  const named = Object.entries(patch).filter(([key, value]) => !key.startsWith('$') && value !== null);
  if (!isList(retained) || named.some(([key]) => !retained.includes(key))) {
    throw badPatch('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => retained.includes(key)));
}

function deletePrimitives(merged: Map<string, Json>, key: string, values: Json): void {
  if (!isList(values)) throw badPatch('invalid patch format of primitive list');
  const current = merged.get(key);
  if (isList(current))
    merged.set(
      key,
      current.filter((item) => !values.includes(item)),
    );
}

function mergeMember(merged: Map<string, Json>, key: string, patch: Json, node: MergeNode): void {
  const current = merged.get(key);
  if (patch === null) {
    merged.delete(key);
  } else if (isObject(current) && isObject(patch)) {
    merged.set(key, node.replaced === true ? stripMembers(patch) : mergeObject(current, patch, node));
  } else if (isList(current) && isList(patch)) {
    merged.set(key, mergeList(current, patch, node));
  } else {
    const value = stripDirectives(patch);
    if (value === undefined) merged.delete(key);
    else merged.set(key, value);
  }
}

function mergeList(original: readonly Json[], patch: readonly Json[], node: MergeNode): readonly Json[] {
  if (node.list === undefined || node.replaced === true) return stripItems(patch);
  if (node.list.type === 'set') return mergePrimitives(original, patch);
  const items = itemNode(node);
  return mergeKeyed(original, patch, node.list.keys[0] ?? '', (current, change) => mergeObject(current, change, items));
}

/** `$setElementOrder`: its order first, then that of the object before the patch. */
function reorder(
  merged: Map<string, Json>,
  key: string,
  order: Json,
  original: Json | undefined,
  node: MergeNode,
): void {
  if (!isList(order)) throw badPatch('invalid patch format of setElementOrder list');
  const list = merged.get(key);
  if (!isList(list) || node.list === undefined) return;
  const mergeKey = node.list.type === 'map' ? node.list.keys[0] : undefined;
  merged.set(key, orderList(list, order, isList(original) ? original : [], mergeKey));
}

function stripMembers(object: JsonObject): JsonObject {
  const stripped = stripDirectives(object);
  return isObject(stripped) ? stripped : {};
}

function stripItems(list: readonly Json[]): readonly Json[] {
  const stripped = stripDirectives(list);
  return isList(stripped) ? stripped : [];
}
