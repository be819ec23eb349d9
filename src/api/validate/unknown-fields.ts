import type * as z from 'zod';
import { fieldNames, itemSchema, memberSchema } from '../schema-walk.ts';
import { closestWord } from './edit-distance.ts';
import { join, type Problem } from './problem.ts';

/**
 * Fields that the schema does not know. The API server drops them without a word, so they are nearly always mistakes.
 * Fields whose value is null say nothing and are passed over, as is everything below a part of any content.
 */
export function unknownFields(schema: z.ZodType, value: unknown, path = ''): readonly Problem[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    return items === undefined ? [] : value.flatMap((item, index) => unknownFields(items, item, join(path, index)));
  }
  const known = fieldNames(schema);
  return Object.entries(value).flatMap(([name, child]) => {
    const field = join(path, name);
    // The API server knows metadata better than we do.
    if (field === 'metadata' || child === null) return [];
    const member = memberSchema(schema, name);
    if (member !== undefined) return unknownFields(member, child, field);
    return known === undefined ? [] : [{ field, message: unknownField(name, known) }];
  });
}

function unknownField(name: string, known: readonly string[]): string {
  const meant = closestWord(name, known);
  return meant === undefined ? 'unknown field' : `unknown field; did you mean ${meant}?`;
}
