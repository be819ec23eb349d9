import type { EpochMs } from '../../api/time.ts';
import { MONTHS, WEEKDAYS } from '../values/civil-names.ts';
import { formatDuration } from '../values/go-duration.ts';
import type { CivilTime } from '../values/rfc3339.ts';
import { civilFromEpoch, parseTimestamp, weekdayOf } from '../values/rfc3339.ts';
import { Refusal } from './template-error.ts';
import type { TemplateFunction, TemplateMap, TemplateValue } from './template-value.ts';
import { HostObject } from './template-value.ts';

const ABBREVIATED = 3;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NANOS_PER_MS = 1_000_000;
/** How Go prints a time. */
const DEFAULT_LAYOUT = '2006-01-02 15:04:05.999999999 -0700 MST';
const RFC3339_LAYOUT = '2006-01-02T15:04:05Z07:00';

/** The parts of the reference time 2006-01-02 15:04:05 that a layout is made of, longest first. */
const LAYOUT_PART =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|Z07:00|Z0700|Z07|-07:00|-0700|-07|002|01|02|03|04|05|06|_2|15|PM|pm|[.,](?:0+|9+)(?!\d)|[1-5]/g;

/** A moment in UTC in a layout of Go's `Time.Format`, e.g. `2006-01-02 15:04`. */
export function formatGoTime(layout: string, moment: EpochMs): string {
  const civil = civilFromEpoch(moment);
  return layout.replaceAll(LAYOUT_PART, (part) => formatPart(part, civil, moment));
}

function formatPart(part: string, civil: CivilTime, moment: EpochMs): string {
  const month = MONTHS[civil.month - 1] ?? '';
  const day = WEEKDAYS[weekdayOf(moment)] ?? '';
  const hour12 = civil.hour % 12 === 0 ? 12 : civil.hour % 12;
  switch (part) {
    case '2006':
      return digits(civil.year, 4);
    case '06':
      return digits(civil.year % 100, 2);
    case 'January':
      return month;
    case 'Jan':
      return month.slice(0, ABBREVIATED);
    case '01':
      return digits(civil.month, 2);
    case '1':
      return String(civil.month);
    case 'Monday':
      return day;
    case 'Mon':
      return day.slice(0, ABBREVIATED);
    case '02':
      return digits(civil.day, 2);
    case '_2':
      return String(civil.day).padStart(2, ' ');
    case '2':
      return String(civil.day);
    case '002':
      return digits(yearDay(civil, moment), 3);
    case '15':
      return digits(civil.hour, 2);
    case '03':
      return digits(hour12, 2);
    case '3':
      return String(hour12);
    case '04':
      return digits(civil.minute, 2);
    case '4':
      return String(civil.minute);
    case '05':
      return digits(civil.second, 2);
    case '5':
      return String(civil.second);
    case 'PM':
      return civil.hour < 12 ? 'AM' : 'PM';
    case 'pm':
      return civil.hour < 12 ? 'am' : 'pm';
    case 'MST':
      return 'UTC';
    default:
      return formatZoneOrFraction(part, civil);
  }
}

function formatZoneOrFraction(part: string, civil: CivilTime): string {
  if (part.startsWith('Z')) return 'Z';
  if (part.startsWith('-')) return part.replace('-', '+').replaceAll('7', '0');
  const nanos = digits(Math.floor(civil.millisecond * NANOS_PER_MS), 9);
  const fraction = nanos.padEnd(part.length - 1, '0').slice(0, part.length - 1);
  if (part.includes('0')) return `${part.charAt(0)}${fraction}`;
  const significant = fraction.replace(/0+$/, '');
  return significant === '' ? '' : `${part.charAt(0)}${significant}`;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function yearDay({ year }: CivilTime, moment: EpochMs): number {
  const firstDay = parseTimestamp(`${digits(year, 4)}-01-01T00:00:00Z`) ?? moment;
  return Math.floor((moment - firstDay) / DAY_MS) + 1;
}

/** A `time.Time` in UTC with the methods that templates use. */
export function goTime(moment: EpochMs): HostObject {
  const civil = civilFromEpoch(moment);
  const methods: [string, TemplateFunction][] = [
    ['Format', (layout) => formatGoTime(stringArgument(layout), moment)],
    ['String', () => formatGoTime(DEFAULT_LAYOUT, moment)],
    ['UTC', () => goTime(moment)],
    ['Unix', () => Math.floor(moment / SECOND_MS)],
    ['UnixMilli', () => Math.floor(moment)],
    ['Year', () => civil.year],
    ['Month', () => MONTHS[civil.month - 1]],
    ['Day', () => civil.day],
    ['Weekday', () => WEEKDAYS[weekdayOf(moment)]],
    ['YearDay', () => yearDay(civil, moment)],
    ['Hour', () => civil.hour],
    ['Minute', () => civil.minute],
    ['Second', () => civil.second],
    ['Sub', (other) => goDuration(moment - momentOf(other))],
    ['Add', (duration) => goTime(moment + durationOf(duration))],
    ['Before', (other) => moment < momentOf(other)],
    ['After', (other) => moment > momentOf(other)],
    ['Equal', (other) => moment === momentOf(other)],
  ];
  return new HostObject('time.Time', formatGoTime(DEFAULT_LAYOUT, moment), moment, new Map(methods));
}

/** A `time.Duration`. */
function goDuration(milliseconds: number): HostObject {
  const methods: [string, TemplateFunction][] = [
    ['String', () => formatDuration(milliseconds)],
    ['Milliseconds', () => Math.trunc(milliseconds)],
    ['Seconds', () => milliseconds / SECOND_MS],
    ['Minutes', () => milliseconds / MINUTE_MS],
    ['Hours', () => milliseconds / HOUR_MS],
  ];
  return new HostObject('time.Duration', formatDuration(milliseconds), milliseconds, new Map(methods));
}

/** The variable `time` of notification templates: `call .time.Now`, `call .time.Parse "2026-11-21T20:04:36Z"`. */
export function timeVariable(now: EpochMs): TemplateMap {
  return {
    Now: () => goTime(now),
    Parse: (timestamp: TemplateValue) => goTime(momentOfText(stringArgument(timestamp))),
    RFC3339: RFC3339_LAYOUT,
  };
}

function stringArgument(value: TemplateValue): string {
  if (typeof value !== 'string') throw new Refusal('wrong type: expected string');
  return value;
}

function momentOfText(timestamp: string): EpochMs {
  const moment = parseTimestamp(timestamp);
  if (moment === undefined) throw new Refusal(`${JSON.stringify(timestamp)} is not an RFC 3339 time`);
  return moment;
}

/** The moment that a `time.Time` or a number of Unix seconds means. */
export function momentOf(value: TemplateValue): EpochMs {
  if (typeof value === 'number') return value * SECOND_MS;
  const isTime = value instanceof HostObject && value.type === 'time.Time';
  if (!isTime || typeof value.content !== 'number') throw new Refusal('wrong type: expected a time');
  return value.content;
}

function durationOf(value: TemplateValue): number {
  const isDuration = value instanceof HostObject && value.type === 'time.Duration';
  if (!isDuration || typeof value.content !== 'number') throw new Refusal('wrong type: expected a duration');
  return value.content;
}
