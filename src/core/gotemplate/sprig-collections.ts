import { deepEqual } from '../values/deep-equal.ts';
import { integer, list, map, takes, text } from './arguments.ts';
import { affordableElements } from './budget.ts';
import { formatValue } from './format-value.ts';
import { Refusal } from './template-error.ts';
import type { TemplateFunction, TemplateMap, TemplateValue } from './template-value.ts';
import { assertWalkable, entryOf, isMap, isTrue, sortedKeys } from './template-value.ts';

const SOME: readonly [number, number] = [1, Number.POSITIVE_INFINITY];
const ANY: readonly [number, number] = [0, Number.POSITIVE_INFINITY];

/** Sprig's functions on lists and maps, without those that change their argument (`set`, `unset`). */
export const COLLECTION_FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['list', (...values) => values],
  ['tuple', (...values) => values],
  ['first', takes(1, (values) => list(values)[0])],
  ['last', takes(1, (values) => list(values).at(-1))],
  ['rest', takes(1, (values) => list(values).slice(1))],
  ['initial', takes(1, (values) => list(values).slice(0, -1))],
  ['append', takes(2, (values, value) => [...list(values), value])],
  ['push', takes(2, (values, value) => [...list(values), value])],
  ['prepend', takes(2, (values, value) => [value, ...list(values)])],
  ['concat', takes(ANY, (...lists) => concat(lists.map(list)))],
  ['reverse', takes(1, (values) => list(values).toReversed())],
  ['uniq', takes(1, (values) => unique(list(values)))],
  ['compact', takes(1, (values) => list(values).filter(isTrue))],
  ['without', takes(SOME, (values, ...unwanted) => list(values).filter((value) => !includes(unwanted, value)))],
  ['has', takes(2, (value, values) => includes(list(values), value))],
  ['chunk', takes(2, (size, values) => chunks(integer(size), list(values)))],
  ['dict', takes(ANY, (...pairs) => dictionary(pairs))],
  ['get', takes(2, (values, key) => entryOf(map(values), text(key)) ?? '')],
  ['hasKey', takes(2, (values, key) => Object.hasOwn(map(values), text(key)))],
  ['keys', takes(ANY, (...maps) => maps.flatMap((values) => sortedKeys(map(values))))],
  ['values', takes(1, (values) => sortedKeys(map(values)).map((key) => entryOf(map(values), key)))],
  ['pick', takes(SOME, (values, ...keys) => filterKeys(map(values), (key) => keys.includes(key)))],
  ['omit', takes(SOME, (values, ...keys) => filterKeys(map(values), (key) => !keys.includes(key)))],
  ['pluck', takes(SOME, (key, ...maps) => pluck(text(key), maps.map(map)))],
  ['merge', takes(SOME, (...maps) => maps.map(map).reduce((merged, next) => merge(merged, next)))],
  ['dig', takes([3, Number.POSITIVE_INFINITY], dig)],
]);

function concat(lists: readonly (readonly TemplateValue[])[]): readonly TemplateValue[] {
  affordableElements(lists.reduce((total, values) => total + values.length, 0));
  return lists.flat(1);
}

function includes(values: readonly TemplateValue[], wanted: TemplateValue): boolean {
  assertWalkable([values, wanted]);
  return values.some((value) => deepEqual(value, wanted));
}

/** The most elements that `uniq` compares with one another. */
const MAX_UNIQUE = 1000;

function unique(values: readonly TemplateValue[]): readonly TemplateValue[] {
  if (values.length > MAX_UNIQUE) throw new Refusal(`compares no more than ${MAX_UNIQUE} elements`);
  assertWalkable(values);
  return values.filter((value, i) => values.findIndex((other) => deepEqual(other, value)) === i);
}

function chunks(size: number, values: readonly TemplateValue[]): readonly TemplateValue[] {
  if (size < 1) throw new Refusal('the size of a chunk must be positive');
  const count = Math.ceil(values.length / size);
  return Array.from({ length: count }, (_unused, i) => values.slice(i * size, (i + 1) * size));
}

/** Alternating keys and values; a key without a value gets an empty text. */
function dictionary(pairs: readonly TemplateValue[]): TemplateMap {
  const entries: [string, TemplateValue][] = [];
  for (let i = 0; i < pairs.length; i += 2)
    entries.push([formatValue(pairs[i]), i + 1 < pairs.length ? pairs[i + 1] : '']);
  return Object.fromEntries(entries);
}

function filterKeys(values: TemplateMap, keeps: (key: string) => boolean): TemplateMap {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keeps(key)));
}

function pluck(key: string, maps: readonly TemplateMap[]): readonly TemplateValue[] {
  return maps.filter((values) => Object.hasOwn(values, key)).map((values) => values[key]);
}

/** The first map wins; maps within are merged as well. The result is a new map. */
function merge(left: TemplateMap, right: TemplateMap): TemplateMap {
  assertWalkable([left, right]);
  const merged = new Map<string, TemplateValue>(Object.entries(left));
  for (const [key, theirs] of Object.entries(right)) {
    const ours = merged.get(key);
    if (isMap(ours) && isMap(theirs)) merged.set(key, merge(ours, theirs));
    else if (!isTrue(ours)) merged.set(key, theirs);
  }
  return Object.fromEntries(merged);
}

/** `dig "a" "b" fallback map`: the value at `map.a.b`. */
function dig(...args: readonly TemplateValue[]): TemplateValue {
  const keys = args.slice(0, -2).map(text);
  const fallback = args.at(-2);
  let value = args.at(-1);
  for (const key of keys) {
    if (!isMap(value) || !Object.hasOwn(value, key)) return fallback;
    value = value[key];
  }
  return value;
}
