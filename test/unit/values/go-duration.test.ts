import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatDurationNanos,
  parseDuration,
  parseDurationNanos,
} from '../../../src/core/values/go-duration.ts';
import { ValueError } from '../../../src/core/values/value-error.ts';

/** What `time.ParseDuration` and `Duration.String` of Go 1.26 answer. */
const GO: readonly [text: string, nanos: bigint, printed: string][] = [
  ['0', 0n, '0s'],
  ['1h2m3.5s', 3_723_500_000_000n, '1h2m3.5s'],
  ['300ms', 300_000_000n, '300ms'],
  ['-1.5h', -5_400_000_000_000n, '-1h30m0s'],
  ['1.5us', 1500n, '1.5µs'],
  ['2µs', 2000n, '2µs'],
  ['2μs', 2000n, '2µs'],
  ['1ns', 1n, '1ns'],
  ['90s', 90_000_000_000n, '1m30s'],
  ['1m0.000000001s', 60_000_000_001n, '1m0.000000001s'],
  ['-0.5ns', 0n, '0s'],
  ['.5s', 500_000_000n, '500ms'],
  ['5.s', 5_000_000_000n, '5s'],
  ['+3m', 180_000_000_000n, '3m0s'],
  ['1.23456789012s', 1_234_567_890n, '1.23456789s'],
  ['1ms1us', 1_001_000n, '1.001ms'],
  ['9223372036854775807ns', 9_223_372_036_854_775_807n, '2562047h47m16.854775807s'],
  ['-9223372036854775808ns', -9_223_372_036_854_775_808n, '-2562047h47m16.854775808s'],
];

describe('like Go', () => {
  test.each(GO)('%s', (text, nanos, printed) => {
    expect(parseDurationNanos(text)).toBe(nanos);
    expect(formatDurationNanos(nanos)).toBe(printed);
  });

  test.each([
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['s', 'time: invalid duration "s"'],
    ['1', 'time: missing unit in duration "1"'],
    ['1x', 'time: unknown unit "x" in duration "1x"'],
    ['1h-3m', 'time: unknown unit "h-" in duration "1h-3m"'],
    ['1h 2m', 'time: unknown unit "h " in duration "1h 2m"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseDurationNanos(text)).toThrow(new ValueError(message));
  });
});

test('milliseconds keep fractions', () => {
  expect(parseDuration('1m0.5s')).toBe(60_500);
  expect(parseDuration('250us')).toBe(0.25);
  expect(formatDuration(90_000)).toBe('1m30s');
  expect(formatDuration(0.25)).toBe('250µs');
});
