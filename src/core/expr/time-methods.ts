import { MONTHS, WEEKDAYS } from '../values/civil-names.ts';
import { formatDuration, NANOSECONDS } from './go-duration.ts';
import { dayOfYear, floorDivide, readClock, timeFromClock, weekdayOf } from './go-time.ts';
import { Fault } from './limits.ts';
import { formatTime, STRING_LAYOUT } from './time-layout.ts';
import { goTypeOf, typeOf } from './type-of.ts';
import type { StaticType } from './types.ts';
import { BOOL, DURATION, FLOAT, INT, INT64, LOCATION, MONTH, STRING, TIME, WEEKDAY } from './types.ts';
import type { ExprValue } from './values.ts';
import { GoDuration, GoEnum, GoLocation, GoTime, HostFunction, UTC } from './values.ts';

type Method<Self> = {
  readonly params: readonly StaticType[];
  readonly result: StaticType;
  readonly call: (self: Self, args: readonly ExprValue[]) => ExprValue;
};

const method = <Self>(
  params: readonly StaticType[],
  result: StaticType,
  call: (self: Self, args: readonly ExprValue[]) => ExprValue,
): Method<Self> => ({ params, result, call });

const timeArgument = (value: ExprValue | undefined): GoTime =>
  value instanceof GoTime ? value : wrongArgument(value, 'time.Time');
const durationArgument = (value: ExprValue | undefined): GoDuration =>
  value instanceof GoDuration ? value : wrongArgument(value, 'time.Duration');
const locationArgument = (value: ExprValue | undefined): GoLocation =>
  value instanceof GoLocation ? value : wrongArgument(value, '*time.Location');
const textArgument = (value: ExprValue | undefined): string =>
  typeof value === 'string' ? value : wrongArgument(value, 'string');
const intArgument = (value: ExprValue | undefined): number =>
  typeof value === 'bigint' ? Number(value) : wrongArgument(value, 'int');

function wrongArgument(value: ExprValue | undefined, wanted: string): never {
  throw new Fault(`cannot use ${goTypeOf(value ?? null)} as argument (type ${wanted})`);
}

/** Furthest that AddDate moves in years, months or days: keeps calendar arithmetic within exact integers. */
const MAX_DATE_SHIFT = 10_000_000;

function addDate(time: GoTime, args: readonly ExprValue[]): GoTime {
  const [years = 0, months = 0, days = 0] = args.map(intArgument);
  if (![years, months, days].every((shift) => Math.abs(shift) <= MAX_DATE_SHIFT)) {
    throw new Fault(`AddDate moves by at most ${MAX_DATE_SHIFT}`);
  }
  const clock = readClock(time);
  const moved = { ...clock, year: clock.year + years, month: clock.month + months, day: clock.day + days };
  return timeFromClock(moved, time.location);
}

/** Go measures Truncate and Round from the year 1, which differs from 1970 by whole days and so matters for long steps. */
const YEAR_ONE = -62_135_596_800n * NANOSECONDS.s;

const remainder = (time: GoTime, step: bigint): bigint =>
  time.nanoseconds - YEAR_ONE - floorDivide(time.nanoseconds - YEAR_ONE, step) * step;

function truncate(time: GoTime, step: bigint): GoTime {
  return step <= 0n ? time : new GoTime(time.nanoseconds - remainder(time, step), time.location);
}

function round(time: GoTime, step: bigint): GoTime {
  if (step <= 0n) return time;
  const rest = remainder(time, step);
  return new GoTime(time.nanoseconds + (rest + rest < step ? -rest : step - rest), time.location);
}

const reading = (field: 'year' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond'): Method<GoTime> =>
  method([], INT, (time) => BigInt(readClock(time)[field]));

const unix = (unit: bigint): Method<GoTime> => method([], INT64, (time) => floorDivide(time.nanoseconds, unit));

const compare = (a: GoTime, b: GoTime): bigint =>
  a.nanoseconds < b.nanoseconds ? -1n : BigInt(Number(a.nanoseconds > b.nanoseconds));

const TIME_METHODS: ReadonlyMap<string, Method<GoTime>> = new Map([
  ['Year', reading('year')],
  ['Day', reading('day')],
  ['Hour', reading('hour')],
  ['Minute', reading('minute')],
  ['Second', reading('second')],
  ['Nanosecond', reading('nanosecond')],
  ['Month', method([], MONTH, (time) => monthOf(readClock(time).month))],
  ['Weekday', method([], WEEKDAY, (time) => weekdayEnum(weekdayOf(readClock(time).daysSinceEpoch)))],
  ['YearDay', method([], INT, (time) => yearDay(time))],
  ['Unix', unix(NANOSECONDS.s)],
  ['UnixMilli', unix(NANOSECONDS.ms)],
  ['UnixMicro', unix(NANOSECONDS.us)],
  ['UnixNano', unix(NANOSECONDS.ns)],
  ['Add', method([DURATION], TIME, (time, [d]) => shift(time, durationArgument(d).nanoseconds))],
  ['Sub', method([TIME], DURATION, (time, [other]) => timeDifference(time, timeArgument(other)))],
  ['AddDate', method([INT, INT, INT], TIME, addDate)],
  ['Before', method([TIME], BOOL, (time, [other]) => compare(time, timeArgument(other)) < 0n)],
  ['After', method([TIME], BOOL, (time, [other]) => compare(time, timeArgument(other)) > 0n)],
  ['Equal', method([TIME], BOOL, (time, [other]) => compare(time, timeArgument(other)) === 0n)],
  ['Compare', method([TIME], INT, (time, [other]) => compare(time, timeArgument(other)))],
  ['IsZero', method([], BOOL, (time) => time.nanoseconds === YEAR_ONE)],
  ['Truncate', method([DURATION], TIME, (time, [step]) => truncate(time, durationArgument(step).nanoseconds))],
  ['Round', method([DURATION], TIME, (time, [step]) => round(time, durationArgument(step).nanoseconds))],
  ['In', method([LOCATION], TIME, (time, [location]) => new GoTime(time.nanoseconds, locationArgument(location)))],
  ['UTC', method([], TIME, (time) => new GoTime(time.nanoseconds, UTC))],
  ['Location', method([], LOCATION, (time) => time.location)],
  ['Format', method([STRING], STRING, (time, [layout]) => formatTime(time, textArgument(layout)))],
  ['String', method([], STRING, (time) => formatTime(time, STRING_LAYOUT))],
]);

const yearDay = (time: GoTime): bigint => {
  const clock = readClock(time);
  return BigInt(dayOfYear(clock, clock.daysSinceEpoch));
};
const monthOf = (month: number): GoEnum => new GoEnum('time.Month', month, MONTHS[month - 1] ?? '');
const weekdayEnum = (day: number): GoEnum => new GoEnum('time.Weekday', day, WEEKDAYS[day] ?? '');

/** `time` moved by a number of nanoseconds. */
export const shift = (time: GoTime, nanoseconds: bigint): GoTime =>
  new GoTime(time.nanoseconds + nanoseconds, time.location);

const MAX_DURATION = 2n ** 63n - 1n;

/** Go's Sub: the difference, held at the longest duration where it would not fit. */
export function timeDifference(a: GoTime, b: GoTime): GoDuration {
  const difference = a.nanoseconds - b.nanoseconds;
  if (difference > MAX_DURATION) return new GoDuration(MAX_DURATION);
  return new GoDuration(difference < -MAX_DURATION - 1n ? -MAX_DURATION - 1n : difference);
}

const inUnits = (unit: bigint): Method<GoDuration> =>
  method([], FLOAT, ({ nanoseconds }) => Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit));

