import { civilFromDays, daysFromCivil } from './calendar.ts';
import { NANOSECONDS } from './go-duration.ts';
import type { GoLocation } from './values.ts';
import { GoTime } from './values.ts';

/** A moment taken apart in its own location. */
export type ClockReading = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
};

const SECONDS_PER_DAY = 86_400n;

export function readClock(time: GoTime): ClockReading & { readonly daysSinceEpoch: number } {
  const local = time.nanoseconds + BigInt(time.location.offsetSeconds) * NANOSECONDS.s;
  const seconds = floorDivide(local, NANOSECONDS.s);
  const days = floorDivide(seconds, SECONDS_PER_DAY);
  const secondOfDay = Number(seconds - days * SECONDS_PER_DAY);
  return {
    ...civilFromDays(Number(days)),
    hour: Math.floor(secondOfDay / 3600),
    minute: Math.floor(secondOfDay / 60) % 60,
    second: secondOfDay % 60,
    nanosecond: Number(local - seconds * NANOSECONDS.s),
    daysSinceEpoch: Number(days),
  };
}

/** The moment at which clocks in `location` show `reading`. */
export function timeFromClock(reading: ClockReading, location: GoLocation): GoTime {
  const secondOfDay = reading.hour * 3600 + reading.minute * 60 + reading.second;
  const seconds = BigInt(daysFromCivil(reading)) * SECONDS_PER_DAY + BigInt(secondOfDay - location.offsetSeconds);
  return new GoTime(seconds * NANOSECONDS.s + BigInt(reading.nanosecond), location);
}

export const dayOfYear = ({ year }: ClockReading, daysSinceEpoch: number): number =>
  daysSinceEpoch - daysFromCivil({ year, month: 1, day: 1 }) + 1;

/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4;
export const weekdayOf = (daysSinceEpoch: number): number => (((daysSinceEpoch + EPOCH_WEEKDAY) % 7) + 7) % 7;

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}
