import { EMPTY, type FieldSet, fieldSet, LEAF } from './field-set.ts';
import { isList, isObject, type Json, jsonEqual } from './json.ts';
import { isDeclared, itemElement, itemNode, type MergeNode, memberNode } from './merge-schema.ts';

/** One part of an object or list: its path element, its value and how that merges. */
interface Part {
  readonly element: string;
  readonly value: Json;
  readonly node: MergeNode;
  /** Declared fields need no entry of their own beside those of what is in them. */
  readonly declared: boolean;
}

/** The parts that a value merges by; `undefined` for a value that is one whole. */
function partsOf(value: Json, node: MergeNode): readonly Part[] | undefined {
  if (isObject(value) && node.atomic !== true) {
    return Object.entries(value).map(([key, member]) => ({
      element: `f:${key}`,
      value: member,
      node: memberNode(node, key),
      declared: isDeclared(node, key),
    }));
  }
  const list = node.list;
  if (!isList(value) || list === undefined) return undefined;
  return value.map((item, index) => ({
    // An item that lacks its key, which validation refuses elsewhere, is known by its place.
    element: itemElement(list, item) ?? `i:${index}`,
    value: item,
    node: itemNode(node),
    declared: false,
  }));
}

/** The fields that somebody who applies `value` claims: every leaf, empty object, list item and key of a map. */
export function claimedFields(value: Json, node: MergeNode): FieldSet {
  const parts = partsOf(value, node);
  if (parts === undefined) return LEAF;
  const children = parts.map((part) => {
    const below = claimedFields(part.value, part.node);
    const itself = !part.declared || (isObject(part.value) && isEmptyContainer(part.value));
    return [part.element, itself ? { ...below, owned: true } : below] as const;
  });
  return fieldSet(false, children);
}

function isEmptyContainer(value: Json): boolean {
  return isList(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** Every place of a value, inner objects included. */
function allFields(value: Json, node: MergeNode): FieldSet {
  const parts = partsOf(value, node) ?? [];
  return fieldSet(
    true,
    parts.map((part) => [part.element, allFields(part.value, part.node)] as const),
  );
}

export interface FieldChanges {
  /** Added or given another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

const UNCHANGED: FieldChanges = { changed: EMPTY, removed: EMPTY };

/** Which fields differ between two states of an object. */
export function compareFields(before: Json | undefined, after: Json | undefined, node: MergeNode): FieldChanges {
  if (jsonEqual(before, after)) return UNCHANGED;
  if (before === undefined) return { changed: after === undefined ? EMPTY : allFields(after, node), removed: EMPTY };
  if (after === undefined) return { changed: EMPTY, removed: allFields(before, node) };
  const oldParts = partsOf(before, node);
  const newParts = partsOf(after, node);
  if (oldParts === undefined || newParts === undefined || isList(before) !== isList(after)) {
    return { changed: allFields(after, node), removed: UNCHANGED.removed };
  }
  return compareParts(oldParts, newParts);
}

function compareParts(before: readonly Part[], after: readonly Part[]): FieldChanges {
  const earlier = new Map(before.map((part) => [part.element, part]));
  const later = new Map(after.map((part) => [part.element, part]));
  const elements = new Set([...earlier.keys(), ...later.keys()]);
  const changes = [...elements].map((element) => {
    const node = later.get(element)?.node ?? earlier.get(element)?.node ?? {};
    return [element, compareFields(earlier.get(element)?.value, later.get(element)?.value, node)] as const;
  });
  return {
    changed: fieldSet(
      false,
      changes.map(([element, change]) => [element, change.changed] as const),
    ),
    removed: fieldSet(
      false,
      changes.map(([element, change]) => [element, change.removed] as const),
    ),
  };
}

/**
 * The value without what a manager applied before (`last`) and nobody claims now (`claimed`). Where an item or member
 * goes, everything in it goes; an object or list that is emptied goes too unless it is itself claimed.
 */
export function dropUnclaimed(value: Json, node: MergeNode, last: FieldSet, claimed: FieldSet): Json {
  const parts = partsOf(value, node);
  if (parts === undefined) return value;
  const kept = parts.flatMap((part) => {
    const before = last.children.get(part.element) ?? EMPTY;
    const now = claimed.children.get(part.element) ?? EMPTY;
    if (standsFor(before, part) && !standsFor(now, part)) return [];
    const rest = dropUnclaimed(part.value, part.node, before, now);
    const emptied = isEmptyContainer(rest) && !isEmptyContainer(part.value);
    return emptied && !now.owned ? [] : [{ ...part, value: rest }];
  });
  if (isList(value)) return kept.map((part) => part.value);
  return Object.fromEntries(kept.map((part) => [part.element.slice('f:'.length), part.value]));
}

/** Whether a set contains a part: a declared field is in it as soon as anything in that field is. */
function standsFor(set: FieldSet, part: Part): boolean {
  return set.owned || (part.declared && set.children.size > 0);
}
