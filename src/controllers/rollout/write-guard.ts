import type { KubeObject } from '../../api/core-types.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { EpochMs } from '../../api/time.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Informer } from '../../kube/informer.ts';
import { pathOf, type Resource } from '../../kube/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ReadYourWrites } from '../../runtime/read-your-writes.ts';

/**
 * How long a pass waits for a cache that lags; then the cache is told what was written. Waiting for a dead watch would
 * cost an abort, and deciding on what was there before one's own writes would do them twice.
 */
const MAX_WAIT_MS = 5_000;
/** The event that ends the wait also brings the next pass; this is for an event that gets lost. */
const LOOK_AGAIN_MS = 500;

/** What the guard needs of an informer, whatever its kind. */
type Cache = Pick<Informer<KubeObject>, 'options' | 'onChange' | 'learn'> & {
  readonly store: { get(key: string): KubeObject | undefined };
};

interface Kind {
  readonly cache: Cache;
  readonly writes: ReadYourWrites;
}

interface Touched {
  readonly kind: Kind;
  /** As the server answered. */
  readonly object: KubeObject;
}

/**
 * Read your own writes: remembers, per Rollout, the objects that its passes have written (or read live), and says whether
 * the caches show them yet.
 */
export class WriteGuard {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();
  /** Rollout key → what its passes touched and the caches have not confirmed. */
  readonly #touched = new Map<string, Map<string, Touched>>();

  constructor(clock: Clock, caches: readonly Cache[]) {
    this.#clock = clock;
    for (const cache of caches) {
      const writes = new ReadYourWrites(clock, MAX_WAIT_MS);
      this.#kinds.set(pathOf(cache.options.resource), { cache, writes });
      // An object that somebody deleted after our write never shows up again.
      cache.onChange({ deleted: (object) => writes.forget(keyOf(object)) });
    }
  }

  /** `client`, with everything that it reads or writes on behalf of `rollout` remembered. */
  track(rollout: string, client: KubeClient): KubeClient {
    const remember = async <T extends KubeObject>(resource: Resource, call: Promise<T>): Promise<T> => {
      const object = await call;
      this.#remember(rollout, resource, object);
      return object;
    };
    return {
      ...client,
      get: (resource, key, options) => remember(resource, client.get(resource, key, options)),
      create: (resource, object, options) => remember(resource, client.create(resource, object, options)),
      replace: (resource, object, options) => remember(resource, client.replace(resource, object, options)),
      patch: (resource, key, body, options) => remember(resource, client.patch(resource, key, body, options)),
    };
  }

  /** Undefined when the caches have caught up with `rollout`'s writes; otherwise when to look again at the latest. */
  pendingUntil(rollout: string): EpochMs | undefined {
    const touched = this.#touched.get(rollout);
    if (touched === undefined) return undefined;
    for (const [id, { kind, object }] of touched) {
      if (kind.writes.isStale(keyOf(object), kind.cache.store.get(keyOf(object)))) continue;
      touched.delete(id);
      kind.cache.learn(object);
    }
    if (touched.size > 0) return this.#clock.now() + LOOK_AGAIN_MS;
    this.#touched.delete(rollout);
    return undefined;
  }

  #remember(rollout: string, resource: Resource, object: KubeObject): void {
    const path = pathOf(resource);
    const kind = this.#kinds.get(path);
    if (kind === undefined) return;
    const key = keyOf(object);
    kind.writes.wrote(key, object.metadata.resourceVersion, kind.cache.store.get(key)?.metadata.resourceVersion);
    const touched = this.#touched.get(rollout) ?? new Map<string, Touched>();
    touched.set(`${path} ${key}`, { kind, object });
    this.#touched.set(rollout, touched);
  }
}

function keyOf(object: KubeObject): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}
