import { compareByBytes } from '../values/byte-order.ts';
import type { JsonValue } from '../values/json.ts';
import { isJsonArray, isJsonObject, member } from '../values/json.ts';
import { JsonPathError } from './json-path-error.ts';
import type { Comparison, Item, JsonPath, Path, Step } from './syntax.ts';

export interface JsonPathOptions {
  /** Whether a field that exists nowhere gives no result instead of an error. kubectl and printer columns say true. */
  readonly allowMissingKeys?: boolean;
}

/** Repeated `..` multiply their results; beyond this many values a path is refused. */
const MAX_VALUES = 100_000;
/** Bounds the recursion of `..` on data that somebody else sent. */
const MAX_DEPTH = 500;

/**
 * What each part of the template selects, in order of output: one list per text, per action, and per action and element
 * within a range.
 * @throws JsonPathError when a field is missing (unless allowed), an index is out of bounds, or types do not fit.
 */
export function findResults(path: JsonPath, data: unknown, options: JsonPathOptions = {}): readonly JsonValue[][] {
  return new Evaluation(path, options).items(path.items, data as JsonValue);
}

/** All values that a path selects, without text around it: for a template that is one action. */
export function findValues(path: JsonPath, data: unknown, options: JsonPathOptions = {}): readonly JsonValue[] {
  return findResults(path, data, options).flat();
}

class Evaluation {
  readonly #source: string;
  readonly #allowMissingKeys: boolean;
  #produced = 0;

  constructor(path: JsonPath, options: JsonPathOptions) {
    this.#source = path.source;
    this.#allowMissingKeys = options.allowMissingKeys ?? false;
  }

  items(items: readonly Item[], current: JsonValue): JsonValue[][] {
    return items.flatMap((item) => this.#item(item, current));
  }

  #item(item: Item, current: JsonValue): JsonValue[][] {
    switch (item.kind) {
      case 'text':
        this.#count(1);
        return [[item.text]];
      case 'path':
        return [this.#follow(item.path, [current])];
      case 'range':
        return this.#follow(item.path, [current]).flatMap((value) => this.items(item.body, value));
    }
  }

  #follow(path: Path, start: JsonValue[]): JsonValue[] {
    let values = start;
    for (const step of path) {
      values = this.#take(step, values);
      this.#count(values.length);
    }
    return values;
  }

  #count(values: number): void {
    this.#produced += values;
    if (this.#produced > MAX_VALUES) throw this.#error(`selects more than ${MAX_VALUES} values`);
  }

  #take(step: Step, values: JsonValue[]): JsonValue[] {
    switch (step.kind) {
      case 'literal':
        return typeof step.value === 'string' ? [step.value] : values.map(() => step.value);
      case 'field':
        return this.#field(step.name, values);
      case 'wildcard':
        return values.flatMap(children);
      case 'recursive':
        return values.flatMap((value) => this.#descend(value, 1));
      case 'index':
        return values.flatMap((value) => this.#index(step.index, value));
      case 'slice':
        return values.flatMap((value) => this.#slice(step, value));
      case 'union':
        return step.branches.flatMap((branch) => this.#follow(branch, values));
      case 'exists':
        return values.flatMap((value) => this.#list(value).filter((element) => this.#exists(step.path, element)));
      case 'compare':
        return values.flatMap((value) => this.#list(value).filter((element) => this.#holds(step, element)));
    }
  }

  #field(name: string, values: JsonValue[]): JsonValue[] {
    const results: JsonValue[] = [];
    for (const value of values) {
      const content = isJsonObject(value) ? member(value, name) : undefined;
      if (content !== undefined) results.push(content);
    }
    const allAbsent = values.every((value) => value === null);
    if (results.length === 0 && !allAbsent && !this.#allowMissingKeys) throw this.#error(`${name} is not found`);
    return results;
  }

  /** The value itself and all lists and objects below it that are not empty. */
  #descend(value: JsonValue, depth: number): JsonValue[] {
    const below = children(value);
    if (below.length === 0) return [];
    if (depth > MAX_DEPTH) throw this.#error(`the data is nested more than ${MAX_DEPTH} deep`);
    this.#count(1);
    return [value, ...below.flatMap((child) => this.#descend(child, depth + 1))];
  }

  /** The elements of a list; null has none. */
  #list(value: JsonValue): readonly JsonValue[] {
    if (value === null) return [];
    if (!isJsonArray(value)) throw this.#error(`${typeName(value)} is not a list`);
    return value;
  }

  #index(index: number, value: JsonValue): JsonValue[] {
    if (value === null) return [];
    const list = this.#list(value);
    const element = list.at(index);
    if (element === undefined) throw this.#outOfBounds(index, list.length);
    return [element];
  }

  #slice(slice: Extract<Step, { kind: 'slice' }>, value: JsonValue): JsonValue[] {
    const list = this.#list(value);
    const { start = 0, end = list.length, step = 1 } = slice;
    const from = start < 0 ? start + list.length : start;
    const to = end < 0 ? end + list.length : end;
    if (from === to) return [];
    if (from < 0 || from >= list.length) throw this.#outOfBounds(from, list.length);
    if (to < 0 || to > list.length) throw this.#outOfBounds(to - 1, list.length);
    if (from > to) throw this.#error(`starting index ${from} is greater than ending index ${to}`);
    if (step <= 0) throw this.#error('step must be > 0');
    return list.slice(from, to).filter((_element, offset) => offset % step === 0);
  }

  /** Whether the path leads anywhere; what would be an error elsewhere means no. */
  #exists(path: Path, element: JsonValue): boolean {
    try {
      return this.#follow(path, [element]).length > 0;
    } catch (error) {
      if (error instanceof JsonPathError) return false;
      throw error;
    }
  }

  #holds({ left, operator, right }: Extract<Step, { kind: 'compare' }>, element: JsonValue): boolean {
    const [leftValue, ...otherLefts] = this.#follow(left, [element]);
    if (leftValue === undefined) return false;
    const [rightValue, ...otherRights] = this.#follow(right, [element]);
    if (otherLefts.length > 0 || otherRights.length > 0) throw this.#error('can only compare one element at a time');
    return rightValue !== undefined && this.#compare(leftValue, operator, rightValue);
  }

  #compare(left: JsonValue, operator: Comparison, right: JsonValue): boolean {
    const order = orderOf(left, right);
    if (order === undefined) {
      throw this.#error(`cannot compare ${typeName(left)} with ${typeName(right)}: the types differ or have no order`);
    }
    switch (operator) {
      case '==':
        return order === 0;
      case '!=':
        return order !== 0;
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '>=':
        return order >= 0;
    }
  }

  #outOfBounds(index: number, length: number): JsonPathError {
    return this.#error(`array index out of bounds: index ${index}, length ${length}`);
  }

  #error(reason: string): JsonPathError {
    return new JsonPathError(`jsonpath ${JSON.stringify(this.#source)}: ${reason}`);
  }
}

function children(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value)) return value;
  return isJsonObject(value) ? Object.values(value).filter((child) => child !== undefined) : [];
}

function orderOf(left: JsonValue, right: JsonValue): number | undefined {
  if (typeof left === 'string' && typeof right === 'string') return compareByBytes(left, right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return undefined;
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (isJsonArray(value)) return 'a list';
  return isJsonObject(value) ? 'an object' : `the ${typeof value} ${JSON.stringify(value)}`;
}
