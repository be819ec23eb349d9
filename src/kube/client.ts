import type { KubeObject } from '../api/core-types.ts';
import type { Resource } from './resources.ts';
import type { RequestPriority } from './transport.ts';

export interface ObjectKey {
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly priority?: RequestPriority;
  /** Deadline for the whole call (of each page of a list), milliseconds. */
  readonly timeoutMs?: number;
}

export type PatchBody =
  /** RFC 7386. Put `metadata.resourceVersion` in it to make the server refuse a stale patch with 409. */
  | { readonly type: 'merge'; readonly patch: object }
  /** RFC 6902. */
  | { readonly type: 'json'; readonly patch: readonly object[] }
  /** For built-in kinds only. */
  | { readonly type: 'strategic'; readonly patch: object }
  /** Server-side apply. */
  | { readonly type: 'apply'; readonly patch: object; readonly fieldManager: string; readonly force?: boolean };

export interface ListOptions extends CallOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface DeleteOptions extends CallOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Of a pod: 0 removes the object at once, which only the one who runs the pod may do. */
  readonly gracePeriodSeconds?: number;
}

/**
 * Untyped access to any kind as plain JSON objects: nothing that the server sent is dropped, converted or defaulted.
 * Every method rejects with `ApiError` for an answer that is not 2xx and with `TransportError` when there was none.
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource, key: ObjectKey, options?: CallOptions): Promise<T>;
  /** All pages. */
  list<T extends KubeObject>(resource: Resource, namespace: string | undefined, options?: ListOptions): Promise<T[]>;
  create<T extends KubeObject>(resource: Resource, object: T, options?: CallOptions): Promise<T>;
  replace<T extends KubeObject>(resource: Resource, object: T, options?: CallOptions): Promise<T>;
  patch<T extends KubeObject>(
    resource: Resource,
    key: ObjectKey,
    body: PatchBody,
    options?: CallOptions & { readonly subresource?: string; readonly dryRun?: boolean },
  ): Promise<T>;
  delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  /** POST of `body` to a subresource, e.g. a pod's `eviction`; gives the answer, e.g. the token of a service account. */
  createSubresource<T extends KubeObject>(
    resource: Resource,
    key: ObjectKey,
    subresource: string,
    body: object,
    options?: CallOptions,
  ): Promise<T>;
}

/** What a router, provider or notifier may read: cached where the controller watches the kind, live otherwise. */
export interface KubeReader {
  /** Resolves to `undefined` when there is no such object. The result is shared: never modify it. */
  find<T extends KubeObject>(resource: Resource, key: ObjectKey): Promise<T | undefined>;
}
