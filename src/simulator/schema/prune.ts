import { isList, isObject, type Json, type JsonObject } from '../patch/json.ts';
import { memberSchema, type StructuralSchema } from './structural-schema.ts';

interface Pruned {
  readonly value: JsonObject;
  /** Paths of the removed fields, such as `spec.steps[0].foo`, in the order of the object. */
  readonly removed: readonly string[];
}

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';

/** Members that every embedded resource has, whatever its schema says. */
const RESOURCE_MEMBERS = ['apiVersion', 'kind', 'metadata'];

/**
 * Removes the fields that the schema of a custom resource does not name, as kube-apiserver does on every read and write.
 * `apiVersion`, `kind` and `metadata` of the resource itself stay as they are.
 */
export function prune(object: JsonObject, schema: StructuralSchema): Pruned {
  const removed: string[] = [];
  const root: StructuralSchema = { ...schema, 'x-kubernetes-embedded-resource': true };
  return { value: pruneObject(object, root, '', removed), removed };
}

function pruneNode(value: Json, schema: StructuralSchema | undefined, path: string, removed: string[]): Json {
  if (isList(value)) return pruneList(value, schema, path, removed);
  return isObject(value) ? pruneObject(value, schema, path, removed) : value;
}

function pruneList(
  list: readonly Json[],
  schema: StructuralSchema | undefined,
  path: string,
  removed: string[],
): readonly Json[] {
  // What a list preserves, its items preserve too.
  const items = preserves(schema) ? { ...schema?.items, [PRESERVE]: true } : schema?.items;
  return list.map((item, index) => pruneNode(item, items, `${path}[${index}]`, removed));
}

function pruneObject(
  object: JsonObject,
  schema: StructuralSchema | undefined,
  path: string,
  removed: string[],
): JsonObject {
  const embedded = schema?.['x-kubernetes-embedded-resource'] === true;
  const kept = Object.entries(object).flatMap(([key, member]) => {
    const child = path === '' ? key : `${path}.${key}`;
    if (embedded && RESOURCE_MEMBERS.includes(key)) return [[key, member] as const];
    const known = memberSchema(schema, key);
    if (known !== undefined) return [[key, pruneNode(member, known, child, removed)] as const];
    if (preserves(schema)) return [[key, member] as const];
    removed.push(child);
    return [];
  });
  return Object.fromEntries(kept);
}

function preserves(schema: StructuralSchema | undefined): boolean {
  return schema?.[PRESERVE] === true;
}
