import { describe, expect, test } from 'vitest';
import type { IntOrString, Rounding } from '../../../src/core/values/int-or-string.ts';
import { pauseDurationSeconds, scaled } from '../../../src/core/values/int-or-string.ts';

describe('scaled', () => {
  test.each<[IntOrString, number, Rounding, number]>([
    [3, 10, 'up', 3],
    ['25%', 10, 'up', 3],
    ['25%', 10, 'down', 2],
    ['3', 100, 'up', 3],
    ['3', 10, 'up', 1],
    ['0%', 10, 'up', 0],
    ['100%', 7, 'down', 7],
    ['29%', 100, 'up', 29],
  ])('%j of %d, %s', (value, total, rounding, expected) => {
    expect(scaled(value, total, rounding)).toBe(expected);
  });

  test.each(['', 'half', '1.5%', '%'])('refuses %j', (value) => {
    expect(() => scaled(value, 10, 'up')).toThrow('want an integer or a percentage');
  });
});

describe('pauseDurationSeconds', () => {
  test.each<[IntOrString, number]>([
    [30, 30],
    ['30', 30],
    ['-5', -5],
    ['10m', 600],
    ['1.9s', 1],
    ['-90s', -90],
    ['soon', -1],
    ['', -1],
    ['99999999999', -1],
  ])('%j', (duration, seconds) => {
    expect(pauseDurationSeconds(duration)).toBe(seconds);
  });
});
