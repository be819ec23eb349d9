import { describe, expect, it } from 'vitest';
import { show } from './support.ts';

// Each row is a source, and its value as Go prints it with `%T %v`. The environment is in support.ts.

describe('times and durations', () => {
  it.each([
    ['duration("1h30m").Minutes()', 'float64 90'],
    ['duration("1.5s")', 'time.Duration 1.5s'],
    ['duration("100ms")', 'time.Duration 100ms'],
    ['duration("-2us")', 'time.Duration -2µs'],
    ['duration("0")', 'time.Duration 0s'],
    ['string(duration("26h3m4.5s"))', 'string 26h3m4.5s'],
    ['2 * duration("1h")', 'time.Duration 2h0m0s'],
    ['1.5 * duration("1h")', 'float64 5.4e+12'],
    ['duration("1h") + duration("1m")', 'time.Duration 1h1m0s'],
    ['duration("1h") - duration("90m")', 'time.Duration -30m0s'],
    ['duration("1h") > duration("1m")', 'bool true'],
    ['duration("90s").Round(duration("1m"))', 'time.Duration 2m0s'],
    ['duration("90s").Truncate(duration("1m"))', 'time.Duration 1m0s'],
    ['duration("1500ms").Seconds()', 'float64 1.5'],
    ['duration("1s").Milliseconds()', 'int 1000'],
    ['duration("-1s").Abs()', 'time.Duration 1s'],
    ['int(duration("1us"))', 'int 1000'],
  ])('durations: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['date("2023-08-14")', 'time.Time 2023-08-14 00:00:00 +0000 UTC'],
    ['date("2023-08-14T01:02:03.5+02:00")', 'time.Time 2023-08-14 01:02:03.5 +0200 +0200'],
    ['date("2023-08-14 01:02:03")', 'time.Time 2023-08-14 01:02:03 +0000 UTC'],
    ['date("15:04:05")', 'time.Time 0000-01-01 15:04:05 +0000 UTC'],
    ['date("14/08/2023", "02/01/2006")', 'time.Time 2023-08-14 00:00:00 +0000 UTC'],
    ['date("Mon, 02 Jan 2006 15:04:05 MST")', 'time.Time 2006-01-02 15:04:05 +0000 MST'],
    ['date("02 Jan 06 15:04 UTC")', 'time.Time 2006-01-02 15:04:00 +0000 UTC'],
    ['date("Monday, 02-Jan-06 15:04:05 UTC")', 'time.Time 2006-01-02 15:04:05 +0000 UTC'],
    ['date("2024-060", "2006-002")', 'time.Time 2024-02-29 00:00:00 +0000 UTC'],
    ['date("2023-08-14 00:00:00", "2006-01-02 15:04:05", "UTC")', 'time.Time 2023-08-14 00:00:00 +0000 UTC'],
    ['date("3:04PM", "3:04PM").Hour()', 'int 15'],
    ['date("2024-02-29").AddDate(1, 0, 0)', 'time.Time 2025-03-01 00:00:00 +0000 UTC'],
  ])('dates: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['date("2023-08-14").Year()', 'int 2023'],
    ['date("2023-08-14").Month()', 'time.Month August'],
    ['date("2023-08-14").Weekday()', 'time.Weekday Monday'],
    ['string(date("2023-08-14").Weekday()) == "Monday"', 'bool true'],
    ['date("2023-08-14").Month().String()', 'string August'],
    ['date("2023-08-14").YearDay()', 'int 226'],
    ['date("2023-08-14T01:02:03Z").Unix()', 'int 1691974923'],
    ['date("1969-12-31T23:59:59.5Z").Unix()', 'int -1'],
    ['date("2023-08-14T01:02:03Z").Hour()', 'int 1'],
    ['date("0001-01-01").IsZero()', 'bool true'],
    ['date("1600-03-01").Weekday()', 'time.Weekday Wednesday'],
  ])('parts of a date: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['date("2023-08-14") - date("2023-08-13")', 'time.Duration 24h0m0s'],
    ['date("2023-08-14") + duration("36h")', 'time.Time 2023-08-15 12:00:00 +0000 UTC'],
    ['duration("1h") + date("2023-08-14")', 'time.Time 2023-08-14 01:00:00 +0000 UTC'],
    ['date("2023-08-14") > date("2023-08-13")', 'bool true'],
    ['date("2023-08-14") == date("2023-08-14T02:00:00+02:00")', 'bool true'],
    ['date("2023-08-14").AddDate(0, 1, 20)', 'time.Time 2023-10-04 00:00:00 +0000 UTC'],
    ['date("2023-08-14").Sub(date("2023-08-01")).Hours()', 'float64 312'],
    ['date("2023-08-14").Before(date("2023-08-15"))', 'bool true'],
    ['date("2023-08-14T11:22:33.123456789Z").Truncate(duration("1h"))', 'time.Time 2023-08-14 11:00:00 +0000 UTC'],
    ['date("2023-08-14T11:42:33Z").Round(duration("1h"))', 'time.Time 2023-08-14 12:00:00 +0000 UTC'],
  ])('arithmetic on dates: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['date("2023-08-14").Format("Monday, January 2, 2006 at 3:04PM")', 'string Monday, August 14, 2023 at 12:00AM'],
    ['date("2023-08-14T11:22:33.1205Z").Format("2006-01-02T15:04:05.000Z07:00")', 'string 2023-08-14T11:22:33.120Z'],
    ['date("2023-08-14T11:22:33.12Z").Format("15:04:05.999 -0700 MST")', 'string 11:22:33.12 +0000 UTC'],
    ['date("2023-08-04").Format("_2 Jan 06 002 pm")', 'string  4 Aug 23 216 am'],
    ['toJSON(date("2023-08-14"))', 'string "2023-08-14T00:00:00Z"'],
  ])('formats: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });
});
