import { isList, isObject, type Json, type JsonObject } from '../patch/json.ts';
import { conformed, isConformed } from './conformed.ts';
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
 * @param path where the object is, in messages; none for a whole object.
 */
export function decodeStruct(object: JsonObject, schema: StructuralSchema, ...path: readonly string[]): DecodedStruct {
  const decoder = new StructDecoder(path);
  const value = decoder.object(object, schema);
  return { value, unknown: decoder.unknown, mistake: decoder.mistake };
}

class StructDecoder {
  readonly unknown: string[] = [];
  mistake: string | undefined;
  readonly #path: (string | number)[];

  constructor(path: readonly string[]) {
    this.#path = [...path];
  }

  object(object: JsonObject, schema: StructuralSchema): JsonObject {
    const kept: [string, Json][] = [];
    let isSame = true;
    for (const [key, value] of Object.entries(object)) {
      this.#path.push(key);
      const decoded = this.#member(value, memberSchema(schema, key), isMap(schema));
      this.#path.pop();
      if (decoded !== undefined) kept.push([key, decoded]);
      isSame &&= decoded === value;
    }
    return conformed(isSame ? object : Object.fromEntries(kept), schema);
  }

  /** Undefined for what is absent afterwards. */
  #member(value: Json | undefined, schema: StructuralSchema | undefined, isInMap: boolean): Json | undefined {
    if (schema === undefined) {
      this.unknown.push(this.#where());
      return undefined;
    }
    // The text of a key without a value is empty.
    if (value === null && isInMap && schema.type === 'string') return '';
    if (value === null || value === undefined) return undefined;
    const decoded = this.#value(value, schema);
    return isEmpty(decoded, schema) ? undefined : decoded;
  }

  #value(value: Json, schema: StructuralSchema): Json {
    if (isConformed(value, schema)) return value;
    if (preserves(schema)) return conformed(withoutNulls(value), schema);
    if (isList(value) && schema.type === 'array') return this.#list(value, schema);
    if (isObject(value) && schema.type === 'object') return this.object(value, schema);
    if (typeof value === 'object' || typeof value !== schema.type || schema.pattern !== undefined) {
      this.#check(value, schema);
    }
    return value;
  }

  #list(list: readonly Json[], schema: StructuralSchema): readonly Json[] {
    const { items } = schema;
    if (items === undefined) return list;
    const decoded = list.map((item, index) => {
      this.#path.push(index);
      const result = this.#value(item, items);
      this.#path.pop();
      return result;
    });
    return conformed(decoded.every((item, index) => item === list[index]) ? list : decoded, schema);
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
