import { describe, expect, test } from 'vitest';
import {
  civilFromEpoch,
  epochFromCivil,
  formatMicroTime,
  formatTimestamp,
  parseTimestamp,
  weekdayOf,
} from '../../../src/core/values/rfc3339.ts';

describe('parseTimestamp', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-11-21T20:04:36Z', Date.UTC(2026, 10, 21, 20, 4, 36)],
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['1969-12-31T23:59:59Z', -1000],
    ['2026-11-21T20:04:36.123456789Z', Date.UTC(2026, 10, 21, 20, 4, 36, 123)],
    ['2026-11-21T20:04:36.5+02:00', Date.UTC(2026, 10, 21, 18, 4, 36, 500)],
    ['2026-11-21T20:04:36-07:30', Date.UTC(2026, 10, 22, 3, 34, 36)],
  ])('%s', (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });

  test.each([
    '',
    'yesterday',
    '2026-11-21',
    '2026-11-21 20:04:36Z',
    '2026-11-21T20:04:36',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T20:60:00Z',
    '2026-11-21T20:04:60Z',
    '2026-11-21T20:04:36+02:60',
    '2026-00-10T00:00:00Z',
    '2026-04-31T00:00:00Z',
  ])('refuses %j', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});

test('metav1.Time has whole seconds, MicroTime six digits', () => {
  const moment = Date.UTC(2026, 10, 21, 20, 4, 36, 987);
  expect(formatTimestamp(moment)).toBe('2026-11-21T20:04:36Z');
  expect(formatMicroTime(moment)).toBe('2026-11-21T20:04:36.987000Z');
  expect(formatTimestamp(-1)).toBe('1969-12-31T23:59:59Z');
});

test('the calendar agrees with the platform from year 1 to 9999', () => {
  const DAY = 86_400_000;
  const first = Date.parse('0001-01-01T00:00:00Z');
  const last = Date.parse('9999-12-31T23:59:59Z');
  for (let moment = first; moment < last; moment += 1013 * DAY + 12_345_678) {
    const date = new Date(moment);
    const civil = civilFromEpoch(moment);
    expect([civil.year, civil.month, civil.day]).toEqual([
      date.getUTCFullYear(),
      date.getUTCMonth() + 1,
      date.getUTCDate(),
    ]);
    expect(epochFromCivil(civil)).toBe(moment);
    expect(weekdayOf(moment)).toBe(date.getUTCDay());
  }
});
