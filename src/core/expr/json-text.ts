import { encodeBase64 } from './base64.ts';
import { sortedEntries } from './format.ts';
import type { Budget } from './limits.ts';
import { Fault, MAX_DEPTH } from './limits.ts';
import { formatTime, RFC3339_NANO } from './time-layout.ts';
import { goTypeOf } from './type-of.ts';
import type { ExprValue } from './values.ts';
import { AnyKeyMap, GoDuration, GoEnum, GoTime, isList, isMap } from './values.ts';

/** A value as JSON, indented by two spaces and with sorted keys, as expr's `toJSON` prints it. Throws Fault. */
export function writeJson(value: ExprValue, budget: Budget): string {
  return write(value, '', budget);
}

const INDENT = '  ';

function write(value: ExprValue, indent: string, budget: Budget): string {
  if (indent.length > MAX_DEPTH * INDENT.length) {
    throw new Fault(`value is nested deeper than ${MAX_DEPTH} levels`);
  }
  const inner = indent + INDENT;
  if (isList(value)) {
    return block(
      '[',
      ']',
      indent,
      value.map((item) => write(item, inner, budget)),
    );
  }
  if (isMap(value) && !(value instanceof AnyKeyMap)) {
    const lines = sortedEntries(value, budget).map(
      ([key, item]) => `${quote(typeof key === 'string' ? key : '')}: ${write(item, inner, budget)}`,
    );
    return block('{', '}', indent, lines);
  }
  const text = writeScalar(value);
  budget.allocate(text.length + inner.length);
  return text;
}

function block(open: string, close: string, indent: string, lines: readonly string[]): string {
  if (lines.length === 0) return open + close;
  return `${open}\n${lines.map((line) => indent + INDENT + line).join(',\n')}\n${indent}${close}`;
}

function writeScalar(value: ExprValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Fault(`toJSON: ${value} has no JSON form`);
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (value instanceof GoTime) return quote(formatTime(value, RFC3339_NANO));
  if (value instanceof GoDuration) return String(value.nanoseconds);
  if (value instanceof GoEnum) return String(value.value);
  if (value instanceof Uint8Array) return quote(encodeBase64(value));
  throw new Fault(`toJSON: unsupported type ${goTypeOf(value)}`);
}

/** Go's encoder also escapes what could end a script element. */
const HTML_UNSAFE = /[<>&\u2028\u2029]/g;

const quote = (text: string): string =>
  JSON.stringify(text).replace(HTML_UNSAFE, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
