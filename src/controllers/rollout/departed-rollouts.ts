import { uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';

/** How long the word of the server is taken over the cache's: a 404 may also be a server whose CRDs are being replaced. */
const HOLD_MS = 10_000;

interface Departed {
  readonly uid: string;
  readonly resourceVersion: string | undefined;
  readonly until: EpochMs;
}

/**
 * Rollouts that the server does not find while the cache still shows them. Whatever a pass makes for one of these, the
 * garbage collector deletes at once, which causes the next pass: without a hold the two of them spin.
 */
export class DepartedRollouts {
  readonly #departed = new Map<string, Departed>();

  /** The server did not find `rollout`. */
  missed(key: string, rollout: Rollout, now: EpochMs): void {
    const { resourceVersion } = rollout.metadata;
    this.#departed.set(key, { uid: uidOf(rollout), resourceVersion, until: now + HOLD_MS });
  }

  /** When to look again; undefined: now, because nothing is known against it or the cache has news of it. */
  holdUntil(key: string, rollout: Rollout, now: EpochMs): EpochMs | undefined {
    const departed = this.#departed.get(key);
    if (departed === undefined) return undefined;
    const isSame = departed.uid === uidOf(rollout) && departed.resourceVersion === rollout.metadata.resourceVersion;
    const left = departed.until - now;
    // A clock that was set back must not hold anything for long.
    if (isSame && left > 0 && left <= HOLD_MS) return departed.until;
    this.#departed.delete(key);
    return undefined;
  }

  forget(key: string): void {
    this.#departed.delete(key);
  }
}
