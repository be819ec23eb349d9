import * as fc from 'fast-check';
import { isObject, type Json, type JsonObject } from '../../../src/simulator/patch/json.ts';

/** Few and clashing keys, so that documents and patches meet. */
const key = fc.constantFrom('a', 'b', 'c', 'constructor', '__proto__');

const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<Json>(null, true, 0, 1, 'x', ''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries): JsonObject => Object.fromEntries(entries)),
  ),
}));

export const arbitraryJson: fc.Arbitrary<Json> = value;

export const arbitraryObject: fc.Arbitrary<JsonObject> = fc
  .array(fc.tuple(key, value), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries));

/** Removes nulls at every level of objects, as a document that has been through a merge has none. */
export function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, member]) => {
      if (member === null) return [];
      return [[name, isObject(member) ? withoutNulls(member) : member]];
    }),
  );
}
