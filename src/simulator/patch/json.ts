/** A JSON value. `readonly` because every function of the simulator's libraries leaves its inputs as they were. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The object's own member, never one that it inherits: a field may be called `constructor`. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The member at a path of object keys, or `undefined` where the path leaves the object. */
export function ownAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let node = value;
  for (const key of path) node = isObject(node) ? own(node, key) : undefined;
  return node;
}

/** The member or item of a value, `undefined` where it has none. */
export function partAt(value: Json | undefined, key: string | number): Json | undefined {
  if (typeof key === 'number') return isList(value) ? value[key] : undefined;
  return isObject(value) ? own(value, key) : undefined;
}

/** `after`, with all that is equal in `before` taken from there: equal parts are the same, and quickly compared. */
export function sharedWith(before: Json | undefined, after: Json): Json {
  if (before === undefined || before === after || typeof after !== 'object' || after === null) return after;
  if (isList(after)) {
    const items = after.map((item, index) => sharedWith(partAt(before, index), item));
    const isSame = isList(before) && before.length === items.length && items.every((item, at) => item === before[at]);
    return isSame ? before : items;
  }
  if (!isObject(before)) return after;
  const members = Object.entries(after).map(([key, member]) => [key, sharedWith(own(before, key), member)] as const);
  const isSame =
    Object.keys(before).length === members.length && members.every(([key, member]) => member === own(before, key));
  return isSame ? before : Object.fromEntries(members);
}

/** A copy with one member set; computed keys define own members, even `__proto__`. */
export function withKey(object: JsonObject, key: string, value: Json): JsonObject {
  return { ...object, [key]: value };
}

/** A copy without the given members. */
export function withoutKeys(object: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Deep equality of JSON values; the order of object members does not matter. */
export function jsonEqual(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (isList(left)) {
    return isList(right) && left.length === right.length && left.every((item, index) => jsonEqual(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && jsonEqual(left[key], right[key]))
  );
}

/** JSON text with object members in sorted order: equal values have equal texts. */
export function canonicalJson(value: Json): string {
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}
