import type { Json } from '../patch/json.ts';
import type { StructuralSchema } from './structural-schema.ts';

const schemas = new WeakMap<object, StructuralSchema>();

/**
 * Whether a part of an object was brought into the form of this very schema before it was stored. What is stored is
 * frozen, so it still has that form; a changed definition has other schemas.
 */
export function isConformed(value: Json, schema: StructuralSchema | undefined): boolean {
  return typeof value === 'object' && value !== null && schemas.get(value) === schema && Object.isFrozen(value);
}

/** Notes that `value` has the form of the schema. */
export function conformed<T extends Json>(value: T, schema: StructuralSchema | undefined): T {
  if (typeof value === 'object' && value !== null && schema !== undefined) schemas.set(value, schema);
  return value;
}
