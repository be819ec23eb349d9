import { deepEqual } from './deep-equal.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { isJsonObject, member } from './json.ts';

/**
 * The RFC 7386 merge patch that turns `source` into `target`, or undefined when they are equal.
 * A `null` inside `target` cannot be expressed by a merge patch and means "absent", as it does to Kubernetes.
 */
export function mergePatchBetween(source: object, target: object): JsonObject | undefined {
  return isJsonObject(source) && isJsonObject(target) ? patchBetween(source, target) : undefined;
}

function patchBetween(source: JsonObject, target: JsonObject): JsonObject | undefined {
  const patch = new Map<string, JsonValue>();
  for (const key of Object.keys(source)) {
    if (isPresent(member(source, key)) && !isPresent(member(target, key))) patch.set(key, null);
  }
  for (const key of Object.keys(target)) {
    const change = changeBetween(member(source, key), member(target, key));
    if (change !== undefined) patch.set(key, change);
  }
  return patch.size === 0 ? undefined : Object.fromEntries(patch);
}

function isPresent(value: JsonValue | undefined): value is Exclude<JsonValue, null> {
  return value !== undefined && value !== null;
}

/** What has to be sent for one member; undefined when nothing. */
function changeBetween(from: JsonValue | undefined, to: JsonValue | undefined): JsonValue | undefined {
  if (!isPresent(to) || deepEqual(from, to)) return undefined;
  return isJsonObject(from) && isJsonObject(to) ? patchBetween(from, to) : to;
}

/** Applies an RFC 7386 merge patch; neither argument is changed. */
export function applyMergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const result = new Map<string, JsonValue | undefined>(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, change] of Object.entries(patch)) {
    if (change === undefined) continue;
    if (change === null) result.delete(key);
    else result.set(key, applyMergePatch(result.get(key), change));
  }
  return Object.fromEntries(result);
}
