import { MONTHS, WEEKDAYS } from '../values/civil-names.ts';
import { daysInMonth } from './calendar.ts';
import { dayOfYear, readClock, timeFromClock, weekdayOf } from './go-time.ts';
import type { GoTime } from './values.ts';
import { GoLocation, UTC } from './values.ts';

/** Go's layouts by example: each part of `Mon Jan 2 15:04:05 MST 2006` stands for itself in the wanted form. */
const PART =
  /January|Jan|Monday|Mon|MST|2006|__2|_2|002|01|02|03|04|05|06|15|PM|pm|Z07:00:00|Z07:00|Z070000|Z0700|Z07|-07:00:00|-07:00|-070000|-0700|-07|[.,]0+(?!\d)|[.,]9+(?!\d)|[1-5]/g;

const RFC3339 = '2006-01-02T15:04:05Z07:00';
export const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';
export const STRING_LAYOUT = '2006-01-02 15:04:05.999999999 -0700 MST';

/** The layouts that `date` tries in turn when it is given none. */
export const DEFAULT_LAYOUTS: readonly string[] = [
  '2006-01-02',
  '15:04:05',
  '2006-01-02 15:04:05',
  RFC3339,
  '02 Jan 06 15:04 MST',
  'Monday, 02-Jan-06 15:04:05 MST',
  'Mon, 02 Jan 2006 15:04:05 MST',
];

type Piece = { readonly part: boolean; readonly text: string };

function split(layout: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of layout.matchAll(PART)) {
    if (found.index > at) pieces.push({ part: false, text: layout.slice(at, found.index) });
    pieces.push({ part: true, text: found[0] });
    at = found.index + found[0].length;
  }
  if (at < layout.length) pieces.push({ part: false, text: layout.slice(at) });
  return pieces;
}

const pad = (value: number, width: number, fill = '0'): string => String(value).padStart(width, fill);

/** Formats a moment by a Go layout. */
export function formatTime(time: GoTime, layout: string): string {
  return split(layout)
    .map(({ part, text }) => (part ? formatPart(time, text) : text))
    .join('');
}

function formatPart(time: GoTime, part: string): string {
  const clock = readClock(time);
  const hour12 = clock.hour % 12 === 0 ? 12 : clock.hour % 12;
  const weekday = WEEKDAYS[weekdayOf(clock.daysSinceEpoch)] ?? '';
  const month = MONTHS[clock.month - 1] ?? '';
  switch (part) {
    case '2006':
      return clock.year < 0 ? `-${pad(-clock.year, 4)}` : pad(clock.year, 4);
    case '06':
      return pad(((clock.year % 100) + 100) % 100, 2);
    case 'January':
      return month;
    case 'Jan':
      return month.slice(0, 3);
    case '01':
      return pad(clock.month, 2);
    case '1':
      return String(clock.month);
    case 'Monday':
      return weekday;
    case 'Mon':
      return weekday.slice(0, 3);
    case '02':
      return pad(clock.day, 2);
    case '_2':
      return pad(clock.day, 2, ' ');
    case '2':
      return String(clock.day);
    case '002':
      return pad(dayOfYear(clock, clock.daysSinceEpoch), 3);
    case '__2':
      return pad(dayOfYear(clock, clock.daysSinceEpoch), 3, ' ');
    case '15':
      return pad(clock.hour, 2);
    case '03':
      return pad(hour12, 2);
    case '3':
      return String(hour12);
    case '04':
      return pad(clock.minute, 2);
    case '4':
      return String(clock.minute);
    case '05':
      return pad(clock.second, 2);
    case '5':
      return String(clock.second);
    case 'PM':
      return clock.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return clock.hour >= 12 ? 'pm' : 'am';
    case 'MST':
      return time.location.name === '' ? formatOffset(time.location.offsetSeconds, '-0700') : time.location.name;
    default:
      return /^[.,]/.test(part)
        ? formatFraction(clock.nanosecond, part)
        : formatOffset(time.location.offsetSeconds, part);
  }
}

function formatFraction(nanosecond: number, part: string): string {
  const digits = pad(nanosecond, 9).slice(0, part.length - 1);
  if (part.charAt(1) === '0') return part.charAt(0) + digits;
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : part.charAt(0) + trimmed;
}

function formatOffset(offsetSeconds: number, part: string): string {
  if (part.startsWith('Z') && offsetSeconds === 0) return 'Z';
  const size = Math.abs(offsetSeconds);
  const fields = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map((field) => pad(field, 2));
  const count = part.replace(/\D/g, '').length / 2;
  return (offsetSeconds < 0 ? '-' : '+') + fields.slice(0, count).join(part.includes(':') ? ':' : '');
}

type Parsed = {
  year: number;
  month: number;
  day: number;
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  afternoon: boolean | undefined;
  offsetSeconds: number | undefined;
  zone: string | undefined;
};

