import { isList, isObject, type Json, type JsonObject, partAt } from '../patch/json.ts';
import { memberSchema, type StructuralSchema } from './structural-schema.ts';
import { validatePart } from './validate.ts';

interface DecodedStruct {
  readonly value: JsonObject;
  /** Paths of the fields that the struct does not have, such as `spec.foo`. */
  readonly unknown: readonly string[];
  /** The first value of a wrong type, with its path. */
  readonly mistake: string | undefined;
}

/**
 * What a server reads into a Go struct and writes again: unknown fields are lost; nulls, empty maps and empty lists are
 * absent. What stays as it is is shared with the original.
 *
 * @param previous has that form; whatever the object shares with it has it, too.
 * @param path where the object is, in messages; none for a whole object.
 */
export function decodeStruct(
  object: JsonObject,
  schema: StructuralSchema,
  previous: Json | undefined,
  ...path: readonly string[]
): DecodedStruct {
  const decoder = new StructDecoder(path);
  const value = decoder.object(object, schema, previous);
  return { value, unknown: decoder.unknown, mistake: decoder.mistake };
}

class StructDecoder {
  readonly unknown: string[] = [];
  mistake: string | undefined;
  readonly #path: (string | number)[];

  constructor(path: readonly string[]) {
    this.#path = [...path];
  }

  object(object: JsonObject, schema: StructuralSchema, previous: Json | undefined): JsonObject {
    const kept: [string, Json][] = [];
    let isSame = true;
    for (const [key, value] of Object.entries(object)) {
      const before = partAt(previous, key);
      const decoded = value === before ? value : this.#member(key, value, schema, before);
      if (decoded !== undefined) kept.push([key, decoded]);
      isSame &&= decoded !== undefined && decoded === value;
    }
    return isSame ? object : Object.fromEntries(kept);
  }

  /** Undefined for what is absent afterwards. */
  #member(
    key: string,
    value: Json | undefined,
    parent: StructuralSchema,
    previous: Json | undefined,
  ): Json | undefined {
    const schema = memberSchema(parent, key);
    // The text of a key without a value is empty.
    if (value === null && isMap(parent) && schema?.type === 'string') return '';
    if (schema !== undefined && (value === null || value === undefined)) return undefined;
    this.#path.push(key);
    const decoded = schema === undefined ? this.#drop() : this.#value(value ?? null, schema, previous);
    this.#path.pop();
    return decoded === undefined || schema === undefined || isEmpty(decoded, schema) ? undefined : decoded;
  }

  #drop(): undefined {
    this.unknown.push(this.#where());
    return undefined;
  }

  #value(value: Json, schema: StructuralSchema, previous: Json | undefined): Json {
    if (value === previous) return value;
    if (preserves(schema)) return withoutNulls(value);
    if (isList(value) && schema.type === 'array') return this.#list(value, schema, previous);
    if (isObject(value) && schema.type === 'object') return this.object(value, schema, previous);
    if (typeof value === 'object' || typeof value !== schema.type || schema.pattern !== undefined) {
      this.#check(value, schema);
    }
    return value;
  }

  #list(list: readonly Json[], schema: StructuralSchema, previous: Json | undefined): readonly Json[] {
    const { items } = schema;
    if (items === undefined) return list;
    const decoded = list.map((item, index) => {
      this.#path.push(index);
      const result = this.#value(item, items, partAt(previous, index));
      this.#path.pop();
      return result;
    });
    return decoded.every((item, index) => item === list[index]) ? list : decoded;
  }

  #check(value: Json, schema: StructuralSchema): void {
    const [first] = validatePart(schema, value, this.#where());
    if (first !== undefined) this.mistake ??= `${first.field}: ${first.message}`;
  }

  #where(): string {
    return this.#path
      .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
      .join('');
  }
}

/** Go leaves out a map or list without members; a struct it writes. */
function isEmpty(value: Json, schema: StructuralSchema): boolean {
  if (isList(value)) return value.length === 0;
  return isMap(schema) && isObject(value) && Object.keys(value).length === 0;
}

function isMap({ additionalProperties }: StructuralSchema): boolean {
  return typeof additionalProperties === 'object';
}

function preserves(schema: StructuralSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}

function withoutNulls(value: Json): Json {
  if (isList(value)) {
    const items = value.map(withoutNulls);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  const kept = entries.flatMap(([key, member]) => (member === null ? [] : [[key, withoutNulls(member)] as const]));
  const isSame = kept.length === entries.length && kept.every(([key, member]) => member === value[key]);
  return isSame ? value : Object.fromEntries(kept);
}
