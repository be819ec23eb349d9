import type { Budget } from '../limits.ts';
import { Fault, MAX_DEPTH } from '../limits.ts';
import { ordered } from '../operations.ts';
import { FLOAT, INT, isNumber, UNKNOWN } from '../types.ts';
import type { ExprValue } from '../values.ts';
import { isList, wrapInt64 } from '../values.ts';
import type { Arguments, Builtin } from './builtin.ts';
import { INTEGER, NUMBER, NUMBERS } from './builtin.ts';

const isNumeric = (value: ExprValue): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

/** `ceil`, `floor` and `round` yield floats, whatever they are given. */
const rounding = (round: (value: number) => number): Builtin => ({
  params: [NUMBER],
  required: 1,
  result: FLOAT,
  call: (args) => {
    const value = args.value(0);
    return isNumeric(value) ? round(Number(value)) : args.wrong(value, 'number');
  },
});

/** Half away from zero. Adding 0.5 would be wrong for 0.49999999999999994 and for large odd numbers. */
function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

function abs(args: Arguments): ExprValue {
  const value = args.value(0);
  if (typeof value === 'bigint') return value < 0n ? wrapInt64(-value) : value;
  return typeof value === 'number' ? Math.abs(value) : args.wrong(value, 'number');
}

/** All numbers among the arguments, lists opened at any depth. */
function flatNumbers(args: Arguments): readonly (number | bigint)[] {
  const found: (number | bigint)[] = [];
  const collect = (value: ExprValue, depth: number): void => {
    tick(args.budget, depth);
    if (isNumeric(value)) found.push(value);
    else if (isList(value)) for (const item of value) collect(item, depth + 1);
    else args.wrong(value, 'number');
  };
  for (const value of args.values) collect(value, 0);
  return found;
}

function tick(budget: Budget, depth: number): void {
  if (depth > MAX_DEPTH) throw new Fault(`value is nested deeper than ${MAX_DEPTH} levels`);
  budget.step();
}

/** `max` and `min`: nil when there is no number at all, as in expr. */
const extreme = (operator: '<' | '>'): Builtin => ({
  params: [NUMBERS],
  required: 1,
  variadic: true,
  result: (types) => (types.every(isNumber) ? (types[0] ?? UNKNOWN) : UNKNOWN),
  call: (args) => {
    const [first, ...rest] = flatNumbers(args);
    if (first === undefined) return null;
    return rest.reduce((best, value) => (ordered(operator, best, value) ? value : best), first);
  },
});

const statistic = (compute: (values: readonly number[]) => number): Builtin => ({
  params: [NUMBERS],
  required: 1,
  variadic: true,
  result: (types) => (types.every(isNumber) ? FLOAT : UNKNOWN),
  call: (args) => compute(flatNumbers(args).map(Number)),
});

/** 0 for no values, as in expr. */
function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length;
}

/** 0 for no values, as in expr. NaN sorts first, as Go sorts floats. */
function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => (Number.isNaN(a) || Number.isNaN(b) ? nanFirst(a, b) : a - b));
  const middle = Math.floor(ordered.length / 2);
  const upper = ordered[middle] ?? 0;
  return ordered.length % 2 === 1 || ordered.length === 0 ? upper : ((ordered[middle - 1] ?? 0) + upper) / 2;
}

const nanFirst = (a: number, b: number): number => Number(Number.isNaN(b)) - Number(Number.isNaN(a));

const bitwise = (compute: (x: bigint, y: bigint) => bigint): Builtin => ({
  params: [INTEGER, INTEGER],
  required: 2,
  result: INT,
  call: (args) => wrapInt64(compute(args.integer(0), args.integer(1))),
});

/** Shifting by the width of an int or more moves everything out, so a larger count changes nothing. */
const INT_BITS = 64n;

const shift = (compute: (x: bigint, count: bigint) => bigint): Builtin =>
  bitwise((x, count) => {
    if (count < 0n) throw new Fault(`invalid operation: negative shift count ${count}`);
    return compute(x, count > INT_BITS ? INT_BITS : count);
  });

export const NUMERIC = {
  abs: { params: [NUMBER], required: 1, result: ([type]) => type ?? UNKNOWN, call: abs },
  ceil: rounding(Math.ceil),
  floor: rounding(Math.floor),
  round: rounding(roundHalfAway),
  max: extreme('<'),
  min: extreme('>'),
  mean: statistic(mean),
  median: statistic(median),
  bitand: bitwise((x, y) => x & y),
  bitor: bitwise((x, y) => x | y),
  bitxor: bitwise((x, y) => x ^ y),
  bitnand: bitwise((x, y) => x & ~y),
  bitshl: shift((x, count) => x << count),
  bitshr: shift((x, count) => x >> count),
  bitushr: shift((x, count) => BigInt.asUintN(64, x) >> count),
  bitnot: { params: [INTEGER], required: 1, result: INT, call: (args) => ~args.integer(0) },
} as const satisfies Record<string, Builtin>;
