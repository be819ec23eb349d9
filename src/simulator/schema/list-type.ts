import { canonicalJson, isList, isObject, type Json, type JsonObject, own } from '../patch/json.ts';
import { type FieldError, fieldError } from './field-error.ts';
import { additionalSchema, type StructuralSchema } from './structural-schema.ts';

/** Violations of the uniqueness that `x-kubernetes-list-type: set` and `map` promise, but for what `old` shares. */
export function listTypeErrors(schema: StructuralSchema, value: Json, path: string, old?: Json): readonly FieldError[] {
  if (value === old || !hasListTypes(schema)) return [];
  if (isList(value)) {
    const items = schema.items;
    const before = isList(old) ? old : [];
    const nested =
      items === undefined
        ? []
        : value.flatMap((item, index) => listTypeErrors(items, item, `${path}[${index}]`, before[index]));
    return [...duplicates(schema, value, path), ...nested];
  }
  if (!isObject(value)) return [];
  const additional = additionalSchema(schema);
  return Object.entries(value).flatMap(([key, member]) => {
    const before = isObject(old) ? own(old, key) : undefined;
    const property = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
    if (property) {
      const memberSchema = schema.properties?.[key];
      return memberSchema === undefined
        ? []
        : listTypeErrors(memberSchema, member, path === '' ? key : `${path}.${key}`, before);
    }
    return additional === undefined ? [] : listTypeErrors(additional, member, `${path}[${key}]`, before);
  });
}

const withListTypes = new WeakMap<StructuralSchema, boolean>();

/** Whether any list in a schema has items that must differ; schemas do not change. */
function hasListTypes(schema: StructuralSchema): boolean {
  const known = withListTypes.get(schema);
  if (known !== undefined) return known;
  const type = schema['x-kubernetes-list-type'];
  const parts = [...Object.values(schema.properties ?? {}), schema.items, additionalSchema(schema)];
  const has = type === 'set' || type === 'map' || parts.some((part) => part !== undefined && hasListTypes(part));
  withListTypes.set(schema, has);
  return has;
}

function duplicates(schema: StructuralSchema, list: readonly Json[], path: string): readonly FieldError[] {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return repeated(list).map((index) => duplicate(path, index, list[index] ?? null));
    case 'map': {
      const stranger = list.findIndex((item) => item !== null && !isObject(item));
      if (stranger >= 0) {
        const detail = 'must be an object for an array of list-type map';
        return [fieldError('FieldValueInvalid', `${path}[${stranger}]`, list[stranger] ?? null, detail)];
      }
      const keys = list.map((item) => mapKey(schema, item));
      return repeated(keys).map((index) => duplicate(path, index, keys[index] ?? null));
    }
    default:
      return [];
  }
}

function duplicate(path: string, index: number, value: Json): FieldError {
  return fieldError('FieldValueDuplicate', `${path}[${index}]`, value, '');
}

/** The index of the second occurrence of every value that occurs more than once. */
function repeated(values: readonly Json[]): readonly number[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = canonicalJson(value);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 2 ? [index] : [];
  });
}

/** The members of an item of a `map` list that identify it. */
function mapKey(schema: StructuralSchema, item: Json): JsonObject {
  const entries = (schema['x-kubernetes-list-map-keys'] ?? []).flatMap((name) => {
    const value = isObject(item) ? own(item, name) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * For each item, the item of the list before an update that it continues: the one with the same key in a `map` list.
 * Items of other lists have no identity.
 */
export function correlatedItems(
  schema: StructuralSchema,
  list: readonly Json[],
  old: Json | undefined,
): readonly (Json | undefined)[] {
  if (schema['x-kubernetes-list-type'] !== 'map' || !isList(old)) return [];
  const before = new Map(old.map((item) => [canonicalJson(mapKey(schema, item)), item]));
  return list.map((item) => before.get(canonicalJson(mapKey(schema, item))));
}
