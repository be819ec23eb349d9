import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareByBytes } from '../../src/core/values/byte-order.ts';
import { deepEqual } from '../../src/core/values/deep-equal.ts';
import { formatDurationNanos, parseDurationNanos } from '../../src/core/values/go-duration.ts';
import type { JsonValue } from '../../src/core/values/json.ts';
import { isJsonArray, isJsonObject } from '../../src/core/values/json.ts';
import { applyMergePatch, mergePatchBetween } from '../../src/core/values/merge-patch.ts';
import { compareQuantities, formatQuantity, parseQuantity } from '../../src/core/values/quantity.ts';
import { formatTimestamp, parseTimestamp } from '../../src/core/values/rfc3339.ts';

test('a duration survives being printed', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (nanos) => {
      expect(parseDurationNanos(formatDurationNanos(nanos))).toBe(nanos);
    }),
  );
});

test('a time survives being printed, to the second', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
      expect(parseTimestamp(formatTimestamp(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
});

const quantityText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.bigInt({ min: 0n, max: 10n ** 12n }),
    fc.option(fc.nat(999_999), { nil: undefined }),
    fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-3'),
  )
  .map(
    ([sign, integer, fraction, suffix]) => `${sign}${integer}${fraction === undefined ? '' : `.${fraction}`}${suffix}`,
  );

test('printing a quantity keeps its value, and printing it again its text', () => {
  fc.assert(
    fc.property(quantityText, (text) => {
      const printed = formatQuantity(parseQuantity(text));
      expect(compareQuantities(parseQuantity(printed), parseQuantity(text))).toBe(0);
      expect(formatQuantity(parseQuantity(printed))).toBe(printed);
    }),
  );
});

test('comparing quantities is a total order', () => {
  fc.assert(
    fc.property(quantityText, quantityText, (left, right) => {
      const forth = compareQuantities(parseQuantity(left), parseQuantity(right));
      const back = compareQuantities(parseQuantity(right), parseQuantity(left));
      expect(Math.sign(forth) + Math.sign(back)).toBe(0);
    }),
  );
});

/** A merge patch cannot express null members; below a list it replaces whole. */
function withoutNulls(value: JsonValue | undefined): JsonValue | undefined {
  if (isJsonArray(value) || !isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, content]) => content !== null)
      .map(([key, content]) => [key, withoutNulls(content)]),
  );
}

const jsonObject = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'd'), fc.jsonValue({ maxDepth: 3 }))
  .map((value) => withoutNulls(value as JsonValue) as object);

test('applying the difference gives the target', () => {
  fc.assert(
    fc.property(jsonObject, jsonObject, (source, target) => {
      const patch = mergePatchBetween(source, target) ?? {};
      expect(deepEqual(applyMergePatch(source as JsonValue, patch), target)).toBe(true);
    }),
  );
});

const text = fc
  .array(fc.constantFrom('a', 'z', 'é', '\uffee', '\u{1f600}'), { maxLength: 5 })
  .map((units) => units.join(''));

test('texts sort as their bytes do', () => {
  fc.assert(
    fc.property(text, text, (left, right) => {
      expect(Math.sign(compareByBytes(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
  );
});
