import type { KubeObject } from '../api/core-types.ts';
import { isConflict } from './api-error.ts';
import type { CallOptions, KubeClient, ObjectKey, PatchBody } from './client.ts';
import type { Resource } from './resources.ts';

/** client-go's `retry.DefaultRetry`. */
const DEFAULT_ATTEMPTS = 5;

/** A merge patch that the server refuses with 409 when the object has changed since `observed` was read. */
export function guardedPatch(observed: KubeObject, patch: { readonly metadata?: object }): PatchBody {
  const { resourceVersion } = observed.metadata;
  return { type: 'merge', patch: { ...patch, metadata: { ...patch.metadata, resourceVersion } } };
}

/**
 * Reads an object from the API, patches it as `change` says, and does both again when somebody else was quicker.
 * `change` returns `undefined` when nothing needs to be done; then the object is returned as read.
 */
export async function patchFresh<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  key: ObjectKey,
  change: (fresh: T) => { readonly metadata?: object } | undefined,
  options: CallOptions & { readonly subresource?: string; readonly attempts?: number } = {},
): Promise<T> {
  const { attempts = DEFAULT_ATTEMPTS, ...callOptions } = options;
  for (let attempt = 1; ; attempt += 1) {
    const fresh = await client.get<T>(resource, key, callOptions);
    const patch = change(fresh);
    if (patch === undefined) {
      return fresh;
    }
    try {
      return await client.patch<T>(resource, key, guardedPatch(fresh, patch), callOptions);
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) {
        throw error;
      }
    }
  }
}
