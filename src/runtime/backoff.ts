import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly baseMs: number;
  /** Without a failure for this long, the next one counts as the first. */
  readonly resetAfterMs: number;
}

/**
 * Exponential backoff with full jitter: the n-th failure in a row waits a random time up to base × 2ⁿ⁻¹, so that what
 * failed together does not come back together.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;
  #lastFailureAt = Number.NEGATIVE_INFINITY;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Counts a failure; returns how long to wait, milliseconds, up to `maxMs`. */
  next(maxMs: number): number {
    const { clock, random, baseMs, resetAfterMs } = this.#options;
    const now = clock.monotonic();
    this.#failures = now - this.#lastFailureAt > resetAfterMs ? 1 : this.#failures + 1;
    this.#lastFailureAt = now;
    return random() * Math.min(maxMs, baseMs * 2 ** (this.#failures - 1));
  }
}
