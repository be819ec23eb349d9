import type { KubeObject } from '../api/core-types.ts';
import { isNotFound } from './api-error.ts';
import type { KubeClient, KubeReader, ObjectKey } from './client.ts';
import { keyString } from './object-key.ts';
import { pathOf, type Resource } from './resources.ts';

/** What the reader needs of an informer, whatever its kind. */
interface CacheView {
  readonly hasSynced: boolean;
  readonly store: { get(key: string): KubeObject | undefined };
  readonly options: {
    readonly resource: Resource;
    readonly namespace?: string | undefined;
    readonly labelSelector?: string | undefined;
    readonly fieldSelector?: string | undefined;
  };
}

/** Reads from the caches where there is one that can answer, and from the API server otherwise. */
export class CachedReader implements KubeReader {
  readonly #client: KubeClient;
  readonly #informers = new Map<string, CacheView>();

  constructor(client: KubeClient, informers: readonly CacheView[]) {
    this.#client = client;
    for (const informer of informers) {
      this.#informers.set(pathOf(informer.options.resource), informer);
    }
  }

  async find<T extends KubeObject>(resource: Resource, key: ObjectKey): Promise<T | undefined> {
    const informer = this.#informers.get(pathOf(resource));
    const cached = informer?.store.get(keyString(key));
    if (cached !== undefined) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the resource stands for the type, as in KubeClient
      return cached as T;
    }
    return informer !== undefined && knowsAll(informer, key) ? undefined : this.#readLive<T>(resource, key);
  }

  async #readLive<T extends KubeObject>(resource: Resource, key: ObjectKey): Promise<T | undefined> {
    try {
      return await this.#client.get<T>(resource, key);
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }
}

/** Whether the absence of an object in the cache means that it does not exist. */
function knowsAll({ hasSynced, options }: CacheView, { namespace }: ObjectKey): boolean {
  return (
    hasSynced &&
    options.labelSelector === undefined &&
    options.fieldSelector === undefined &&
    (options.namespace === undefined || options.namespace === namespace)
  );
}
