import type { StaticType } from './types.ts';

/**
 * What an expression works on. A Go `int` is a bigint (wrapped to 64 bits), a Go `float64` is a number; the two never
 * mix without a rule of the language saying how. A map is a Map, so that no key can reach a prototype.
 */
export type ExprValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | ExprList
  | ExprMap
  | Uint8Array
  | GoTime
  | GoDuration
  | GoLocation
  | GoEnum
  | HostFunction;

export type ExprList = readonly ExprValue[];
export type ExprMap = ReadonlyMap<ExprValue, ExprValue>;

/** The names that an expression can use. A null-prototype or ordinary record; only own properties count. */
export type Environment = Readonly<Record<string, ExprValue>>;

/** A Go `map[any]any`, as `groupBy` and `fromPairs` make; every other map has string keys only. */
export class AnyKeyMap extends Map<ExprValue, ExprValue> {}

/** A Go `time.Time`: nanoseconds since 1970 UTC and the location it is shown in. */
export class GoTime {
  readonly nanoseconds: bigint;
  readonly location: GoLocation;

  constructor(nanoseconds: bigint, location: GoLocation) {
    this.nanoseconds = nanoseconds;
    this.location = location;
  }
}

/** A Go `time.Duration` in nanoseconds, wrapped to 64 bits. */
export class GoDuration {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = wrapInt64(nanoseconds);
  }
}

/** A Go `*time.Location`, restricted to UTC and fixed offsets: the time zone database is not part of a pure library. */
export class GoLocation {
  readonly name: string;
  readonly offsetSeconds: number;

  constructor(name: string, offsetSeconds: number) {
    this.name = name;
    this.offsetSeconds = offsetSeconds;
  }
}

export const UTC = new GoLocation('UTC', 0);

/** A Go integer type with names, `time.Month` or `time.Weekday`. Not comparable with plain integers, as in Go. */
export class GoEnum {
  readonly type: 'time.Month' | 'time.Weekday';
  readonly value: number;
  readonly name: string;

  constructor(type: 'time.Month' | 'time.Weekday', value: number, name: string) {
    this.type = type;
    this.value = value;
    this.name = name;
  }
}

/** A function that the host puts into the environment. Arguments are checked against `params` before the call. */
export class HostFunction {
  readonly name: string;
  readonly params: readonly StaticType[];
  readonly result: StaticType;
  readonly call: (args: readonly ExprValue[]) => ExprValue;

  /** `call` may throw any Error; its message becomes the reason of the ExprError. */
  constructor(
    name: string,
    params: readonly StaticType[],
    result: StaticType,
    call: (args: readonly ExprValue[]) => ExprValue,
  ) {
    this.name = name;
    this.params = params;
    this.result = result;
    this.call = call;
  }
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

export const isInt64 = (value: bigint): boolean => value >= MIN_INT64 && value <= MAX_INT64;

/** Overflow wraps around, as it does in Go. */
export const wrapInt64 = (value: bigint): bigint => (isInt64(value) ? value : BigInt.asIntN(64, value));

/** A float as Go converts it to an int: towards zero; what does not fit (NaN, infinities, too large) is the least int. */
export function floatToInt(value: number): bigint {
  if (!Number.isFinite(value)) return MIN_INT64;
  const integer = BigInt(Math.trunc(value));
  return isInt64(integer) ? integer : MIN_INT64;
}

export const isList = (value: ExprValue): value is ExprList => Array.isArray(value);
export const isMap = (value: ExprValue): value is ExprMap => value instanceof Map;
