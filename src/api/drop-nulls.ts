import type * as z from 'zod';
import { itemSchema, memberSchema } from './schema-walk.ts';

/**
 * The value without the nulls that the API server drops: those of known fields, none of which may be null. Rendered
 * Helm charts are full of them (`affinity: null`). Nulls in lists, in unknown fields and in parts of any content stay.
 * Where there is nothing to drop, the very value is returned.
 */
export function dropNulls(schema: z.ZodType, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    if (items === undefined) return value;
    const kept = value.map((item: unknown) => dropNulls(items, item));
    return kept.every((item, index) => item === value[index]) ? value : kept;
  }
  const members = Object.entries(value).map(([name, child]: [string, unknown]) => {
    const member = memberSchema(schema, name);
    return { name, child, dropped: member !== undefined && child === null, kept: kept(member, child) };
  });
  if (members.every(({ child, dropped, kept }) => !dropped && child === kept)) return value;
  return Object.fromEntries(members.filter(({ dropped }) => !dropped).map(({ name, kept }) => [name, kept]));
}

function kept(schema: z.ZodType | undefined, child: unknown): unknown {
  return schema === undefined ? child : dropNulls(schema, child);
}
