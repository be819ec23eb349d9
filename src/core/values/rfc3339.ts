import type { EpochMs, Timestamp } from '../../api/time.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The Gregorian calendar repeats every 400 years. */
const ERA_YEARS = 400;
const ERA_DAYS = 146_097;
/** Days from 0000-03-01, where eras begin (so that the leap day is the last of its year), to 1970-01-01. */
const DAYS_TO_UNIX_EPOCH = 719_468;

const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|(?<sign>[+-])(?<offsetHours>\d{2}):(?<offsetMinutes>\d{2}))$/;

/** A calendar day and the time of day, in UTC. `month` and `day` count from 1; `millisecond` may have a fraction. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/**
 * The moment that an RFC 3339 text names, or undefined when it is none. Accepts what Go's `time.RFC3339` parses:
 * offsets and fractions of any length; a fraction finer than a millisecond is cut.
 */
export function parseTimestamp(text: string): EpochMs | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const field = (index: number): number => Number(match[index]);
  const civil: CivilTime = {
    year: field(1),
    month: field(2),
    day: field(3),
    hour: field(4),
    minute: field(5),
    second: field(6),
    millisecond: Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)),
  };
  if (!isValidCivil(civil)) return undefined;
  const offset = offsetMs(match.groups ?? {});
  return offset === undefined ? undefined : epochFromCivil(civil) - offset;
}

function isValidCivil({ year, month, day, hour, minute, second }: CivilTime): boolean {
  return (
    month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) && hour < 24 && minute < 60 && second < 60
  );
}

function offsetMs(groups: Readonly<Record<string, string | undefined>>): number | undefined {
  const { sign, offsetHours, offsetMinutes } = groups;
  if (sign === undefined) return 0;
  const hours = Number(offsetHours);
  const minutes = Number(offsetMinutes);
  if (hours > 24 || minutes > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
}

/** Number of days of a month of the Gregorian calendar. */
function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % ERA_YEARS === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Milliseconds since the Unix epoch of a time in UTC. Fields out of range carry over (day 32 is in the next month); months do not. */
export function epochFromCivil(civil: CivilTime): EpochMs {
  const { year, month, day, hour, minute, second, millisecond } = civil;
  return (
    daysFromCivil(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + millisecond
  );
}

/** Days from 1970-01-01, by counting from March so that leap days come last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / ERA_YEARS);
  const yearOfEra = shiftedYear - era * ERA_YEARS;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * ERA_DAYS + dayOfEra - DAYS_TO_UNIX_EPOCH;
}

/** The inverse of `epochFromCivil`. */
export function civilFromEpoch(moment: EpochMs): CivilTime {
  const days = Math.floor(moment / DAY_MS);
  const timeOfDay = moment - days * DAY_MS;
  return {
    ...dateFromDays(days),
    hour: Math.floor(timeOfDay / HOUR_MS),
    minute: Math.floor((timeOfDay % HOUR_MS) / MINUTE_MS),
    second: Math.floor((timeOfDay % MINUTE_MS) / SECOND_MS),
    millisecond: timeOfDay % SECOND_MS,
  };
}

function dateFromDays(days: number): Pick<CivilTime, 'year' | 'month' | 'day'> {
  const shifted = days + DAYS_TO_UNIX_EPOCH;
  const era = Math.floor(shifted / ERA_DAYS);
  const dayOfEra = shifted - era * ERA_DAYS;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / (ERA_DAYS - 1))) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * ERA_YEARS + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** Day of the week, 0 = Sunday. */
export function weekdayOf(moment: EpochMs): number {
  const THURSDAY = 4; // 1970-01-01
  return (((Math.floor(moment / DAY_MS) + THURSDAY) % 7) + 7) % 7;
}

/** `metav1.Time`: UTC, whole seconds (cut, as Go does), e.g. `2026-11-21T20:04:36Z`. */
export function formatTimestamp(moment: EpochMs): Timestamp {
  return `${formatSeconds(civilFromEpoch(moment))}Z`;
}

/** `metav1.MicroTime`, as Leases and Events use it: six digits of fraction, e.g. `2026-11-21T20:04:36.120000Z`. */
export function formatMicroTime(moment: EpochMs): string {
  const civil = civilFromEpoch(moment);
  const micros = Math.floor(civil.millisecond * 1000);
  return `${formatSeconds(civil)}.${padded(micros, 6)}Z`;
}

function formatSeconds({ year, month, day, hour, minute, second }: CivilTime): string {
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}T${padded(hour, 2)}:${padded(minute, 2)}:${padded(second, 2)}`;
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
