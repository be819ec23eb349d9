import type { JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import type { FieldError } from './schema/field-error.ts';
import type { StructuralSchema } from './schema/structural-schema.ts';

/** JSON paths, without the leading dot, by which a scale subresource reads and writes an object. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Path of a selector in string form (CRDs); built-ins serialise `spec.selector`. */
  readonly selectorText?: readonly string[];
}

/** A column of the Table that `kubectl get` prints. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  /** 0 is always shown, above only with `-o wide`. */
  readonly priority: number;
  readonly description: string;
  /** The cell: already human-readable, ages included. */
  readonly cell: (object: KubeObject, nowMs: number) => unknown;
}

/** What a kind does on writes beyond what all kinds have in common. `previous` is the stored object of an update. */
export interface KindRules {
  /** Fills in, in place, what the client left out. */
  readonly defaults?: (object: KubeObject, previous: KubeObject | undefined) => void;
  /** Gives a new object what must be unique among `others`, in place. */
  readonly allocate?: (object: KubeObject, others: readonly KubeObject[]) => void;
  /** Returns what is wrong. */
  readonly validate?: (object: KubeObject, previous: KubeObject | undefined) => readonly FieldError[];
}

/** One kind in one version, as discovery offers it. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths;
  /** Other subresources of objects, answered by handlers of their own. */
  readonly actions: readonly ('eviction' | 'binding' | 'log')[];
  /** Whether metadata.generation counts the changes of everything but metadata and status. */
  readonly tracksGeneration: boolean;
  /** Whether a PUT needs the `resourceVersion` that it replaces (`AllowUnconditionalUpdate` is false). */
  readonly needsVersion: boolean;
  /** Whether a PUT creates what is missing (`AllowCreateOnUpdate`). */
  readonly createsOnUpdate: boolean;
  readonly selectableFields: readonly string[];
  readonly columns: readonly Column[];
  readonly rules: KindRules;
  /** Reviews: the answer to a POST is computed, nothing is stored. */
  readonly createOnly?: boolean;
  /** The revision of its definition, which objects that are older may not fit; 0 for a built-in kind. */
  readonly since: number;
  /** Built-in kinds take strategic merge patches and store only what their schema knows. */
  readonly builtIn: boolean;
  /** A built-in kind's type in `@kubernetes/client-node`, for its OpenAPI document. */
  readonly model?: string;
  /** Built lazily: a kind's schema can be large. Undefined accepts anything. */
  readonly schema: () => StructuralSchema | undefined;
}

/** The `apiVersion` of objects of this type. */
export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** All versions of a resource share one collection. */
export function collectionOf(type: Pick<ResourceType, 'group' | 'plural'>): string {
  return `${type.group}/${type.plural}`;
}

/** What errors about an object of this type are about. */
export function subjectOf(
  type: Pick<ResourceType, 'group' | 'plural'>,
  name: string,
): { group: string; resource: string; name: string } {
  return { group: type.group, resource: type.plural, name };
}

/** As `subjectOf`, with the kind, as validation errors have it. */
export function kindSubjectOf(
  type: Pick<ResourceType, 'group' | 'kind'>,
  name: string,
): { group: string; resource: string; name: string } {
  return { group: type.group, resource: type.kind, name };
}

/** The object in this type's version: versions differ in nothing but their name (conversion strategy None). */
export function inVersionOf(type: ResourceType, object: KubeObject): KubeObject & JsonTree {
  const apiVersion = apiVersionOf(type);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
