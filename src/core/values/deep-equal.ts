import type { JsonObject } from './json.ts';
import { isJsonArray, isJsonObject, member } from './json.ts';

/** Structural equality of JSON values (typed objects included). Key order does not matter; a member that is `undefined` equals an absent one. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isJsonArray(left)) {
    return isJsonArray(right) && left.length === right.length && left.every((item, i) => deepEqual(item, right[i]));
  }
  return isJsonObject(left) && isJsonObject(right) && sameMembers(left, right);
}

function sameMembers(left: JsonObject, right: JsonObject): boolean {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) {
    if (!deepEqual(member(left, key), member(right, key))) return false;
  }
  return true;
}
