import { canonicalJson, isObject, type Json, type JsonObject, own } from './json.ts';
import { badPatch, PatchError } from './patch-error.ts';
import { DIRECTIVE, stripDirectives } from './strategic-directives.ts';

type Merge = (current: JsonObject, patch: JsonObject) => JsonObject;

/** Adds the patch's values that the list lacks. */
export function mergePrimitives(original: readonly Json[], patch: readonly Json[]): readonly Json[] {
  const all = new Map([...original, ...patch].map((item) => [canonicalJson(item), item]));
  return orderList([...all.values()], patch, original, undefined);
}

/** Merges lists of objects by the value of `mergeKey`; `$patch: delete` removes an item, `$patch: replace` all others. */
export function mergeKeyed(
  original: readonly Json[],
  patch: readonly Json[],
  mergeKey: string,
  merge: Merge,
): readonly Json[] {
  const merged = new Map<string, Json>();
  const additions: JsonObject[] = [];
  const deletions = new Set<string>();
  let replace = false;
  for (const item of patch) {
    const directive = isObject(item) ? own(item, DIRECTIVE) : undefined;
    if (!isObject(item)) throw badPatch(`expected an object with ${mergeKey}, got ${JSON.stringify(item)}`);
    if (directive === undefined) additions.push(item);
    else if (directive === 'delete') deletions.add(identity(item, mergeKey));
    else if (directive === 'replace') replace = true;
    else throw badPatch(`unknown patch type: ${JSON.stringify(directive)}`);
  }
  if (!replace) {
    for (const item of original) {
      const key = identity(item, mergeKey);
      if (!deletions.has(key)) merged.set(key, item);
    }
  }
  for (const item of additions) {
    const key = identity(item, mergeKey);
    const current = merged.get(key);
    const value = isObject(current) ? merge(current, item) : stripDirectives(item);
    if (value !== undefined) merged.set(key, value);
  }
  return replace ? [...merged.values()] : orderList([...merged.values()], additions, original, mergeKey);
}

function identity(item: Json, mergeKey: string): string {
  const value = isObject(item) ? own(item, mergeKey) : undefined;
  if (value === undefined) {
    throw new PatchError(500, `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return canonicalJson(value);
}

/**
 * Orders a list: the items in `order` come in that order; each other item keeps its place of the `original` list before
 * the first of them that followed it there, or else goes to the end (API convention "preserve order in strategic merge
 * patch").
 */
export function orderList(
  list: readonly Json[],
  order: readonly Json[],
  original: readonly Json[],
  mergeKey: string | undefined,
): readonly Json[] {
  const name = (item: Json): string => (mergeKey === undefined ? canonicalJson(item) : identity(item, mergeKey));
  const rank = new Map(order.map((item, index) => [name(item), index]));
  const place = new Map(original.map((item, index) => [name(item), index]));
  const ordered = list
    .filter((item) => rank.has(name(item)))
    .sort((left, right) => (rank.get(name(left)) ?? 0) - (rank.get(name(right)) ?? 0));
  const others = list.filter((item) => !rank.has(name(item)));
  const result: Json[] = [];
  let next = 0;
  for (const item of ordered) {
    const limit = place.get(name(item)) ?? -1;
    for (const other of others.slice(next)) {
      if ((place.get(name(other)) ?? Infinity) >= limit) break;
      result.push(other);
      next++;
    }
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}
