import { additionalSchema, type StructuralSchema } from '../schema/structural-schema.ts';
import { canonicalJson, isObject, type Json, own } from './json.ts';

/** How the items of a list are told apart. A list without this is one value. */
export type ListMerge =
  | { readonly type: 'set' }
  | {
      readonly type: 'map';
      /** The first is also the merge key of strategic merge patches. */
      readonly keys: readonly string[];
      /** What an absent key member means. */
      readonly defaults?: Readonly<Record<string, Json>>;
    };

/** How the value at one place of an object merges, for strategic merge patches and server-side apply. */
export interface MergeNode {
  /** Members that the type declares. */
  readonly fields?: Readonly<Record<string, MergeNode>>;
  /** The members of a map, which have keys rather than fields. */
  readonly values?: MergeNode;
  readonly items?: MergeNode;
  readonly list?: ListMerge;
  /** Server-side apply takes the object as one value. */
  readonly atomic?: boolean;
  /** Strategic merge patches replace the value although server-side apply merges it. */
  readonly replaced?: boolean;
  /** Members that `fields` does not name are declared all the same: of a Go struct of which we note what matters. */
  readonly open?: boolean;
}

const UNTYPED: MergeNode = {};
const OPEN: MergeNode = { open: true };

export function memberNode(node: MergeNode, key: string): MergeNode {
  const field = node.fields !== undefined && Object.hasOwn(node.fields, key) ? node.fields[key] : undefined;
  return field ?? node.values ?? (node.open === true ? OPEN : UNTYPED);
}

/** Whether `key` is a field of a type, and not a key of a map or a member that nobody declared. */
export function isDeclared(node: MergeNode, key: string): boolean {
  return node.open === true || (node.fields !== undefined && Object.hasOwn(node.fields, key));
}

export function itemNode(node: MergeNode): MergeNode {
  return node.items ?? (node.open === true ? OPEN : UNTYPED);
}

/**
 * The name of a list item in a field set, `k:{"name":"web"}` or `v:"x"`; `undefined` when it lacks a key that has no
 * default.
 */
export function itemElement(list: ListMerge, item: Json): string | undefined {
  if (list.type === 'set') return `v:${canonicalJson(item)}`;
  const key: [string, Json][] = [];
  for (const name of list.keys) {
    const value = isObject(item) ? (own(item, name) ?? list.defaults?.[name]) : undefined;
    if (value === undefined) return undefined;
    key.push([name, value]);
  }
  return `k:${canonicalJson(Object.fromEntries(key))}`;
}

const mapOf = (...keys: readonly string[]): ListMerge => ({ type: 'map', keys });

/** `metadata` of every kind, and of the pod templates within. */
export const OBJECT_META: MergeNode = {
  open: true,
  fields: {
    labels: { values: UNTYPED },
    annotations: { values: UNTYPED },
    finalizers: { list: { type: 'set' } },
    ownerReferences: { list: mapOf('uid'), items: { atomic: true, open: true } },
  },
};

/** How an object of a kind that a CustomResourceDefinition describes merges. */
export function mergeNodeOfSchema(schema: StructuralSchema): MergeNode {
  return withMetadata(nodeOf(schema));
}

/** How an object merges of which nothing is known but that it is a Kubernetes object. */
export const UNKNOWN_KIND: MergeNode = { fields: { metadata: OBJECT_META } };

function withMetadata(node: MergeNode): MergeNode {
  return { ...node, fields: { ...node.fields, apiVersion: UNTYPED, kind: UNTYPED, metadata: OBJECT_META } };
}

function nodeOf(schema: StructuralSchema): MergeNode {
  const node: MergeNode = {
    ...objectNode(schema),
    ...(schema.items === undefined ? {} : { items: nodeOf(schema.items) }),
    ...listNode(schema),
  };
  return schema['x-kubernetes-embedded-resource'] === true ? withMetadata(node) : node;
}

function objectNode(schema: StructuralSchema): MergeNode {
  const additional = additionalSchema(schema);
  const fields = Object.entries(schema.properties ?? {}).map(([key, member]) => [key, nodeOf(member)] as const);
  return {
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
    ...(additional === undefined ? {} : { values: nodeOf(additional) }),
    ...(schema['x-kubernetes-map-type'] === 'atomic' ? { atomic: true } : {}),
  };
}

function listNode(schema: StructuralSchema): MergeNode {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return { list: { type: 'set' } };
    case 'map': {
      const keys = schema['x-kubernetes-list-map-keys'] ?? [];
      const defaults = keys.flatMap((key) => {
        const value = schema.items?.properties?.[key]?.default;
        return value === undefined ? [] : [[key, value] as const];
      });
      return { list: { type: 'map', keys, defaults: Object.fromEntries(defaults) } };
    }
    default:
      return {};
  }
}
