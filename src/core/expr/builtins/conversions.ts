import { formatValue } from '../format.ts';
import { parseFloat64, parseInteger } from '../go-number.ts';
import { writeJson } from '../json-text.ts';
import { toExprValue } from '../json-value.ts';
import { Fault } from '../limits.ts';
import { goTypeOf } from '../type-of.ts';
import { FLOAT, INT, STRING, UNKNOWN } from '../types.ts';
import type { ExprValue } from '../values.ts';
import { floatToInt, GoDuration, GoEnum, GoLocation, GoTime, isList, isMap } from '../values.ts';
import type { Arguments, Builtin } from './builtin.ts';
import { ANYTHING, NUMBER_OR_TEXT, TEXT } from './builtin.ts';

/** The language's own names of types: `int`, `float`, `array`, `time.Time` and so on. */
function typeName(value: ExprValue): string {
  if (value === null) return 'nil';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'string';
  if (isList(value) || value instanceof Uint8Array) return 'array';
  if (isMap(value)) return 'map';
  if (value instanceof GoTime || value instanceof GoDuration || value instanceof GoEnum) return goTypeOf(value);
  return value instanceof GoLocation ? 'unknown' : 'func';
}

function int(args: Arguments): bigint {
  const value = args.value(0);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return floatToInt(value);
  if (value instanceof GoDuration) return value.nanoseconds;
  if (value instanceof GoEnum) return BigInt(value.value);
  const parsed = typeof value === 'string' ? parseInteger(value) : undefined;
  if (parsed !== undefined) return parsed;
  throw new Fault(`invalid operation: int(${typeof value === 'string' ? value : goTypeOf(value)})`);
}

function float(args: Arguments): number {
  const value = args.value(0);
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  const parsed = typeof value === 'string' ? parseFloat64(value) : undefined;
  if (parsed !== undefined) return parsed;
  throw new Fault(`invalid operation: float(${typeof value === 'string' ? value : goTypeOf(value)})`);
}

function fromJson(args: Arguments): ExprValue {
  const text = args.text(0);
  args.budget.allocate(text.length);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Fault('fromJSON: the text is not valid JSON');
  }
  return toExprValue(parsed);
}

export const CONVERSIONS = {
  type: { params: [ANYTHING], required: 1, result: STRING, call: (args) => typeName(args.value(0)) },
  int: { params: [withNamed()], required: 1, result: INT, call: int },
  float: { params: [NUMBER_OR_TEXT], required: 1, result: FLOAT, call: float },
  string: { params: [ANYTHING], required: 1, result: STRING, call: (args) => formatValue(args.value(0), args.budget) },
  toJSON: { params: [ANYTHING], required: 1, result: STRING, call: (args) => writeJson(args.value(0), args.budget) },
  fromJSON: { params: [TEXT], required: 1, result: UNKNOWN, call: fromJson },
} as const satisfies Record<string, Builtin>;

/** `int` converts durations, months and weekdays too, being integers in Go. */
function withNamed(): typeof NUMBER_OR_TEXT {
  return {
    label: NUMBER_OR_TEXT.label,
    accepts: (type) =>
      NUMBER_OR_TEXT.accepts(type) ||
      (type.kind === 'named' && type.name !== 'time.Time' && type.name !== '*time.Location'),
  };
}
