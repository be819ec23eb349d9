import { formatValue } from './format.ts';
import type { Budget } from './limits.ts';
import { Fault } from './limits.ts';
import { boundMethod } from './time-methods.ts';
import { goTypeOf } from './type-of.ts';
import { byteAt, byteLength, sliceBytes } from './utf8.ts';
import type { ExprValue } from './values.ts';
import { AnyKeyMap, floatToInt, isList, isMap } from './values.ts';

/** `object[key]` and `object.key`. A missing map key is nil; a missing list item, or anything of nil, is an error. */
export function fetch(object: ExprValue, key: ExprValue, budget: Budget): ExprValue {
  const method = typeof key === 'string' ? boundMethod(object, key) : undefined;
  if (method !== undefined) return method;
  if (isMap(object)) return fetchKey(object, key);
  if (typeof object === 'string') budget.read(object);
  const length = lengthOf(object);
  if (length === undefined) throw new Fault(`cannot fetch ${formatValue(key, budget)} from ${goTypeOf(object)}`);
  const index = resolveIndex(toIndex(key), length);
  if (index < 0 || index >= length) throw new Fault(`index out of range: ${index} (length is ${length})`);
  return itemAt(object, index);
}

/** Like {@link fetch}, but nil where there is nothing: the built-in `get`. */
export function get(object: ExprValue, key: ExprValue, budget: Budget): ExprValue {
  if (object === null) return null;
  if (typeof object === 'string') budget.read(object);
  const method = typeof key === 'string' ? boundMethod(object, key) : undefined;
  if (method !== undefined) return method;
  if (isMap(object)) return fetchKey(object, key);
  const length = lengthOf(object);
  if (length === undefined) return null;
  const index = resolveIndex(toIndex(key), length);
  return index < 0 || index >= length ? null : itemAt(object, index);
}

/** `object[from:to]` on lists, bytes and the bytes of strings; bounds beyond the ends are moved to them. */
export function slice(
  object: ExprValue,
  from: ExprValue | undefined,
  to: ExprValue | undefined,
  budget: Budget,
): ExprValue {
  chargeCopy(object, budget);
  const length = lengthOf(object);
  if (length === undefined) throw new Fault(`cannot slice ${goTypeOf(object)}`);
  const bound = (value: ExprValue | undefined, fallback: number) =>
    value === undefined ? fallback : Math.max(0, resolveIndex(toIndex(value), length));
  const end = Math.min(length, bound(to, length));
  const start = Math.min(end, bound(from, 0));
  if (typeof object === 'string') return sliceBytes(object, start, end);
  if (object instanceof Uint8Array) return object.slice(start, end);
  return isList(object) ? object.slice(start, end) : null;
}

/** A slice copies what it takes, and finding the bytes of a text means reading it. */
function chargeCopy(object: ExprValue, budget: Budget): void {
  if (typeof object === 'string') budget.read(object);
  else if (isList(object) || object instanceof Uint8Array) budget.allocate(object.length);
}

const resolveIndex = (index: number, length: number): number => (index < 0 ? length + index : index);

function lengthOf(object: ExprValue): number | undefined {
  if (isList(object) || object instanceof Uint8Array) return object.length;
  return typeof object === 'string' ? byteLength(object) : undefined;
}

function itemAt(object: ExprValue, index: number): ExprValue {
  if (isList(object)) return object[index] ?? null;
  const byte = typeof object === 'string' ? byteAt(object, index) : bytesAt(object, index);
  return byte === undefined ? null : BigInt(byte);
}

const bytesAt = (object: ExprValue, index: number): number | undefined =>
  object instanceof Uint8Array ? object[index] : undefined;

function fetchKey(map: ReadonlyMap<ExprValue, ExprValue>, key: ExprValue): ExprValue {
  if (typeof key !== 'string' && key !== null && !(map instanceof AnyKeyMap)) {
    throw new Fault(`cannot use ${goTypeOf(key)} to get an element from ${goTypeOf(map)}`);
  }
  return map.get(key) ?? null;
}

/** An index as Go converts it: floats are cut off, anything but a number is an error. */
function toIndex(value: ExprValue): number {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number(floatToInt(value));
  throw new Fault(`invalid operation: int(${goTypeOf(value)})`);
}
