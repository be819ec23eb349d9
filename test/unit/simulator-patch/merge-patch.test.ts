import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/simulator/patch/json.ts';
import { applyMergePatch } from '../../../src/simulator/patch/merge-patch.ts';
import { arbitraryJson, arbitraryObject, withoutNulls } from './arbitrary-json.ts';

describe('applyMergePatch', () => {
  // Cases of RFC 7386 appendix A whose patch and target are objects.
  test.each<[JsonObject, Json, JsonObject]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j + %j = %j', (doc, patch, expected) => {
    expect(applyMergePatch(doc, patch)).toEqual(expected);
  });

  test('refuses a patch that is no object', () => {
    expect(() => applyMergePatch({}, [])).toThrow(expect.objectContaining({ status: 400 }));
  });

  test('applying a patch twice is applying it once', () => {
    fc.assert(
      fc.property(arbitraryObject, arbitraryObject, (doc, patch) => {
        const once = applyMergePatch(doc, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  test('a document without nulls, as a patch, turns the empty object into itself', () => {
    fc.assert(
      fc.property(arbitraryObject, (doc) => {
        const plain = withoutNulls(doc);
        expect(applyMergePatch({}, plain)).toEqual(plain);
      }),
    );
  });

  test('members that the patch does not name stay, members set to null go, inputs stay as they were', () => {
    fc.assert(
      fc.property(arbitraryObject, arbitraryObject, arbitraryJson, (doc, patch, extra) => {
        const before = JSON.stringify([doc, patch]);
        const result = applyMergePatch({ ...doc, untouched: extra }, { ...patch, gone: null });
        expect(result['untouched']).toEqual(extra);
        expect(result).not.toHaveProperty('gone');
        for (const [key, value] of Object.entries(patch)) {
          expect(Object.hasOwn(result, key)).toBe(value !== null);
        }
        expect(JSON.stringify([doc, patch])).toBe(before);
      }),
    );
  });
});
