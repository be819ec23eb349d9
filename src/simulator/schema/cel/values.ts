import { isList, isObject, type Json } from '../../patch/json.ts';
import { memberSchema, type StructuralSchema } from '../structural-schema.ts';

/** CEL's optional type; absent when `value` is undefined. */
export interface CelOptional {
  readonly optional: true;
  readonly value: CelValue | undefined;
}

export type CelKey = string | bigint | boolean;
export type CelMap = ReadonlyMap<CelKey, CelValue>;

/** A value of an expression: integers are bigints, doubles are numbers. */
export type CelValue = null | boolean | bigint | number | string | readonly CelValue[] | CelMap | CelOptional;

export function isCelList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

export function isCelMap(value: CelValue): value is CelMap {
  return value instanceof Map;
}

export function isCelOptional(value: CelValue): value is CelOptional {
  return typeof value === 'object' && value !== null && 'optional' in value;
}

export function isNumeric(value: CelValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

/** A custom resource's value as CEL sees it: its schema tells an integer from a double that happens to be whole. */
export function toCel(value: Json, schema: StructuralSchema | undefined): CelValue {
  if (isList(value)) return value.map((item) => toCel(item, schema?.items));
  if (isObject(value)) {
    return new Map(Object.entries(value).map(([key, member]) => [key, toCel(member, memberSchema(schema, key))]));
  }
  const isInteger = typeof value === 'number' && Number.isInteger(value) && schema?.type !== 'number';
  return isInteger ? BigInt(value) : value;
}

/** CEL equality: numbers by value whatever their type, lists and maps by content, different types never equal. */
export function celEqual(left: CelValue, right: CelValue): boolean {
  // eslint-disable-next-line eqeqeq -- 1n == 1 compares an integer with a double exactly, which === never does
  if (isNumeric(left) && isNumeric(right)) return left == right;
  if (isCelList(left)) {
    return (
      isCelList(right) &&
      left.length === right.length &&
      left.every((item, index) => celEqual(item, right[index] ?? null))
    );
  }
  if (isCelMap(left)) {
    if (!isCelMap(right) || left.size !== right.size) return false;
    return [...left].every(([key, value]) => {
      const other = right.get(key);
      return other !== undefined && celEqual(value, other);
    });
  }
  if (typeof left === 'object' && left !== null) {
    if (typeof right !== 'object' || right === null || !isCelOptional(right) || !isCelOptional(left)) return false;
    if (left.value === undefined || right.value === undefined) return left.value === right.value;
    return celEqual(left.value, right.value);
  }
  return left === right;
}
