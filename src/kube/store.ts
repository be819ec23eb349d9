import type { KubeObject } from '../api/core-types.ts';

/** The values under which an object is found in an index; none for objects that do not belong into it. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** What the controllers see of a cache. Objects are shared: never modify one. */
export interface ReadonlyStore<T> {
  readonly size: number;
  get(key: string): T | undefined;
  list(): T[];
  /** Objects with this value in the named index. Throws for an unknown index. */
  index(name: string, value: string): T[];
}

interface Index<T> {
  readonly valuesOf: IndexFunction<T>;
  readonly keysByValue: Map<string, Set<string>>;
}

/** Objects by `namespace/name`, with named indexes kept in step. */
export class Store<T extends KubeObject> implements ReadonlyStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #onIndexError: (error: unknown) => void;

  /** An index function that throws leaves its object out of that index, and nothing else happens. */
  constructor(onIndexError: (error: unknown) => void = () => {}) {
    this.#onIndexError = onIndexError;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  index(name: string, value: string): T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) {
      throw new RangeError(`there is no index "${name}"`);
    }
    return [...(index.keysByValue.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** May be called at any time; objects already here are indexed too. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.#indexes.has(name)) {
      throw new RangeError(`there is already an index "${name}"`);
    }
    const index: Index<T> = {
      keysByValue: new Map(),
      valuesOf: (object) => {
        try {
          return valuesOf(object);
        } catch (error) {
          this.#onIndexError(error);
          return [];
        }
      },
    };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) {
      enter(index, key, object);
    }
  }

  set(key: string, object: T): void {
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (before !== undefined) {
        remove(index, key, before);
      }
      enter(index, key, object);
    }
  }

  delete(key: string): void {
    const before = this.#objects.get(key);
    if (before === undefined) {
      return;
    }
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) {
      remove(index, key, before);
    }
  }
}

function enter<T>({ valuesOf, keysByValue }: Index<T>, key: string, object: T): void {
  for (const value of valuesOf(object)) {
    const keys = keysByValue.get(value);
    if (keys === undefined) {
      keysByValue.set(value, new Set([key]));
    } else {
      keys.add(key);
    }
  }
}

function remove<T>({ valuesOf, keysByValue }: Index<T>, key: string, object: T): void {
  for (const value of valuesOf(object)) {
    const keys = keysByValue.get(value);
    keys?.delete(key);
    if (keys?.size === 0) {
      keysByValue.delete(value);
    }
  }
}
