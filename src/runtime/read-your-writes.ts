import { compareResourceVersions } from '../kube/resource-version.ts';
import type { Clock } from './clock.ts';

/** Longer than a dead watch takes to be noticed and replaced (90 s and a list): until then waiting is right. */
const DEFAULT_EXPIRY_MS = 150_000;

interface Written {
  readonly resourceVersion: string;
  /** Versions known to be older, for servers whose versions cannot be compared. */
  readonly older: ReadonlySet<string>;
  readonly at: number;
}

/** The state of an object in a cache, or nothing. */
type Cached = { readonly metadata: { readonly resourceVersion?: string } } | undefined;

/**
 * Remembers the versions of objects that this process has written, so that a pass does not decide on a cache that has
 * not seen them yet. One instance per kind.
 */
export class ReadYourWrites {
  readonly #clock: Clock;
  readonly #expiryMs: number;
  readonly #written = new Map<string, Written>();

  constructor(clock: Clock, expiryMs = DEFAULT_EXPIRY_MS) {
    this.#clock = clock;
    this.#expiryMs = expiryMs;
  }

  /** We have written `key`; `basedOn` is the version that was read before. */
  wrote(key: string, resourceVersion: string | undefined, basedOn?: string): void {
    if (resourceVersion === undefined || resourceVersion === basedOn) {
      return;
    }
    const before = this.#written.get(key);
    if (before !== undefined && (compareResourceVersions(resourceVersion, before.resourceVersion) ?? 1) < 0) {
      return;
    }
    const older = new Set(before === undefined ? [] : [...before.older, before.resourceVersion]);
    if (basedOn !== undefined) {
      older.add(basedOn);
    }
    this.#written.set(key, { resourceVersion, older, at: this.#clock.monotonic() });
  }

  /** The object is gone, by our hand or another's: nothing to wait for. */
  forget(key: string): void {
    this.#written.delete(key);
  }

  /** Whether the cache lags behind our last write of `key`, so that a decision must wait for the next event. */
  isStale(key: string, cached: Cached): boolean {
    const written = this.#written.get(key);
    if (written === undefined) {
      return false;
    }
    const lags = cached === undefined || isBefore(cached.metadata.resourceVersion, written);
    if (!lags || this.#clock.monotonic() - written.at >= this.#expiryMs) {
      this.#written.delete(key);
      return false;
    }
    return true;
  }
}

function isBefore(version: string | undefined, written: Written): boolean {
  const order = compareResourceVersions(version, written.resourceVersion);
  return order === undefined ? version !== undefined && written.older.has(version) : order < 0;
}
