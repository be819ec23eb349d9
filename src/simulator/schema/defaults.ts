import { isList, isObject, type Json, type JsonObject, partAt } from '../patch/json.ts';
import { memberSchema, type StructuralSchema } from './structural-schema.ts';

/**
 * Fills in the defaults of a schema as kube-apiserver does: an absent member, or a null that may not be null, takes its
 * default; a null that may not be null and has no default is dropped. Members of a defaulted object are defaulted too.
 *
 * @param previous has its defaults; whatever the object shares with it has them, too.
 */
export function applyDefaults(object: JsonObject, schema: StructuralSchema, previous?: Json): JsonObject {
  return defaultObject(object, schema, previous);
}

function defaultNode(value: Json, schema: StructuralSchema | undefined, previous: Json | undefined): Json {
  if (schema === undefined || value === previous) return value;
  if (isList(value)) return defaultList(value, schema, previous);
  return isObject(value) ? defaultObject(value, schema, previous) : value;
}

function defaultList(list: readonly Json[], schema: StructuralSchema, previous: Json | undefined): readonly Json[] {
  const items = list.map((item, index) =>
    defaultNode(replaceNull(item, schema.items), schema.items, partAt(previous, index)),
  );
  return items.every((item, index) => item === list[index]) ? list : items;
}

function defaultObject(object: JsonObject, schema: StructuralSchema, previous: Json | undefined): JsonObject {
  const members = new Map<string, Json>();
  for (const [key, value] of Object.entries(object)) {
    const member = memberSchema(schema, key);
    if (!isUnwantedNull(value, member)) members.set(key, value);
    else if (member?.default !== undefined) members.set(key, member.default);
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined && !members.has(key)) members.set(key, property.default);
  }
  for (const [key, value] of members)
    members.set(key, defaultNode(value, memberSchema(schema, key), partAt(previous, key)));
  const isSame =
    members.size === Object.keys(object).length && [...members].every(([key, value]) => object[key] === value);
  return isSame ? object : Object.fromEntries(members);
}

function isUnwantedNull(value: Json, schema: StructuralSchema | undefined): boolean {
  return value === null && schema !== undefined && schema.nullable !== true;
}

/** A list cannot lose an item: a null without a default stays, for validation to refuse. */
function replaceNull(item: Json, schema: StructuralSchema | undefined): Json {
  return isUnwantedNull(item, schema) ? (schema?.default ?? null) : item;
}
