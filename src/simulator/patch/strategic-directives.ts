import { isList, isObject, type Json } from './json.ts';

export const DIRECTIVE = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const PRIMITIVE_DELETION = '$deleteFromPrimitiveList/';
export const ELEMENT_ORDER = '$setElementOrder/';

/**
 * What a part of a patch adds where the object has nothing to merge it with: no nulls, no directives; `undefined` for an
 * object that is itself a directive.
 */
export function stripDirectives(patch: Json): Json | undefined {
  if (isList(patch)) {
    return patch.flatMap((item) => {
      const stripped = stripDirectives(item);
      return stripped === undefined ? [] : [stripped];
    });
  }
  if (!isObject(patch)) return patch;
  if (Object.hasOwn(patch, DIRECTIVE)) return undefined;
  const members = Object.entries(patch).flatMap(([key, value]) => {
    const stripped = key.startsWith('$') || value === null ? undefined : stripDirectives(value);
    return stripped === undefined ? [] : [[key, stripped] as const];
  });
  return Object.fromEntries(members);
}
