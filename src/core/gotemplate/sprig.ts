import { goRawJson } from '../values/go-json.ts';
import { takes, text } from './arguments.ts';
import { affordableText } from './budget.ts';
import { COLLECTION_FUNCTIONS } from './sprig-collections.ts';
import { NUMBER_FUNCTIONS } from './sprig-numbers.ts';
import { STRING_FUNCTIONS } from './sprig-strings.ts';
import { Refusal } from './template-error.ts';
import type { TemplateFunction, TemplateValue } from './template-value.ts';
import { assertWalkable, HostObject, isList, isMap, isTrue, kindOf, typeOf } from './template-value.ts';

const ANY: readonly [number, number] = [0, Number.POSITIVE_INFINITY];

const GENERAL_FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['default', takes([1, 2], (fallback, value) => (isTrue(value) ? value : fallback))],
  ['empty', takes(1, (value) => !isTrue(value))],
  ['coalesce', takes(ANY, (...values) => values.find(isTrue))],
  ['ternary', takes(3, (yes, no, condition) => (isTrue(condition) ? yes : no))],
  ['all', takes(ANY, (...values) => values.every(isTrue))],
  ['any', takes(ANY, (...values) => values.some(isTrue))],
  ['fail', takes(1, (reason) => refuse(text(reason)))],
  ['kindOf', takes(1, kindOf)],
  ['kindIs', takes(2, (kind, value) => kindOf(value) === text(kind))],
  ['typeOf', takes(1, typeOf)],
  ['toJson', takes(1, (value) => goRawJson(encodable(value)))],
  ['toRawJson', takes(1, (value) => JSON.stringify(encodable(value)))],
  ['toPrettyJson', takes(1, (value) => JSON.stringify(encodable(value), null, 2))],
  ['fromJson', takes(1, (source) => decodeJson(text(source)))],
  ['base', takes(1, (path) => text(path).replace(/\/+$/, '').split('/').at(-1) || '.')],
  ['dir', takes(1, (path) => text(path).slice(0, Math.max(0, text(path).lastIndexOf('/'))) || '.')],
  ['ext', takes(1, (path) => /\.[^./]*$/.exec(text(path))?.[0] ?? '')],
]);

/**
 * The functions of the sprig library that only compute: nothing that reads the environment, the network or a clock,
 * makes keys or randomness, changes its arguments, or takes a regular expression (whose running time has no bound here).
 */
export const SPRIG: ReadonlyMap<string, TemplateFunction> = new Map([
  ...GENERAL_FUNCTIONS,
  ...STRING_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...COLLECTION_FUNCTIONS,
]);

function refuse(reason: string): never {
  throw new Refusal(reason);
}

/** A value with sorted keys and without functions and host objects, as Go's `json.Marshal` writes it. */
function encodable(value: TemplateValue): TemplateValue {
  assertWalkable(value);
  return toJsonValue(value);
}

function toJsonValue(value: TemplateValue): TemplateValue {
  if (value instanceof HostObject) return value.text;
  if (isList(value)) return value.map(toJsonValue);
  if (typeof value === 'function') throw new Refusal('a function has no JSON form');
  if (!isMap(value)) return value ?? null;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, toJsonValue(value[key])]),
  );
}

function decodeJson(source: string): TemplateValue {
  affordableText(source.length);
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new Refusal(`invalid JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
