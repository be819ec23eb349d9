import { isObject, type Json, type JsonObject } from './json.ts';

/**
 * A set of places in an object, as a tree whose edges are path elements in the notation of `fieldsV1`: `f:name`,
 * `k:{"name":"web"}`, `v:"x"`, `i:0`. No node is without both ownership and children, but for the empty set.
 */
export interface FieldSet {
  /** Whether the place that this node stands for is itself in the set. */
  readonly owned: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const EMPTY: FieldSet = { owned: false, children: new Map() };
export const LEAF: FieldSet = { owned: true, children: new Map() };

export function isEmpty(set: FieldSet): boolean {
  return !set.owned && set.children.size === 0;
}

/** A node with those of `children` that are not empty. */
export function fieldSet(owned: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  return { owned, children: new Map([...children].filter(([, child]) => !isEmpty(child))) };
}

/** The set of one place. */
export function place(...path: readonly string[]): FieldSet {
  return path.reduceRight((child, element) => fieldSet(false, [[element, child]]), LEAF);
}

export function union(...sets: readonly FieldSet[]): FieldSet {
  const elements = new Set(sets.flatMap((set) => [...set.children.keys()]));
  const children = [...elements].map((element) => {
    const parts = sets.flatMap((set) => set.children.get(element) ?? []);
    const [only] = parts;
    return [element, parts.length === 1 && only !== undefined ? only : union(...parts)] as const;
  });
  return fieldSet(
    sets.some((set) => set.owned),
    children,
  );
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const children = [...left.children].map(
    ([element, child]) => [element, intersection(child, right.children.get(element) ?? EMPTY)] as const,
  );
  return fieldSet(left.owned && right.owned, children);
}

/** `left` without what is in `right`; `left` itself when nothing of it is. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  const touched = [...right.children].flatMap(([element, removed]) => {
    const child = left.children.get(element);
    const rest = child === undefined ? undefined : difference(child, removed);
    return rest === undefined || rest === child ? [] : [[element, rest] as const];
  });
  const owned = left.owned && !right.owned;
  if (touched.length === 0 && owned === left.owned) return left;
  return fieldSet(owned, new Map([...left.children, ...touched]));
}

/** The set without the given members of the root and all that is below them. */
export function withoutMembers(set: FieldSet, isMember: (name: string) => boolean): FieldSet {
  return fieldSet(
    set.owned,
    [...set.children].filter(([element]) => !isMember(element.slice('f:'.length))),
  );
}

/** The paths in the set, in the order of `fieldsV1`. */
export function paths(set: FieldSet): readonly (readonly string[])[] {
  const below = [...set.children]
    .sort(byElement)
    .flatMap(([element, child]) => paths(child).map((path) => [element, ...path]));
  return set.owned ? [[], ...below] : below;
}

function byElement([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

export function toFieldsV1(set: FieldSet): JsonObject {
  const members = [...set.children].sort(byElement).map(([element, child]) => {
    const below = toFieldsV1(child);
    return [element, child.owned && child.children.size > 0 ? { '.': {}, ...below } : below] as const;
  });
  return Object.fromEntries(members);
}

/** Reads `fieldsV1`; what is not of that form counts as empty. */
export function fromFieldsV1(json: Json | undefined): FieldSet {
  return isObject(json) ? childrenOf(json) : EMPTY;
}

function childrenOf(json: JsonObject): FieldSet {
  const entries = Object.entries(json);
  const children = entries.flatMap(([element, below]) => {
    if (element === '.' || !isObject(below)) return [];
    const child = childrenOf(below);
    // An element with nothing below it stands for itself.
    return [[element, child.children.size === 0 ? LEAF : child] as const];
  });
  return fieldSet(
    entries.some(([element]) => element === '.'),
    children,
  );
}

/** A path as people read it: `.spec.template.spec.containers[name="web"].image`. */
export function formatPath(path: readonly string[]): string {
  return path.map(formatElement).join('');
}

function formatElement(element: string): string {
  const text = element.slice('f:'.length);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('v:')) return `[=${text}]`;
  if (element.startsWith('i:')) return `[${text}]`;
  const key: unknown = JSON.parse(text);
  const members = Object.entries(key ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `[${members.join(',')}]`;
}
