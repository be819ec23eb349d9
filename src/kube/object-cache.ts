import type { KubeObject } from '../api/core-types.ts';
import { keyOf } from './object-key.ts';
import { compareResourceVersions } from './resource-version.ts';
import { Store } from './store.ts';

/** How the cache came to differ from what it was. */
export type Change<T> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'updated'; readonly before: T; readonly object: T }
  /** `finalStateUnknown`: the deletion itself was missed; `object` is the last state that was seen. */
  | { readonly type: 'deleted'; readonly object: T; readonly finalStateUnknown: boolean };

/** A watch that replays its past after a reconnect replays minutes, not days. */
const REMEMBERED_DELETIONS = 2048;

/**
 * Turns lists and watch events into changes, and keeps the store. Lists are the truth. Events may come twice, late or
 * from the past: one that says nothing new changes nothing, so that handlers may count. A name that comes back with
 * another uid is another object: first `deleted`, then `added`.
 */
export class ObjectCache<T extends KubeObject> {
  readonly store: Store<T>;
  /** The version at which an object was deleted, or ceased to match the selector, by uid. */
  readonly #deletions = new Map<string, string | undefined>();

  constructor(onIndexError?: (error: unknown) => void) {
    this.store = new Store<T>(onIndexError);
  }

  /** Makes the cache equal to a list. */
  replace(items: readonly T[]): Change<T>[] {
    const listed = new Set<string>();
    const changes: Change<T>[] = [];
    for (const item of items) {
      const key = keyOf(item);
      listed.add(key);
      if (this.store.get(key)?.metadata.resourceVersion !== item.metadata.resourceVersion) {
        changes.push(...this.#put(key, item));
      }
    }
    const gone = this.store.list().filter((object) => !listed.has(keyOf(object)));
    return [...changes, ...gone.map((object) => this.#drop(keyOf(object), object, true))];
  }

  put(object: T): Change<T>[] {
    const key = keyOf(object);
    const before = this.store.get(key);
    return this.#isReplay(object, before) ? [] : this.#put(key, object);
  }

  /** `object` is the state at deletion. */
  remove(object: T): Change<T>[] {
    this.#remember(object);
    const key = keyOf(object);
    const before = this.store.get(key);
    return before === undefined || before.metadata.uid !== object.metadata.uid ? [] : [this.#drop(key, object, false)];
  }

  #isReplay({ metadata: { uid, resourceVersion } }: T, before: T | undefined): boolean {
    if (before !== undefined && before.metadata.uid === uid) {
      const known = before.metadata.resourceVersion;
      return resourceVersion === known || isOlder(resourceVersion, known);
    }
    const deletedAt = uid === undefined ? undefined : this.#deletions.get(uid);
    return deletedAt !== undefined && (resourceVersion === deletedAt || isOlder(resourceVersion, deletedAt));
  }

  #put(key: string, object: T): Change<T>[] {
    const before = this.store.get(key);
    if (before !== undefined && before.metadata.uid === object.metadata.uid) {
      this.store.set(key, object);
      return [{ type: 'updated', before, object }];
    }
    const replaced = before === undefined ? [] : [this.#drop(key, before, true)];
    this.store.set(key, object);
    return [...replaced, { type: 'added', object }];
  }

  #drop(key: string, object: T, finalStateUnknown: boolean): Change<T> {
    this.#remember(object);
    this.store.delete(key);
    return { type: 'deleted', object, finalStateUnknown };
  }

  #remember({ metadata: { uid, resourceVersion } }: T): void {
    if (uid === undefined) {
      return;
    }
    this.#deletions.set(uid, resourceVersion);
    if (this.#deletions.size > REMEMBERED_DELETIONS) {
      const [oldest = uid] = this.#deletions.keys();
      this.#deletions.delete(oldest);
    }
  }
}

function isOlder(version: string | undefined, than: string | undefined): boolean {
  return (compareResourceVersions(version, than) ?? 0) < 0;
}
