import { isList, isObject, type Json, type JsonObject } from '../patch/json.ts';
import { memberSchema, type StructuralSchema } from './structural-schema.ts';

/**
 * Fills in the defaults of a schema as kube-apiserver does: an absent member, or a null that may not be null, takes its
 * default; a null that may not be null and has no default is dropped. Members of a defaulted object are defaulted too.
 */
export function applyDefaults(object: JsonObject, schema: StructuralSchema): JsonObject {
  return defaultObject(object, schema);
}

function defaultNode(value: Json, schema: StructuralSchema | undefined): Json {
  if (schema === undefined) return value;
  if (isList(value)) return value.map((item) => defaultNode(replaceNull(item, schema.items), schema.items));
  return isObject(value) ? defaultObject(value, schema) : value;
}

function defaultObject(object: JsonObject, schema: StructuralSchema): JsonObject {
  const members = new Map<string, Json>();
  for (const [key, value] of Object.entries(object)) {
    const member = memberSchema(schema, key);
    if (!isUnwantedNull(value, member)) members.set(key, value);
    else if (member?.default !== undefined) members.set(key, member.default);
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined && !members.has(key)) members.set(key, property.default);
  }
  for (const [key, value] of members) members.set(key, defaultNode(value, memberSchema(schema, key)));
  return Object.fromEntries(members);
}

function isUnwantedNull(value: Json, schema: StructuralSchema | undefined): boolean {
  return value === null && schema !== undefined && schema.nullable !== true;
}

/** A list cannot lose an item: a null without a default stays, for validation to refuse. */
function replaceNull(item: Json, schema: StructuralSchema | undefined): Json {
  return isUnwantedNull(item, schema) ? (schema?.default ?? null) : item;
}
