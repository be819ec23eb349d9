import type { KubeObject } from '../api/core-types.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { type Logger, silentLogger } from '../telemetry/logger.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { type Change, ObjectCache } from './object-cache.ts';
import { keyOf } from './object-key.ts';
import { Reflector, type ReflectorTiming } from './reflector.ts';
import { type ReflectorMetrics, reflectorMetrics } from './reflector-metrics.ts';
import { explainRefusal } from './refusal.ts';
import { compareResourceVersions } from './resource-version.ts';
import type { Resource } from './resources.ts';
import type { IndexFunction, ReadonlyStore } from './store.ts';
import type { KubeTransport } from './transport.ts';

/** What a consumer wants to hear. Handlers run in the order of the events and must not take long: they fill queues. */
export interface ChangeHandler<T> {
  added?(object: T): void;
  updated?(object: T, before: T): void;
  /** `finalStateUnknown`: the deletion was missed, and `object` is the last state that was seen. */
  deleted?(object: T, finalStateUnknown: boolean): void;
}

export interface InformerOptions<T> {
  readonly resource: Resource;
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly random: Random;
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** What is kept of an object; `metadata` must survive. Default: all but `managedFields`. */
  readonly transform?: (object: T) => T;
  readonly logger?: Logger;
  readonly metrics?: MetricsRegistry;
  readonly timing?: Partial<ReflectorTiming>;
}

/** A cache of one kind, kept in step with the API server, and the changes to it. */
export class Informer<T extends KubeObject> {
  readonly options: InformerOptions<T>;
  /** Resolves when the first list is in the store; stays pending when `run` is stopped before. */
  readonly synced: Promise<void>;
  /** Resolves when the first list is in the store, or when it is known that it cannot be had as things stand. */
  readonly settled: Promise<void>;
  readonly #cache: ObjectCache<T>;
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #logger: Logger;
  readonly #metrics: ReflectorMetrics;
  readonly #markSynced: () => void;
  readonly #markSettled: () => void;
  #hasSynced = false;
  #refusal: string | undefined;

  constructor(options: InformerOptions<T>) {
    this.options = options;
    this.#logger = (options.logger ?? silentLogger).child({ informer: options.resource.plural });
    this.#cache = new ObjectCache<T>((error) => {
      this.#metrics.handlerFailed();
      this.#logger.error({ err: error }, 'index function failed');
    });
    this.#metrics = reflectorMetrics(
      options.metrics ?? new MetricsRegistry(),
      options.clock,
      options.resource,
      () => this.#cache.store.size,
    );
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.synced = promise;
    this.#markSynced = () => resolve(undefined);
    const settlement = Promise.withResolvers<undefined>();
    this.settled = settlement.promise;
    this.#markSettled = () => settlement.resolve(undefined);
  }

  get store(): ReadonlyStore<T> {
    return this.#cache.store;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Why the server will not give this collection, with the remedy; undefined once it does. It is asked again and again. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    this.#cache.store.addIndex(name, valuesOf);
  }

  /** Objects already here are reported as added at once. Returns the way to unsubscribe. */
  onChange(handler: ChangeHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.store.list()) {
      this.#tell(handler, { type: 'added', object });
    }
    return () => this.#handlers.delete(handler);
  }

  /** Takes over a state that was read or written elsewhere, unless the cache has a newer one or knows of a deletion. */
  learn(object: T): void {
    const known = this.store.get(keyOf(object));
    if (known !== undefined && !isOlder(known, object)) return;
    this.#announce(this.#cache.put(this.#project(object)));
  }

  /** Resolves once the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { resource, namespace, labelSelector, fieldSelector, transport, clock, random, timing } = this.options;
    const reflector = new Reflector<T>({
      target: { resource, namespace, labelSelector, fieldSelector },
      transport,
      clock,
      random,
      sink: {
        replace: (items, watchedTo) => this.#replace(items, watchedTo),
        put: (object) => this.#announce(this.#cache.put(this.#project(object))),
        remove: (object) => this.#announce(this.#cache.remove(this.#project(object))),
        refused: (error) => {
          this.#refusal = explainRefusal(resource, error);
          this.#markSettled();
        },
      },
      logger: this.#logger,
      metrics: this.#metrics,
      ...(timing === undefined ? {} : { timing }),
    });
    await reflector.run(signal);
  }

  #replace(items: readonly T[], watchedTo: string | undefined): void {
    const changes = this.#cache.replace(items.map((item) => this.#project(item)));
    if (watchedTo !== undefined) {
      this.#reportMissed(changes, watchedTo);
    }
    this.#announce(changes);
    this.#hasSynced = true;
    this.#refusal = undefined;
    this.#markSynced();
    this.#markSettled();
  }

  /** A change that is younger than the watch's end is no loss: the next watch would have brought it. */
  #reportMissed(changes: readonly Change<T>[], watchedTo: string): void {
    const missed = changes.filter(
      ({ object }) => (compareResourceVersions(object.metadata.resourceVersion, watchedTo) ?? 0) <= 0,
    );
    if (missed.length > 0) {
      this.#metrics.missed(missed.length);
      this.#logger.warn({ missed: missed.length }, 'the watch had lost events; a list has brought them');
    }
  }

  #project(object: T): T {
    const { transform = dropManagedFields } = this.options;
    try {
      return transform(object);
    } catch (error) {
      this.#metrics.handlerFailed();
      this.#logger.error({ err: error, object: object.metadata.name }, 'transform failed; the object is kept whole');
      return object;
    }
  }

  #announce(changes: readonly Change<T>[]): void {
    for (const change of changes) {
      for (const handler of this.#handlers) {
        this.#tell(handler, change);
      }
    }
  }

  #tell(handler: ChangeHandler<T>, change: Change<T>): void {
    try {
      switch (change.type) {
        case 'added':
          handler.added?.(change.object);
          break;
        case 'updated':
          handler.updated?.(change.object, change.before);
          break;
        case 'deleted':
          handler.deleted?.(change.object, change.finalStateUnknown);
          break;
      }
    } catch (error) {
      this.#metrics.handlerFailed();
      this.#logger.error({ err: error, object: change.object.metadata.name, change: change.type }, 'handler failed');
    }
  }
}

/** Whether it is the same object, and known to be older. */
function isOlder({ metadata }: KubeObject, than: KubeObject): boolean {
  return (
    metadata.uid === than.metadata.uid &&
    (compareResourceVersions(metadata.resourceVersion, than.metadata.resourceVersion) ?? 0) < 0
  );
}

/** `managedFields` is often the larger half of an object, and no controller reads it. */
function dropManagedFields<T extends KubeObject>(object: T): T {
  if (object.metadata.managedFields === undefined) {
    return object;
  }
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
