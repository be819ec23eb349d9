/** A JSON object that may be built up and changed; what is stored is frozen. */
export type JsonTree = { [key: string]: unknown };

export function isTree(value: unknown): value is JsonTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A deep copy that shares nothing with the original; members that are undefined are dropped. */
export function cloneTree<T>(value: T): T;
export function cloneTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => cloneTree(item));
  if (!isTree(value)) return value;
  const copy: JsonTree = {};
  for (const key of Object.keys(value)) {
    if (value[key] !== undefined) copy[key] = cloneTree(value[key]);
  }
  return copy;
}

/** Freezes a whole tree, so that nobody who was handed a stored object can change the store. */
export function freezeTree<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freezeTree(member);
  }
  return value;
}

/** The value at a path of member names; undefined when any part is absent. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (!isTree(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** A text, number or boolean at a path as text; undefined for anything else. */
export function scalarTextAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? `${found}` : undefined;
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The members of an array that are objects; empty when there is no array. */
export function treesAt(value: unknown, ...path: readonly string[]): JsonTree[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found.filter(isTree) : [];
}

export function treeAt(value: unknown, ...path: readonly string[]): JsonTree | undefined {
  const found = valueAt(value, ...path);
  return isTree(found) ? found : undefined;
}

/** String to string, as labels, annotations and selectors are; other members are left out. */
export function stringMapAt(value: unknown, ...path: readonly string[]): Record<string, string> {
  const entries = Object.entries(treeAt(value, ...path) ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Sets the value at a path, creating the objects on the way; undefined removes it. */
export function setAt(tree: JsonTree, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length > 0) {
    setAt(ensureTree(tree, key), rest, value);
  } else if (value === undefined) {
    delete tree[key];
  } else {
    tree[key] = value;
  }
}

/** A copy with the value at a path; all that is beside the path is shared. */
export function withAt(tree: JsonTree, path: readonly string[], value: unknown): JsonTree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  const member = tree[key];
  return { ...tree, [key]: rest.length === 0 ? value : withAt(isTree(member) ? member : {}, rest, value) };
}

/** The object under `key`, created when there is none. */
export function ensureTree(tree: JsonTree, key: string): JsonTree {
  const existing = tree[key];
  if (isTree(existing)) return existing;
  const created: JsonTree = {};
  tree[key] = created;
  return created;
}

/** Gives a member a value when it has none; an explicit null counts as none, as it does to the API server. */
export function setDefault(tree: JsonTree, key: string, value: unknown): void {
  if (tree[key] === undefined || tree[key] === null) tree[key] = value;
}
