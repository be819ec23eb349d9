import { isObject, type Json, type JsonObject, own, sharedWith } from './json.ts';
import { badPatch } from './patch-error.ts';

/**
 * RFC 7386 as the API server takes it: the patch must be an object. Neither argument is modified; the result may share
 * unchanged parts with both.
 *
 * @throws PatchError 400 when the patch is not an object.
 */
export function applyMergePatch(doc: JsonObject, patch: Json): JsonObject {
  if (!isObject(patch)) {
    throw badPatch('error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}');
  }
  return mergeObject(doc, patch);
}

function mergeObject(doc: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(doc));
  let isSame = true;
  for (const [key, value] of Object.entries(patch)) {
    const current = own(doc, key);
    const next = value === null ? undefined : mergeValue(current, value);
    if (next === undefined) merged.delete(key);
    else merged.set(key, next);
    isSame &&= next === current;
  }
  return isSame ? doc : Object.fromEntries(merged);
}

function mergeValue(current: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return sharedWith(current, patch);
  return mergeObject(isObject(current) ? current : {}, patch);
}
