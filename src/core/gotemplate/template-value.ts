import { compareByBytes } from '../values/byte-order.ts';
import { Refusal } from './template-error.ts';

/**
 * What a template works on: JSON values, functions (for `call`) and `HostObject`s. `undefined` is a missing value and
 * prints as `<no value>`.
 */
export type TemplateValue = unknown;

/** A function that templates can use, by name or through `call`. Throws `Refusal` when it does not like its arguments. */
export type TemplateFunction = (...args: readonly TemplateValue[]) => TemplateValue;

/** A value with methods, such as a time: `(call .time.Now).Unix`. */
export class HostObject {
  /** As `%T` and error messages name it, e.g. `time.Time`. */
  readonly type: string;
  /** As `%v` prints it. */
  readonly text: string;
  readonly methods: ReadonlyMap<string, TemplateFunction>;
  /** The plain value within, for functions that know this type. */
  readonly content: unknown;

  constructor(type: string, text: string, content: unknown, methods: ReadonlyMap<string, TemplateFunction>) {
    this.type = type;
    this.text = text;
    this.content = content;
    this.methods = methods;
  }
}

/** A map in Go's sense. */
export type TemplateMap = Readonly<Record<string, TemplateValue>>;

export function isMap(value: TemplateValue): value is TemplateMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof HostObject);
}

export function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

export function isNil(value: TemplateValue): value is null | undefined {
  return value === undefined || value === null;
}

/** Keys in the order in which Go's templates visit and print a map. */
export function sortedKeys(map: TemplateMap): readonly string[] {
  return Object.keys(map).sort(compareByBytes);
}

/** An own member; undefined when there is none. */
export function entryOf(map: TemplateMap, key: string): TemplateValue {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Go's `truth`: false, zero, nil and whatever is empty are not. */
export function isTrue(value: TemplateValue): boolean {
  if (isNil(value)) return false;
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return value !== false && value !== 0 && value !== '';
}

/** The name of a value's kind as Go and sprig's `kindOf` say it. */
export function kindOf(value: TemplateValue): string {
  if (isNil(value)) return 'invalid';
  if (isList(value)) return 'slice';
  if (value instanceof HostObject) return 'struct';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float64';
    case 'function':
      return 'func';
    default:
      return 'map';
  }
}

/** The name of a value's Go type, as `%T` prints it. */
export function typeOf(value: TemplateValue): string {
  if (value instanceof HostObject) return value.type;
  const kind = kindOf(value);
  if (kind === 'invalid') return '<nil>';
  if (kind === 'slice') return '[]interface {}';
  return kind === 'map' ? 'map[string]interface {}' : kind;
}

/** Nodes of a value that is printed, compared or encoded, counting shared parts each time. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 200;

/**
 * Refuses values that are too large to walk: lists can hold one another, so that a few calls build a tree of 2^40 leaves.
 * @throws Refusal
 */
export function assertWalkable(value: TemplateValue): void {
  let nodes = 0;
  const visit = (node: TemplateValue, depth: number): void => {
    nodes += 1;
    if (nodes > MAX_NODES || depth > MAX_DEPTH) throw new Refusal('the value is too large or too deeply nested');
    if (isList(node)) node.forEach((element) => visit(element, depth + 1));
    else if (isMap(node)) Object.values(node).forEach((content) => visit(content, depth + 1));
  };
  visit(value, 0);
}
