import type { EpochMs } from '../api/time.ts';
import type { Clock } from '../runtime/clock.ts';

/** A shorter silence is the ordinary course of things: a leader that changes, an API server that is being replaced. */
const MIN_ABSENCE_MS = 30_000;

/** First and last request in a row that was not answered, by the monotonic clock. */
interface Silence {
  readonly from: number;
  readonly to: number;
}

/**
 * Knows since when this controller can see the cluster and act on it, after an absence: a time in which the API server
 * did not answer, or in which nobody led. What was not done meanwhile is nobody's failure.
 */
export class Presence {
  readonly #clock: Clock;
  #silence: Silence | undefined;
  #since: EpochMs | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** End of the last absence that is known, which is now as long as it lasts; undefined when there was none. */
  get since(): EpochMs | undefined {
    return isAbsence(this.#silence) ? this.#clock.now() : this.#since;
  }

  /** Whether the last read was not answered. */
  get silent(): boolean {
    return this.#silence !== undefined;
  }

  /** This process leads from now on; the Lease was last renewed, by whoever had it, at `renewedAt`. */
  lead(renewedAt: EpochMs): void {
    const now = this.#clock.now();
    if (now - renewedAt >= MIN_ABSENCE_MS) this.#since = now;
  }

  /** A request had no answer. */
  unanswered(): void {
    const now = this.#clock.monotonic();
    this.#silence = { from: this.#silence?.from ?? now, to: now };
  }

  answered(): void {
    if (isAbsence(this.#silence)) this.#since = this.#clock.now();
    this.#silence = undefined;
  }
}

function isAbsence(silence: Silence | undefined): boolean {
  return silence !== undefined && silence.to - silence.from >= MIN_ABSENCE_MS;
}
