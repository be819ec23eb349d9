import { isList, isObject, type Json, type JsonObject, partAt } from '../patch/json.ts';
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
 *
 * @param previous was pruned; whatever the object shares with it is, too.
 */
export function prune(object: JsonObject, schema: StructuralSchema, previous?: Json): Pruned {
  const removed: string[] = [];
  const root: StructuralSchema = { ...schema, 'x-kubernetes-embedded-resource': true };
  return { value: pruneObject({ value: object, previous, path: '' }, root, removed), removed };
}

/** A part of the object, the same part of the previous one, and where both are. */
interface Place<T extends Json = Json> {
  readonly value: T;
  readonly previous: Json | undefined;
  readonly path: string;
}

function pruneNode({ value, previous, path }: Place, schema: StructuralSchema | undefined, removed: string[]): Json {
  if (value === previous) return value;
  if (isList(value)) return pruneList({ value, previous, path }, schema, removed);
  return isObject(value) ? pruneObject({ value, previous, path }, schema, removed) : value;
}

function pruneList(
  { value: list, previous, path }: Place<readonly Json[]>,
  schema: StructuralSchema | undefined,
  removed: string[],
): readonly Json[] {
  // What a list preserves, its items preserve too.
  const items = preserves(schema) ? { ...schema?.items, [PRESERVE]: true } : schema?.items;
  const pruned = list.map((value, index) =>
    pruneNode({ value, previous: partAt(previous, index), path: `${path}[${index}]` }, items, removed),
  );
  return pruned.every((item, index) => item === list[index]) ? list : pruned;
}

function pruneObject(
  { value: object, previous, path }: Place<JsonObject>,
  schema: StructuralSchema | undefined,
  removed: string[],
): JsonObject {
  const embedded = schema?.['x-kubernetes-embedded-resource'] === true;
  const entries = Object.entries(object);
  const kept = entries.flatMap(([key, member]) => {
    const before = partAt(previous, key);
    if (member === before) return [[key, member] as const];
    const child = path === '' ? key : `${path}.${key}`;
    if (embedded && RESOURCE_MEMBERS.includes(key)) return [[key, member] as const];
    const known = memberSchema(schema, key);
    const place = { value: member, previous: before, path: child };
    if (known !== undefined) return [[key, pruneNode(place, known, removed)] as const];
    if (preserves(schema)) return [[key, member] as const];
    removed.push(child);
    return [];
  });
  const isSame = kept.length === entries.length && kept.every(([key, member]) => member === object[key]);
  return isSame ? object : Object.fromEntries(kept);
}

function preserves(schema: StructuralSchema | undefined): boolean {
  return schema?.[PRESERVE] === true;
}
