import { describe, expect, test } from 'vitest';
import { canonicalQuantity, compareQuantities, parseQuantity } from '../../../src/core/values/quantity.ts';
import { ValueError } from '../../../src/core/values/value-error.ts';
import vectors from './fixtures/quantities.json' with { type: 'json' };

describe('prints as Kubernetes does', () => {
  test.each(vectors)('%s is %s', (text, printed) => {
    expect(canonicalQuantity(text ?? '')).toBe(printed);
  });

  test('plain numbers, as YAML has them', () => {
    expect([0.5, 2000, 1, 0].map(canonicalQuantity)).toEqual(['500m', '2k', '1', '0']);
  });
});

test('compares values, not texts', () => {
  const compare = (left: string, right: string): number => compareQuantities(parseQuantity(left), parseQuantity(right));
  expect(compare('1Gi', '1024Mi')).toBe(0);
  expect(compare('1000m', '1')).toBe(0);
  expect(compare('1e3', '1k')).toBe(0);
  expect(compare('1G', '1Gi')).toBeLessThan(0);
  expect(compare('-1', '-2')).toBeGreaterThan(0);
  expect(compare('9007199254740993', '9007199254740992')).toBeGreaterThan(0);
});

test.each(['', 'abc', '1KiB', '1 Gi', '--1', '1..2', '1e', '5mm', '.', '0x10', '1e1.5', '1e999999999'])(
  'refuses %j',
  (text) => {
    expect(() => parseQuantity(text)).toThrow(ValueError);
  },
);
