import { describe, expect, test } from 'vitest';
import { deepEqual } from '../../../src/core/values/deep-equal.ts';
import { applyMergePatch, mergePatchBetween } from '../../../src/core/values/merge-patch.ts';

/** Examples of RFC 7386, appendix A: target, patch, result. */
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('applies %#', (target, patch, result) => {
  expect(applyMergePatch(target, patch)).toEqual(result);
});

describe('mergePatchBetween', () => {
  test('says only what changed', () => {
    const source = { status: { phase: 'Progressing', message: 'x', steps: [1, 2] }, kept: 1 };
    const target = { status: { phase: 'Healthy', steps: [1] }, kept: 1, added: {} };
    expect(mergePatchBetween(source, target)).toEqual({
      status: { phase: 'Healthy', message: null, steps: [1] },
      added: {},
    });
  });

  test('is undefined when nothing changed', () => {
    expect(mergePatchBetween({ a: { b: [1] }, c: undefined }, { a: { b: [1] } })).toBeUndefined();
    expect(mergePatchBetween({ a: { b: 1 } }, { a: { b: 1, gone: undefined }, c: null })).toBeUndefined();
  });
});

test('deepEqual ignores key order and undefined members, nothing else', () => {
  expect(deepEqual({ a: 1, b: [{ c: null }] }, { b: [{ c: null, d: undefined }], a: 1 })).toBe(true);
  expect(deepEqual({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
  expect(deepEqual([], {})).toBe(false);
  expect(deepEqual(null, undefined)).toBe(false);
  expect(deepEqual({ toString: 1 }, {})).toBe(false);
});
