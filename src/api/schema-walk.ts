import * as z from 'zod';

/** Looks into schemas made with `schema.ts`, for what follows a value and its schema side by side. */

/** The schema behind "may be left out". */
function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodExactOptional ? unwrapped(asType(schema.unwrap())) : schema;
}

/** The schema of a member of an object or map; undefined where the schema says nothing about it. */
export function memberSchema(schema: z.ZodType, name: string): z.ZodType | undefined {
  const type = unwrapped(schema);
  if (type instanceof z.ZodObject) {
    const member: z.core.$ZodType | undefined = Object.hasOwn(type.shape, name) ? type.shape[name] : undefined;
    return member === undefined ? undefined : asType(member);
  }
  if (!(type instanceof z.ZodRecord)) return undefined;
  return type.valueType instanceof z.ZodUnknown ? undefined : asType(type.valueType);
}

/** The schema of the items of a list. */
export function itemSchema(schema: z.ZodType): z.ZodType | undefined {
  const type = unwrapped(schema);
  return type instanceof z.ZodArray ? asType(type.element) : undefined;
}

/** Names of the fields that an object may have; undefined where any field is welcome. */
export function fieldNames(schema: z.ZodType): readonly string[] | undefined {
  const type = unwrapped(schema);
  const keepsUnknown = type.meta()?.['x-kubernetes-preserve-unknown-fields'] === true;
  return type instanceof z.ZodObject && !keepsUnknown ? Object.keys(type.shape) : undefined;
}

/** All our schemas are made with classic zod, whose containers are typed by its core. */
function asType(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new TypeError('a schema of zod core inside a schema of zod');
}
