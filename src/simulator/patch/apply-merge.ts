import { isList, isObject, type Json, type JsonObject, own } from './json.ts';
import { itemElement, itemNode, type ListMerge, type MergeNode, memberNode } from './merge-schema.ts';
import { PatchError } from './patch-error.ts';

/**
 * The live object with an applied configuration laid over it: objects member by member, lists by the identity of their
 * items, all else replaced.
 *
 * @throws PatchError 500 (as kube-apiserver answers) when the configuration has list items without identity or twice.
 */
export function mergeApplied(live: JsonObject, applied: JsonObject, node: MergeNode): JsonObject {
  return mergeObjects(live, applied, node, '');
}

function mergeObjects(live: JsonObject, applied: JsonObject, node: MergeNode, path: string): JsonObject {
  const members = Object.entries(applied).map(
    ([key, value]) => [key, mergeValues(own(live, key), value, memberNode(node, key), `${path}.${key}`)] as const,
  );
  return { ...live, ...Object.fromEntries(members) };
}

function mergeValues(live: Json | undefined, applied: Json, node: MergeNode, path: string): Json {
  if (isObject(applied) && node.atomic !== true) {
    return mergeObjects(isObject(live) ? live : {}, applied, node, path);
  }
  if (isList(applied) && node.list !== undefined) {
    return mergeLists(isList(live) ? live : [], applied, node, node.list, path);
  }
  // Null claims a field without giving it a value: what a list or object holds stays.
  if (applied === null && (isList(live) || isObject(live))) return live;
  return applied;
}

function mergeLists(
  live: readonly Json[],
  applied: readonly Json[],
  node: MergeNode,
  list: ListMerge,
  path: string,
): readonly Json[] {
  const names = identify(applied, list, path);
  const items = itemNode(node);
  const liveItems = live.map((item, index) => ({ name: itemElement(list, item) ?? `i:${index}`, item }));
  const byName = new Map(liveItems.map(({ name, item }) => [name, item]));
  const merged = applied.map((item, index) =>
    mergeValues(byName.get(names[index] ?? ''), item, items, `${path}[${index}]`),
  );
  return interleave(
    liveItems,
    merged.map((item, index) => ({ name: names[index] ?? '', item })),
  );
}

function identify(applied: readonly Json[], list: ListMerge, path: string): readonly string[] {
  const seen = new Set<string>();
  return applied.map((item, index) => {
    const name = itemElement(list, item);
    if (name === undefined) {
      const keys = list.type === 'map' ? list.keys.map((key) => JSON.stringify(key)).join(', ') : '';
      const reason = `associative list with keys has an element that omits key field ${keys} (and doesn't have default value)`;
      throw invalidConfiguration(`${path}: element ${index}: ${reason}`);
    }
    if (seen.has(name)) throw invalidConfiguration(`${path}: duplicate entries for key ${name.slice(2)}`);
    seen.add(name);
    return name;
  });
}

function invalidConfiguration(reason: string): PatchError {
  return new PatchError(500, `failed to create typed patch object: ${reason}`);
}

interface NamedItem {
  readonly name: string;
  readonly item: Json;
}

/** The applied items in their order; those that only the live list has stay between their neighbours. */
function interleave(live: readonly NamedItem[], applied: readonly NamedItem[]): readonly Json[] {
  const appliedNames = new Set(applied.map(({ name }) => name));
  const liveNames = new Set(live.map(({ name }) => name));
  const result: Json[] = [];
  let next = 0;
  const takeThrough = (name: string | undefined): void => {
    for (const entry of live.slice(next)) {
      if (entry.name === name) break;
      next++;
      if (!appliedNames.has(entry.name)) result.push(entry.item);
    }
  };
  for (const [index, { name, item }] of applied.entries()) {
    // What stands before the next item that both lists have comes before it.
    takeThrough(applied.slice(index).find((entry) => liveNames.has(entry.name))?.name);
    result.push(item);
    if (live[next]?.name === name) next++;
  }
  takeThrough(undefined);
  return result;
}
