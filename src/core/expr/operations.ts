import type { OrderOperator } from './ast.ts';
import type { Budget } from './limits.ts';
import { Fault, MAX_DEPTH } from './limits.ts';
import { shift, timeDifference } from './time-methods.ts';
import { goTypeOf } from './type-of.ts';
import { compareBytes } from './utf8.ts';
import type { ExprMap, ExprValue } from './values.ts';
import { AnyKeyMap, GoDuration, GoEnum, GoTime, isList, isMap, wrapInt64 } from './values.ts';

type Numeric = number | bigint;
const isNumeric = (value: ExprValue): value is Numeric => typeof value === 'number' || typeof value === 'bigint';

function mismatch(operator: string, a: ExprValue, b: ExprValue): never {
  throw new Fault(`invalid operation: ${goTypeOf(a)} ${operator} ${goTypeOf(b)}`);
}

/**
 * `==` at run time: numbers by value whether int or float (ints become floats, as in Go), lists item by item, maps
 * strictly (an int is not a float there), NaN equal to nothing. Values of different types are simply unequal.
 */
export function equal(a: ExprValue, b: ExprValue, budget: Budget, depth = 0): boolean {
  budget.step();
  if (isNumeric(a) && isNumeric(b)) return typeof a === typeof b ? a === b : Number(a) === Number(b);
  if (typeof a === 'string') budget.read(a);
  if (isList(a) && isList(b)) return equalLists(a, b, budget, depth, equal);
  return deepEqual(a, b, budget, depth);
}

type Equality = (a: ExprValue, b: ExprValue, budget: Budget, depth: number) => boolean;

function equalLists(
  a: readonly ExprValue[],
  b: readonly ExprValue[],
  budget: Budget,
  depth: number,
  same: Equality,
): boolean {
  if (depth > MAX_DEPTH) throw new Fault(`value is nested deeper than ${MAX_DEPTH} levels`);
  return a.length === b.length && a.every((item, index) => same(item, b[index] ?? null, budget, depth + 1));
}

const deepEqual: Equality = (a, b, budget, depth) => {
  budget.step();
  if (typeof a === 'string') budget.read(a);
  if (isList(a) && isList(b)) return equalLists(a, b, budget, depth, deepEqual);
  if (isMap(a) && isMap(b)) return equalMaps(a, b, budget, depth);
  if (a instanceof GoTime && b instanceof GoTime) return a.nanoseconds === b.nanoseconds;
  if (a instanceof GoDuration && b instanceof GoDuration) return a.nanoseconds === b.nanoseconds;
  if (a instanceof GoEnum && b instanceof GoEnum) return a.type === b.type && a.value === b.value;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    budget.step(a.length);
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  }
  return a === b;
};

function equalMaps(a: ExprMap, b: ExprMap, budget: Budget, depth: number): boolean {
  if (depth > MAX_DEPTH) throw new Fault(`value is nested deeper than ${MAX_DEPTH} levels`);
  if (a.size !== b.size || a instanceof AnyKeyMap !== b instanceof AnyKeyMap) return false;
  return [...a].every(([key, item]) => {
    const other = b.get(key);
    return other !== undefined && deepEqual(item, other, budget, depth + 1);
  });
}

/** `<`, `<=`, `>`, `>=`. With NaN all are false. */
export function ordered(operator: OrderOperator, a: ExprValue, b: ExprValue): boolean {
  if (isNumeric(a) && isNumeric(b)) {
    return typeof a === typeof b ? holds(operator, a, b) : holds(operator, Number(a), Number(b));
  }
  if (typeof a === 'string' && typeof b === 'string') return holds(operator, compareBytes(a, b), 0);
  if ((a instanceof GoTime && b instanceof GoTime) || (a instanceof GoDuration && b instanceof GoDuration)) {
    return holds(operator, a.nanoseconds, b.nanoseconds);
  }
  return mismatch(operator, a, b);
}

function holds(operator: OrderOperator, a: Numeric, b: Numeric): boolean {
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** `+` on numbers, strings, times and durations. */
export function add(a: ExprValue, b: ExprValue, budget: Budget): ExprValue {
  if (isNumeric(a) && isNumeric(b)) {
    return typeof a === 'bigint' && typeof b === 'bigint' ? wrapInt64(a + b) : Number(a) + Number(b);
  }
  if (typeof a === 'string' && typeof b === 'string') {
    budget.allocate(a.length + b.length);
    return a + b;
  }
  if (a instanceof GoTime && b instanceof GoDuration) return shift(a, b.nanoseconds);
  if (a instanceof GoDuration && b instanceof GoTime) return shift(b, a.nanoseconds);
  if (a instanceof GoDuration && b instanceof GoDuration) return new GoDuration(a.nanoseconds + b.nanoseconds);
  return mismatch('+', a, b);
}

/** `-` on numbers, times and durations. */
export function subtract(a: ExprValue, b: ExprValue): ExprValue {
  if (isNumeric(a) && isNumeric(b)) {
    return typeof a === 'bigint' && typeof b === 'bigint' ? wrapInt64(a - b) : Number(a) - Number(b);
  }
  if (a instanceof GoTime && b instanceof GoTime) return timeDifference(a, b);
  if (a instanceof GoTime && b instanceof GoDuration) return shift(a, -b.nanoseconds);
  if (a instanceof GoDuration && b instanceof GoDuration) return new GoDuration(a.nanoseconds - b.nanoseconds);
  return mismatch('-', a, b);
}

/** `*` on numbers and durations. As in Go, a duration times an int is a duration, times a float it is a float. */
export function multiply(a: ExprValue, b: ExprValue): ExprValue {
  const x = a instanceof GoDuration ? a.nanoseconds : a;
  const y = b instanceof GoDuration ? b.nanoseconds : b;
  if (!isNumeric(x) || !isNumeric(y)) return mismatch('*', a, b);
  if (typeof x !== 'bigint' || typeof y !== 'bigint') return Number(x) * Number(y);
  return a instanceof GoDuration || b instanceof GoDuration ? new GoDuration(x * y) : wrapInt64(x * y);
}

/** `/`, always in floats: `1 / 2` is 0.5 and `1 / 0` is +Inf. */
export function divide(a: ExprValue, b: ExprValue): number {
  return isNumeric(a) && isNumeric(b) ? Number(a) / Number(b) : mismatch('/', a, b);
}

/** `%`, on ints only; the sign is the dividend's. */
export function modulo(a: ExprValue, b: ExprValue): bigint {
  if (typeof a !== 'bigint' || typeof b !== 'bigint') return mismatch('%', a, b);
  if (b === 0n) throw new Fault('integer divide by zero');
  return wrapInt64(a % b);
}

/** `**` and `^`, always in floats. Go, unlike JavaScript, has 1 to any power and ±1 to ±Inf be 1. */
export function power(a: ExprValue, b: ExprValue): number {
  if (!isNumeric(a) || !isNumeric(b)) return mismatch('**', a, b);
  const base = Number(a);
  const exponent = Number(b);
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}

export function negate(value: ExprValue): ExprValue {
  if (typeof value === 'bigint') return wrapInt64(-value);
  if (typeof value === 'number') return -value;
  throw new Fault(`invalid operation: - ${goTypeOf(value)}`);
}

/** `in`: an item of a list or a key of a map. Nothing is in nil. */
export function contains(container: ExprValue, needle: ExprValue, budget: Budget): boolean {
  if (container === null) return false;
  if (isList(container)) return container.some((item) => equal(item, needle, budget));
  if (isMap(container)) return container.has(needle);
  throw new Fault(`operator "in" not defined on ${goTypeOf(container)}`);
}