const wholeUnits = (unit: bigint): Method<GoDuration> => method([], INT64, ({ nanoseconds }) => nanoseconds / unit);

function roundDuration(nanoseconds: bigint, step: bigint): bigint {
  if (step <= 0n) return nanoseconds;
  const rest = nanoseconds % step;
  const size = rest < 0n ? -rest : rest;
  const towardsZero = nanoseconds - rest;
  if (size + size < step) return towardsZero;
  return nanoseconds < 0n ? towardsZero - step : towardsZero + step;
}

const DURATION_METHODS: ReadonlyMap<string, Method<GoDuration>> = new Map([
  ['Hours', inUnits(NANOSECONDS.h)],
  ['Minutes', inUnits(NANOSECONDS.m)],
  ['Seconds', inUnits(NANOSECONDS.s)],
  ['Milliseconds', wholeUnits(NANOSECONDS.ms)],
  ['Microseconds', wholeUnits(NANOSECONDS.us)],
  ['Nanoseconds', wholeUnits(NANOSECONDS.ns)],
  ['Abs', method([], DURATION, ({ nanoseconds: n }) => new GoDuration(n < 0n ? -n : n))],
  [
    'Truncate',
    method([DURATION], DURATION, ({ nanoseconds: n }, [step]) => truncateDuration(n, durationArgument(step))),
  ],
  [
    'Round',
    method([DURATION], DURATION, ({ nanoseconds: n }, [step]) => {
      return new GoDuration(roundDuration(n, durationArgument(step).nanoseconds));
    }),
  ],
  ['String', method([], STRING, ({ nanoseconds }) => formatDuration(nanoseconds))],
]);

const truncateDuration = (nanoseconds: bigint, { nanoseconds: step }: GoDuration): GoDuration =>
  new GoDuration(step <= 0n ? nanoseconds : nanoseconds - (nanoseconds % step));

const ENUM_METHODS: ReadonlyMap<string, Method<GoEnum>> = new Map([['String', method([], STRING, ({ name }) => name)]]);

const LOCATION_METHODS: ReadonlyMap<string, Method<GoLocation>> = new Map([
  ['String', method([], STRING, ({ name }) => name)],
]);

/** The method `name` of a time, duration, month, weekday or location, bound to it; undefined when it has none. */
export function boundMethod(self: ExprValue, name: string): HostFunction | undefined {
  if (self instanceof GoTime) return bind(TIME_METHODS, self, name);
  if (self instanceof GoDuration) return bind(DURATION_METHODS, self, name);
  if (self instanceof GoEnum) return bind(ENUM_METHODS, self, name);
  if (self instanceof GoLocation) return bind(LOCATION_METHODS, self, name);
  return undefined;
}

function bind<Self>(methods: ReadonlyMap<string, Method<Self>>, self: Self, name: string): HostFunction | undefined {
  const found = methods.get(name);
  if (found === undefined) return undefined;
  return new HostFunction(name, found.params, found.result, (args) => found.call(self, args));
}

/** The type of the method `name` on values of a type; undefined when it has none. */
export function methodType(type: StaticType, name: string): StaticType | undefined {
  if (type.kind !== 'named') return undefined;
  const sample = SAMPLES.find((value) => {
    const own = typeOf(value);
    return own.kind === 'named' && own.name === type.name;
  });
  const found = sample === undefined ? undefined : boundMethod(sample, name);
  return found === undefined ? undefined : { kind: 'function', params: found.params, result: found.result };
}

/** One value of each named type, to ask for its methods. */
const SAMPLES: readonly ExprValue[] = [new GoTime(0n, UTC), new GoDuration(0n), monthOf(1), weekdayEnum(0), UTC];
