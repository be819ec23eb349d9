import { compareByBytes } from './byte-order.ts';
import type { JsonObject } from './json.ts';
import { isJsonArray, isJsonObject, member } from './json.ts';
import { canonicalQuantity } from './quantity.ts';
import { formatTimestamp, parseTimestamp } from './rfc3339.ts';
import { ValueError } from './value-error.ts';

/**
 * The Go structs that a value may contain: for each its fields in Go's order, separated by white space, as `name:type`,
 * or `name?:type` when the field is omitted while it has its zero value.
 *
 * A type is `string`, `bool`, `int`, `quantity`, `intOrString`, `time`, `raw` (any JSON), another struct's name,
 * `*T` (pointer), `[]T` (list) or `{}T` (map from string).
 */
export type StructTable = Readonly<Record<string, string>>;

interface Field {
  readonly name: string;
  readonly key: string;
  readonly omitZero: boolean;
  readonly type: string;
}

/** How to write what Go's types leave open. */
export interface GoJsonOptions {
  /** Called for each struct with the object that it is read from (empty when absent), e.g. to add defaults. */
  readonly prepare?: (struct: string, value: JsonObject) => JsonObject;
  /** Text of a quantity; Kubernetes' canonical form by default. */
  readonly quantity?: (value: string | number) => string;
}

const compiled = new WeakMap<StructTable, Map<string, readonly Field[]>>();

/**
 * JSON of a value as Go's `encoding/json` writes it once the value has been read into a struct: fields in Go's order,
 * unknown fields dropped, map keys sorted, zero values spelled out unless omitted, quantities canonical.
 * @throws ValueError naming the path when a member has a type that Go would not read.
 */
export function goJson(table: StructTable, type: string, value: unknown, options: GoJsonOptions = {}): string {
  return new Encoder(table, options).encode(type, value, '');
}

class Encoder {
  readonly #table: StructTable;
  readonly #options: GoJsonOptions;
  readonly #fields: Map<string, readonly Field[]>;

  constructor(table: StructTable, options: GoJsonOptions) {
    this.#table = table;
    this.#options = options;
    this.#fields = compiled.get(table) ?? new Map<string, readonly Field[]>();
    compiled.set(table, this.#fields);
  }

  encode(type: string, value: unknown, path: string): string {
    if (type.startsWith('*')) return isNil(value) ? 'null' : this.encode(type.slice(1), value, path);
    if (type.startsWith('[]')) return this.#list(type.slice(2), value, path);
    if (type.startsWith('{}')) return this.#map(type.slice(2), value, path);
    if (type === 'quantity') return encodeQuantity(value, path, this.#options.quantity ?? canonicalQuantity);
    return encodeScalar(type, value, path) ?? this.#struct(type, value, path);
  }

  #list(elementType: string, value: unknown, path: string): string {
    if (isNil(value)) return 'null';
    if (!isJsonArray(value)) throw mismatch(path, 'a list', value);
    return `[${value.map((item, i) => this.encode(elementType, item, `${path}[${i}]`)).join(',')}]`;
  }

  #map(elementType: string, value: unknown, path: string): string {
    if (isNil(value)) return 'null';
    if (!isJsonObject(value)) throw mismatch(path, 'a map', value);
    const members = sortedKeys(value).map(
      (key) => `${goString(key)}:${this.encode(elementType, member(value, key), `${path}.${key}`)}`,
    );
    return `{${members.join(',')}}`;
  }

  #struct(name: string, value: unknown, path: string): string {
    if (!isNil(value) && !isJsonObject(value)) throw mismatch(path, 'an object', value);
    const given = isNil(value) ? {} : value;
    const object = this.#options.prepare?.(name, given) ?? given;
    const members: string[] = [];
    for (const field of this.#fieldsOf(name)) {
      const content = member(object, field.name);
      if (field.omitZero && isZero(field.type, content)) continue;
      members.push(
        `${field.key}${this.encode(field.type, content, path === '' ? field.name : `${path}.${field.name}`)}`,
      );
    }
    return `{${members.join(',')}}`;
  }

  #fieldsOf(struct: string): readonly Field[] {
    const known = this.#fields.get(struct);
    if (known !== undefined) return known;
    const source = this.#table[struct];
    if (source === undefined) throw new Error(`no Go struct ${struct} in the table`);
    const fields = source.trim().split(/\s+/).map(parseField);
    this.#fields.set(struct, fields);
    return fields;
  }
}

function parseField(source: string): Field {
  const colon = source.indexOf(':');
  const omitZero = source[colon - 1] === '?';
  const name = source.slice(0, omitZero ? colon - 1 : colon);
  return { name, key: `${goString(name)}:`, omitZero, type: source.slice(colon + 1) };
}

function isNil(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isZero(type: string, value: unknown): boolean {
  if (isNil(value)) return true;
  if (type.startsWith('*')) return false;
  if (isJsonArray(value)) return value.length === 0;
  if (isJsonObject(value)) return type.startsWith('{}') && Object.values(value).every((item) => item === undefined);
  return value === '' || value === 0 || value === false;
}

/** JSON of one of the built-in types; undefined when `type` names a struct. */
function encodeScalar(type: string, value: unknown, path: string): string | undefined {
  switch (type) {
    case 'string':
      if (!isNil(value) && typeof value !== 'string') throw mismatch(path, 'a text', value);
      return goString(value ?? '');
    case 'bool':
      if (!isNil(value) && typeof value !== 'boolean') throw mismatch(path, 'a boolean', value);
      return String(value ?? false);
    case 'int':
      return encodeInt(value, path);
    case 'intOrString':
      return typeof value === 'string' ? goString(value) : encodeInt(value, path);
    case 'time':
      return encodeTime(value, path);
    case 'raw':
      return goRawJson(value);
    default:
      return undefined;
  }
}

function encodeInt(value: unknown, path: string): string {
  if (isNil(value)) return '0';
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw mismatch(path, 'an integer', value);
  return String(value);
}

function encodeQuantity(value: unknown, path: string, format: (value: string | number) => string): string {
  if (isNil(value)) return '"0"';
  if (typeof value !== 'string' && typeof value !== 'number') throw mismatch(path, 'a quantity', value);
  try {
    return goString(format(value));
  } catch (error) {
    throw error instanceof ValueError ? new ValueError(`${path}: ${error.message}`, { cause: error }) : error;
  }
}

function encodeTime(value: unknown, path: string): string {
  if (isNil(value)) return 'null';
  const moment = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (moment === undefined) throw mismatch(path, 'an RFC 3339 time', value);
  return `"${formatTimestamp(moment)}"`;
}

function mismatch(path: string, wanted: string, value: unknown): ValueError {
  return new ValueError(`${path}: want ${wanted}, got ${JSON.stringify(value)}`);
}

/** A text as a JSON string with Go's HTML-safe escapes. */
export function goString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Any JSON value as Go writes a `map[string]any`: sorted keys, HTML-safe escapes. */
export function goRawJson(value: unknown): string {
  if (isJsonArray(value)) return `[${value.map(goRawJson).join(',')}]`;
  if (isJsonObject(value)) {
    return `{${sortedKeys(value)
      .map((key) => `${goString(key)}:${goRawJson(member(value, key))}`)
      .join(',')}}`;
  }
  return typeof value === 'string' ? goString(value) : (JSON.stringify(value) ?? 'null');
}

function sortedKeys(object: JsonObject): readonly string[] {
  return Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort(compareByBytes);
}
