import { compileGoPattern } from '../go-pattern.ts';
import { CelEvaluationError, noSuchOverload } from './cel-error.ts';
import { applyOperator, compare, int64 } from './operators.ts';
import { type CelValue, celEqual, isCelList, isCelMap, isCelOptional, isNumeric } from './values.ts';

interface CelFunction {
  /** Numbers of arguments that it takes, the receiver counted. */
  readonly arity: readonly number[];
  readonly call: (args: readonly CelValue[]) => CelValue;
}

/** The functions of CEL and of Kubernetes' libraries that the simulator has; a receiver is the first argument. */
export const FUNCTIONS: Readonly<Record<string, CelFunction>> = {
  size: unary(size),
  startsWith: onStrings((text, prefix) => text.startsWith(prefix)),
  endsWith: onStrings((text, suffix) => text.endsWith(suffix)),
  contains: onStrings((text, part) => text.includes(part)),
  matches: onStrings(matches),
  lowerAscii: unary((value) => string(value).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())),
  upperAscii: unary((value) => string(value).replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())),
  trim: unary((value) => string(value).trim()),
  split: onStrings((text, separator) => text.split(separator)),
  join: {
    arity: [1, 2],
    call: ([list, separator]) => strings(list).join(separator === undefined ? '' : string(separator)),
  },
  replace: { arity: [3], call: ([text, from, to]) => string(text).replaceAll(string(from), () => string(to)) },
  substring: { arity: [2, 3], call: ([text, from, to]) => substring(string(text), from, to) },
  indexOf: { arity: [2], call: ([range, part]) => indexOf(range, part) },
  lastIndexOf: { arity: [2], call: ([range, part]) => lastIndexOf(range, part) },
  int: unary(toInt),
  double: unary(toDouble),
  string: unary(toText),
  dyn: unary((value) => value),
  sum: unary((value) => list(value).reduce((total, item) => applyOperator('+', total, item), 0n)),
  min: unary((value) => extreme(value, -1)),
  max: unary((value) => extreme(value, 1)),
  isSorted: unary(isSorted),
  hasValue: unary((value) => optional(value) !== undefined),
  value: unary((value) => {
    const held = optional(value);
    if (held === undefined) throw new CelEvaluationError('optional.none() dereference');
    return held;
  }),
  orValue: { arity: [2], call: ([value, otherwise]) => optional(value) ?? required(otherwise) },
};

function unary(call: (value: CelValue) => CelValue): CelFunction {
  return { arity: [1], call: ([value]) => call(required(value)) };
}

function onStrings(call: (text: string, argument: string) => CelValue): CelFunction {
  return { arity: [2], call: ([text, argument]) => call(string(text), string(argument)) };
}

function required(value: CelValue | undefined): CelValue {
  if (value === undefined) throw noSuchOverload();
  return value;
}

function string(value: CelValue | undefined): string {
  if (typeof value !== 'string') throw noSuchOverload();
  return value;
}

function list(value: CelValue | undefined): readonly CelValue[] {
  if (value === undefined || !isCelList(value)) throw noSuchOverload();
  return value;
}

function strings(value: CelValue | undefined): readonly string[] {
  return list(value).map(string);
}

function optional(value: CelValue | undefined): CelValue | undefined {
  if (value === undefined || !isCelOptional(value)) throw noSuchOverload();
  return value.value;
}

function size(value: CelValue): bigint {
  if (typeof value === 'string') return BigInt(Array.from(value).length);
  if (isCelList(value)) return BigInt(value.length);
  if (isCelMap(value)) return BigInt(value.size);
  throw noSuchOverload();
}

function matches(text: string, pattern: string): boolean {
  try {
    return compileGoPattern(pattern).test(text);
  } catch {
    throw new CelEvaluationError(`error parsing regexp: ${pattern}`);
  }
}

function substring(text: string, from: CelValue | undefined, to: CelValue | undefined): string {
  const characters = Array.from(text);
  const end = to ?? BigInt(characters.length);
  if (typeof from !== 'bigint' || typeof end !== 'bigint') throw noSuchOverload();
  if (from < 0n || end > BigInt(characters.length) || from > end) {
    throw new CelEvaluationError(`index out of range: ${from < 0n ? from : end}`);
  }
  return characters.slice(Number(from), Number(end)).join('');
}

function indexOf(range: CelValue | undefined, part: CelValue | undefined): bigint {
  if (typeof range === 'string') return characterIndex(range, range.indexOf(string(part)));
  return BigInt(list(range).findIndex((item) => celEqual(item, required(part))));
}

function lastIndexOf(range: CelValue | undefined, part: CelValue | undefined): bigint {
  if (typeof range === 'string') return characterIndex(range, range.lastIndexOf(string(part)));
  return BigInt(list(range).findLastIndex((item) => celEqual(item, required(part))));
}

/** CEL counts code points where JavaScript counts UTF-16 units. */
function characterIndex(text: string, index: number): bigint {
  return index < 0 ? -1n : BigInt(Array.from(text.slice(0, index)).length);
}

function toInt(value: CelValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return int64(BigInt(Math.trunc(value)));
  if (typeof value === 'string' && /^[+-]?\d+$/.test(value)) return int64(BigInt(value.replace('+', '')));
  throw new CelEvaluationError('type conversion error');
}

function toDouble(value: CelValue): number {
  if (isNumeric(value)) return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  throw new CelEvaluationError('type conversion error');
}

function toText(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (isNumeric(value) || typeof value === 'boolean') return String(value);
  throw new CelEvaluationError('type conversion error');
}

function extreme(value: CelValue, sign: 1 | -1): CelValue {
  const [first, ...rest] = list(value);
  if (first === undefined) throw new CelEvaluationError(`${sign < 0 ? 'min' : 'max'} called on empty list`);
  return rest.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best), first);
}

function isSorted(value: CelValue): boolean {
  const items = list(value);
  return items.every((item, index) => index === 0 || compare(required(items[index - 1]), item) <= 0);
}