const OFFSET = /^([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?$/;

/** Longest text and most pieces of a layout that are read: neighbouring parts of variable width may need backtracking. */
const MAX_TEXT = 128;
const MAX_PIECES = 24;

/** How the text of each part looks. */
function pattern(part: string): string {
  switch (part) {
    case '2006':
      return '\\d{4}';
    case 'January':
      return MONTHS.join('|');
    case 'Jan':
      return MONTHS.map((name) => name.slice(0, 3)).join('|');
    case 'Monday':
      return WEEKDAYS.join('|');
    case 'Mon':
      return WEEKDAYS.map((name) => name.slice(0, 3)).join('|');
    case '01':
    case '02':
    case '03':
    case '04':
    case '05':
    case '06':
      return '\\d{2}';
    case '15':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
      return '\\d{1,2}';
    case '_2':
      return ' ?\\d{1,2}';
    case '002':
      return '\\d{3}';
    case '__2':
      return ' {0,2}\\d{1,3}';
    case 'PM':
      return 'AM|PM';
    case 'pm':
      return 'am|pm';
    case 'MST':
      return 'UTC|[A-Z]{3,5}|[+-]\\d{2}';
    default:
      return /^[.,]/.test(part) ? fractionPattern(part) : offsetPattern(part);
  }
}

const fractionPattern = (part: string): string =>
  part.charAt(1) === '0' ? `[.,]\\d{${part.length - 1}}` : '(?:[.,]\\d+)?';

function offsetPattern(part: string): string {
  const digits = part.slice(1).replaceAll('07', '\\d{2}').replaceAll('00', '\\d{2}');
  return part.startsWith('Z') ? `Z|[+-]${digits}` : `[+-]${digits}`;
}

/**
 * Reads a text by a Go layout; undefined when it does not fit. A text without a zone is in `location`. A zone's
 * abbreviation other than UTC says nothing about its offset, so, as in Go, it counts as UTC under that name.
 */
export function parseTime(text: string, layout: string, location: GoLocation = UTC): GoTime | undefined {
  const pieces = split(layout);
  if (text.length > MAX_TEXT || pieces.length > MAX_PIECES) return undefined;
  const source = pieces.map(({ part, text: piece }) => (part ? `(${pattern(piece)})` : escape(piece)));
  // Go accepts a fraction after the seconds even where the layout has none.
  const lenient = source.map((piece, index) => {
    const isSecond = pieces[index]?.part === true && /^0?5$/.test(pieces[index].text);
    return isSecond && !/^[.,]/.test(pieces[index + 1]?.text ?? '') ? `${piece}((?:[.,]\\d+)?)` : piece;
  });
  const found = new RegExp(`^${lenient.join('')}$`, 'i').exec(text);
  if (found === null) return undefined;
  const parts = pieces.flatMap(({ part, text: piece }, index) => {
    if (!part) return [];
    return lenient[index] === source[index] ? [piece] : [piece, '.9'];
  });
  const parsed: Parsed = {
    year: 0,
    month: 1,
    day: 1,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    afternoon: undefined,
    offsetSeconds: undefined,
    zone: undefined,
  };
  parts.forEach((part, index) => {
    assign(parsed, part, (found[index + 1] ?? '').trim());
  });
  return assemble(parsed, location);
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Two-digit years from 69 on belong to the 20th century, as in Go. */
const CENTURY_PIVOT = 69;

function assign(parsed: Parsed, part: string, text: string): void {
  const value = Number(text);
  switch (part) {
    case '2006':
      parsed.year = value;
      return;
    case '06':
      parsed.year = value >= CENTURY_PIVOT ? 1900 + value : 2000 + value;
      return;
    case 'January':
    case 'Jan':
      parsed.month = 1 + MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase());
      return;
    case '01':
    case '1':
      parsed.month = value;
      return;
    case '02':
    case '_2':
    case '2':
      parsed.day = value;
      return;
    case '002':
    case '__2':
      parsed.yearDay = value;
      return;
    case '15':
    case '03':
    case '3':
      parsed.hour = value;
      return;
    case '04':
    case '4':
      parsed.minute = value;
      return;
    case '05':
    case '5':
      parsed.second = value;
      return;
    case 'PM':
    case 'pm':
      parsed.afternoon = text.toLowerCase() === 'pm';
      return;
    case 'MST':
      parsed.zone = text;
      return;
    case 'Monday':
    case 'Mon':
      return;
    default:
      if (/^[.,]/.test(part)) parsed.nanosecond = Number(text.slice(1).padEnd(9, '0').slice(0, 9));
      else parsed.offsetSeconds = readOffset(text);
  }
}

function readOffset(text: string): number {
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = OFFSET.exec(text) ?? [];
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -size : size;
}

function assemble(parsed: Parsed, location: GoLocation): GoTime | undefined {
  let { hour, month, day } = parsed;
  if (parsed.afternoon !== undefined) {
    if (hour > 12) return undefined;
    hour = (hour % 12) + (parsed.afternoon ? 12 : 0);
  }
  if (parsed.yearDay !== undefined) {
    month = 1;
    day = parsed.yearDay;
  } else if (month < 1 || month > 12 || day < 1 || day > daysInMonth(parsed.year, month)) {
    return undefined;
  }
  if (hour > 23 || parsed.minute > 59 || parsed.second > 59) return undefined;
  return timeFromClock({ ...parsed, month, day, hour }, zoneOf(parsed, location));
}

function zoneOf({ offsetSeconds, zone }: Parsed, location: GoLocation): GoLocation {
  if (offsetSeconds !== undefined) return offsetSeconds === 0 ? UTC : new GoLocation(zone ?? '', offsetSeconds);
  if (zone === undefined) return location;
  return zone.toUpperCase() === 'UTC' ? UTC : new GoLocation(zone, 0);
}

const FIXED_ZONE = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/;

/** The location of a name: UTC (also `""`, `GMT`, `Etc/UTC`) or a fixed offset such as `+02:00` or `UTC-5`. */
export function findLocation(name: string): GoLocation | undefined {
  if (['', 'UTC', 'Etc/UTC', 'Etc/GMT', 'GMT'].includes(name)) return name === 'GMT' ? new GoLocation('GMT', 0) : UTC;
  const found = FIXED_ZONE.exec(name);
  if (found === null) return undefined;
  const [, sign, hours = '0', minutes = '0'] = found;
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
  const size = Number(hours) * 3600 + Number(minutes) * 60;
  return new GoLocation('', sign === '-' ? -size : size);
}
