import { isList, isObject, type Json, type JsonObject, jsonEqual, own, withKey, withoutKeys } from './json.ts';
import { badPatch, PatchError, rejectedPatch } from './patch-error.ts';

/** kube-apiserver refuses longer patches (`maxJSONPatchOperations`). */
const MAX_OPERATIONS = 10_000;

type Container = readonly Json[] | JsonObject;
/** Returns the container with its member `key` changed. */
type Change = (container: Container, key: string) => Container;

/**
 * RFC 6902 as kube-apiserver applies it (evanphx/json-patch v4): negative indices count from the end, `replace` of an
 * absent object member adds it, `test` takes an absent member for null. `doc` is not modified.
 *
 * @throws PatchError 400 for a patch that is not a list of objects, 422 for one that does not apply.
 */
export function applyJsonPatch(doc: JsonObject, ops: Json): JsonObject {
  if (!isList(ops)) throw badPatch('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (ops.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${ops.length}`;
    throw new PatchError(413, message);
  }
  let result: Json = doc;
  for (const op of ops) {
    if (!isObject(op)) throw badPatch('json: cannot unmarshal array element into Go value of type jsonpatch.Operation');
    result = applyOperation(result, op);
  }
  if (!isObject(result)) throw rejectedPatch('the patch leaves no object');
  return result;
}

function applyOperation(doc: Json, op: JsonObject): Json {
  const kind = own(op, 'op');
  const value = own(op, 'value') ?? null;
  switch (kind) {
    case 'add':
      return change(doc, pointer(op, 'path', kind), kind, (at, key) => add(at, key, value));
    case 'remove':
      return change(doc, pointer(op, 'path', kind), kind, remove);
    case 'replace': {
      const path = pointer(op, 'path', kind);
      return path === '' ? value : change(doc, path, kind, (at, key) => replace(at, key, value));
    }
    case 'move': {
      const from = pointer(op, 'from', kind);
      const moved = read(doc, from, kind);
      const rest = change(doc, from, kind, remove);
      return change(rest, pointer(op, 'path', kind), kind, (at, key) => add(at, key, moved));
    }
    case 'copy': {
      const copied = read(doc, pointer(op, 'from', kind), kind);
      return change(doc, pointer(op, 'path', kind), kind, (at, key) => add(at, key, copied));
    }
    case 'test': {
      const path = pointer(op, 'path', kind);
      if (!jsonEqual(path === '' ? doc : read(doc, path, kind), value)) {
        throw rejectedPatch(`testing value ${path} failed: test failed`);
      }
      return doc;
    }
    default:
      throw rejectedPatch(`Unexpected kind: ${typeof kind === 'string' ? kind : 'unknown'}`);
  }
}

function pointer(op: JsonObject, member: 'path' | 'from', kind: string): string {
  const path = own(op, member);
  if (typeof path !== 'string') throw rejectedPatch(`${kind} operation failed to decode ${member}: missing value`);
  return path;
}

function tokens(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function missingPath(kind: string, path: string): PatchError {
  return rejectedPatch(`${kind} operation does not apply: doc is missing path: "${path}": missing value`);
}

/** Applies `edit` to the container that `path` ends in and rebuilds the way down to it. */
function change(doc: Json, path: string, kind: string, edit: Change): Json {
  const keys = tokens(path);
  const descend = (node: Json, depth: number): Json => {
    const key = keys[depth];
    if (key === undefined || !(isList(node) || isObject(node))) throw missingPath(kind, path);
    if (depth === keys.length - 1) return edit(node, key);
    const child = member(node, key);
    if (child === undefined) throw missingPath(kind, path);
    return replace(node, key, descend(child, depth + 1));
  };
  return descend(doc, 0);
}

/** The value at `path`; null where only the last object member is absent. */
function read(doc: Json, path: string, kind: string): Json {
  const keys = tokens(path);
  let node: Json | undefined = doc;
  for (const [depth, key] of keys.entries()) {
    if (!(isList(node) || isObject(node))) throw missingPath(kind, path);
    const last: boolean = depth === keys.length - 1;
    if (last && isList(node)) elementIndex(key, node.length, node.length - 1);
    node = member(node, key);
    if (node === undefined && !last) throw missingPath(kind, path);
  }
  if (keys.length === 0) throw missingPath(kind, path);
  return node ?? null;
}

function member(container: Container, key: string): Json | undefined {
  if (isObject(container)) return own(container, key);
  const index = integer(key);
  return index === undefined ? undefined : container.at(index);
}

function add(container: Container, key: string, value: Json): Container {
  if (isObject(container)) return withKey(container, key, value);
  if (key === '-') return [...container, value];
  const index = elementIndex(key, container.length + 1, container.length);
  return container.toSpliced(index, 0, value);
}

function replace(container: Container, key: string, value: Json): Container {
  if (isObject(container)) return withKey(container, key, value);
  return container.with(elementIndex(key, container.length, container.length - 1), value);
}

function remove(container: Container, key: string): Container {
  if (isObject(container)) {
    if (!Object.hasOwn(container, key)) {
      throw rejectedPatch(`Unable to remove nonexistent key: ${key}: missing value`);
    }
    return withoutKeys(container, key);
  }
  return container.toSpliced(elementIndex(key, container.length, container.length - 1), 1);
}

function integer(key: string): number | undefined {
  return /^[+-]?\d+$/.test(key) ? Number(key) : undefined;
}

/** The index that `key` names, at most `highest`; a negative one counts from `length`. */
function elementIndex(key: string, length: number, highest: number): number {
  const index = integer(key);
  if (index === undefined) throw rejectedPatch(`value was not a proper array index: '${key}'`);
  if (index > highest || index < -length) {
    throw rejectedPatch(`Unable to access invalid index: ${index}: invalid index referenced`);
  }
  return index < 0 ? index + length : index;
}
