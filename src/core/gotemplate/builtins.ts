import { compareByBytes } from '../values/byte-order.ts';
import { takes, text } from './arguments.ts';
import { formatValue, sprint, sprintln } from './format-value.ts';
import { sprintf } from './printf.ts';
import { Refusal } from './template-error.ts';
import type { TemplateFunction, TemplateValue } from './template-value.ts';
import { entryOf, HostObject, isList, isMap, isNil, isTrue, typeOf } from './template-value.ts';

/** The functions that Go's `text/template` brings along. `and` and `or` stop early, which is the executor's work. */
export const BUILTINS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['and', (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1)],
  ['or', (...values) => values.find(isTrue) ?? values.at(-1)],
  ['not', takes(1, (value) => !isTrue(value))],
  ['eq', (first, ...others) => equalToAny(first, others)],
  ['ne', takes(2, (left, right) => !isEqual(left, right))],
  ['lt', takes(2, (left, right) => order(left, right) < 0)],
  ['le', takes(2, (left, right) => order(left, right) <= 0)],
  ['gt', takes(2, (left, right) => order(left, right) > 0)],
  ['ge', takes(2, (left, right) => order(left, right) >= 0)],
  ['index', (value, ...keys) => keys.reduce(indexed, value)],
  ['slice', (value, ...bounds) => sliced(value, bounds)],
  ['len', takes(1, lengthOf)],
  ['print', (...values) => sprint(values)],
  ['println', (...values) => sprintln(values)],
  ['printf', (format, ...values) => sprintf(text(format), values)],
  ['html', (...values) => escapeHtml(sprint(values))],
  ['js', (...values) => escapeScript(sprint(values))],
  ['urlquery', (...values) => escapeQuery(sprint(values))],
  ['call', (run, ...args) => called(run, args)],
]);

function equalToAny(first: TemplateValue, others: readonly TemplateValue[]): boolean {
  if (others.length === 0) throw new Refusal('missing argument for comparison');
  return others.some((other) => isEqual(first, other));
}

/** Go refuses to compare different kinds, except with nil. */
function isEqual(left: TemplateValue, right: TemplateValue): boolean {
  if (isNil(left) || isNil(right)) return isNil(left) && isNil(right);
  if (typeof left !== typeof right)
    throw new Refusal(`incompatible types for comparison: ${typeOf(left)} and ${typeOf(right)}`);
  if (left instanceof HostObject && right instanceof HostObject) return left.content === right.content;
  if (typeof left === 'object' || typeof left === 'function') {
    throw new Refusal(`non-comparable type ${typeOf(left)}`);
  }
  return left === right;
}

function order(left: TemplateValue, right: TemplateValue): number {
  if (typeof left === 'string' && typeof right === 'string') return compareByBytes(left, right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  throw new Refusal(
    typeof left === typeof right
      ? `invalid type for comparison: ${typeOf(left)}`
      : `incompatible types for comparison: ${typeOf(left)} and ${typeOf(right)}`,
  );
}

function indexed(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (isNil(value)) throw new Refusal('index of untyped nil');
  if (isMap(value)) return entryOf(value, text(key));
  if (!isList(value) && typeof value !== 'string') throw new Refusal(`can't index item of type ${typeOf(value)}`);
  if (typeof key !== 'number' || !Number.isInteger(key))
    throw new Refusal(`cannot index slice/array with type ${typeOf(key)}`);
  if (key < 0 || key >= value.length) throw new Refusal(`index out of range: ${key}`);
  return isList(value) ? value[key] : new TextEncoder().encode(value)[key];
}

function sliced(value: TemplateValue, bounds: readonly TemplateValue[]): TemplateValue {
  if (!isList(value) && typeof value !== 'string') throw new Refusal(`can't slice item of type ${typeOf(value)}`);
  const [start = 0, end = value.length] = bounds;
  for (const bound of [start, end]) {
    if (typeof bound !== 'number' || !Number.isInteger(bound) || bound < 0 || bound > value.length) {
      throw new Refusal(`index out of range: ${formatValue(bound)}`);
    }
  }
  if (Number(start) > Number(end)) throw new Refusal(`invalid slice index: ${Number(start)} > ${Number(end)}`);
  return value.slice(Number(start), Number(end));
}

/** Of a text the number of bytes, as in Go. */
function lengthOf(value: TemplateValue): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (isList(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  throw new Refusal(isNil(value) ? 'len of nil pointer' : `len of type ${typeOf(value)}`);
}

function called(run: TemplateValue, args: readonly TemplateValue[]): TemplateValue {
  if (typeof run !== 'function') throw new Refusal(isNil(run) ? 'call of nil' : `non-function of type ${typeOf(run)}`);
  return (run as TemplateFunction)(...args);
}

const HTML_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\0', '\ufffd'],
]);

function escapeHtml(source: string): string {
  return source.replaceAll(/["'&<>\0]/g, (character) => HTML_ESCAPES.get(character) ?? character);
}

function escapeScript(source: string): string {
  return source.replaceAll(/[\\'"]/g, String.raw`\$&`).replaceAll(/[<>&=\p{Cc}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** Go's `url.QueryEscape`: a space is `+`, and more is escaped than `encodeURIComponent` does. */
function escapeQuery(source: string): string {
  return encodeURIComponent(source.toWellFormed())
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
