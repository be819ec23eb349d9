import { freezeTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';

/** How many revisions stay readable for watches and paged lists before the oldest are compacted. */
const DEFAULT_HISTORY = 10_000;

/** One committed write. Revisions are unique and grow by one across all collections, as in etcd. */
export interface StorageEvent {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly collection: string;
  readonly key: string;
  /** The object after the write; for a deletion its last state, with the revision of the deletion. */
  readonly object: KubeObject;
  /** The object before the write. */
  readonly previous?: KubeObject;
}

/** Keeps all objects with the history of their writes. Objects in it are frozen; a write replaces the object. */
export class Storage {
  readonly #collections = new Map<string, Map<string, KubeObject>>();
  /** The keys of a collection in their order, until one comes or goes. */
  readonly #keys = new Map<string, readonly string[]>();
  readonly #history = new Map<string, StorageEvent[]>();
  readonly #listeners = new Set<(event: StorageEvent) => void>();
  readonly #historyLimit: number;
  #revision = 1;
  #compacted = 0;

  constructor(historyLimit: number = DEFAULT_HISTORY) {
    this.#historyLimit = historyLimit;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Reads at a revision below this one fail: they are forgotten. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  get(collection: string, key: string): KubeObject | undefined {
    return this.#collections.get(collection)?.get(key);
  }

  /** All objects of a collection in the order of their keys, now. */
  list(collection: string): KubeObject[] {
    const objects = this.#collections.get(collection) ?? new Map<string, KubeObject>();
    const keys = this.#keys.get(collection) ?? [...objects.keys()].sort();
    this.#keys.set(collection, keys);
    return keys.flatMap((key) => objects.get(key) ?? []);
  }

  /** The collection as it was at `revision`, which must not be below `compactedRevision`. */
  listAt(collection: string, revision: number): KubeObject[] {
    const state = new Map(this.#collections.get(collection));
    const history = this.#history.get(collection) ?? [];
    for (let index = history.length - 1; index >= 0; index--) {
      const event = history[index];
      if (event === undefined || event.revision <= revision) break;
      if (event.previous === undefined) state.delete(event.key);
      else state.set(event.key, event.previous);
    }
    return [...state.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
  }

  /** Names of the collections that hold or held objects. */
  collections(): string[] {
    return [...this.#collections.keys()];
  }

  /** Writes an object, which gets the new revision as its resourceVersion. */
  put(collection: string, key: string, object: KubeObject): KubeObject {
    const previous = this.get(collection, key);
    const stored = this.#stamp(object);
    this.#collectionOf(collection).set(key, stored);
    this.#commit({
      revision: this.#revision,
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      collection,
      key,
      object: stored,
      ...(previous === undefined ? {} : { previous }),
    });
    return stored;
  }

  /** Removes an object; `last` is its final state. */
  remove(collection: string, key: string, last: KubeObject): KubeObject {
    const previous = this.get(collection, key);
    const stored = this.#stamp(last);
    this.#collectionOf(collection).delete(key);
    this.#commit({
      revision: this.#revision,
      type: 'DELETED',
      collection,
      key,
      object: stored,
      previous: previous ?? stored,
    });
    return stored;
  }

  /** Events of a collection after `revision`, oldest first. */
  eventsAfter(collection: string, revision: number): StorageEvent[] {
    const history = this.#history.get(collection) ?? [];
    let from = history.length;
    while (from > 0 && (history[from - 1]?.revision ?? 0) > revision) from--;
    return history.slice(from);
  }

  /** Forgets the history up to and including `revision`: older watches and continue tokens get 410. */
  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.#revision));
    for (const [collection, history] of this.#history) {
      const kept = history.findIndex((event) => event.revision > this.#compacted);
      this.#history.set(collection, kept === -1 ? [] : history.slice(kept));
    }
  }

  /** Calls `listener` synchronously after each write. Returns the way to stop that. */
  subscribe(listener: (event: StorageEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #stamp(object: KubeObject): KubeObject {
    this.#revision++;
    return freezeTree({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } });
  }

  #collectionOf(name: string): Map<string, KubeObject> {
    const existing = this.#collections.get(name);
    if (existing !== undefined) return existing;
    const created = new Map<string, KubeObject>();
    this.#collections.set(name, created);
    return created;
  }

  #commit(event: StorageEvent): void {
    if (event.type !== 'MODIFIED') this.#keys.delete(event.collection);
    const history = this.#history.get(event.collection);
    if (history === undefined) this.#history.set(event.collection, [event]);
    else history.push(event);
    // Compacting in steps of half the limit keeps the cost per write constant.
    if (this.#revision - this.#compacted > this.#historyLimit * 1.5) this.compact(this.#revision - this.#historyLimit);
    for (const listener of Array.from(this.#listeners)) listener(event);
  }
}
