import * as z from 'zod';
import { closestWord } from './edit-distance.ts';
import { join, type Problem } from './problem.ts';

/**
 * Fields that the schema does not know. The API server drops them without a word, so they are nearly always mistakes.
 * Fields whose value is null say nothing and are passed over, as is everything below a part of any content.
 */
export function unknownFields(schema: z.ZodType, value: unknown, path = ''): readonly Problem[] {
  const type = unwrapped(schema);
  if (type instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((item, index) => unknownFields(asType(type.element), item, join(path, index)));
  }
  if (typeof value !== 'object' || value === null) return [];
  if (type instanceof z.ZodRecord) {
    return Object.entries(value).flatMap(([key, item]) => unknownFields(asType(type.valueType), item, join(path, key)));
  }
  return type instanceof z.ZodObject && !keepsUnknown(type) ? fieldsOfObject(type, value, path) : [];
}

function fieldsOfObject(type: z.ZodObject, value: object, path: string): readonly Problem[] {
  const shape = new Map(Object.entries(type.shape));
  return Object.entries(value).flatMap(([name, child]) => {
    const field = join(path, name);
    // The API server knows metadata better than we do.
    if (field === 'metadata' || child === null) return [];
    const schema = shape.get(name);
    return schema === undefined
      ? [{ field, message: unknownField(name, [...shape.keys()]) }]
      : unknownFields(asType(schema), child, field);
  });
}

function unknownField(name: string, known: readonly string[]): string {
  const meant = closestWord(name, known);
  return meant === undefined ? 'unknown field' : `unknown field; did you mean ${meant}?`;
}

function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodExactOptional ? unwrapped(asType(schema.unwrap())) : schema;
}

function keepsUnknown(schema: z.ZodType): boolean {
  return schema.meta()?.['x-kubernetes-preserve-unknown-fields'] === true;
}

/** All our schemas are made with classic zod, whose containers are typed by its core. */
function asType(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new TypeError('a schema of zod core inside a schema of zod');
}
