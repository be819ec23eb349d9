import type { Clock } from '../../../src/runtime/clock.ts';

/**
 * Counts the time in which nothing keeps the controllers from their work. What has to happen "in bounded time" is measured
 * by it: while no process runs, or none can reach the API server, nothing can happen.
 */
export class Calm {
  readonly #clock: Clock;
  #trouble = 0;
  #elapsedMs = 0;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** Trouble begins; returns how it ends. */
  disturb(): () => void {
    if (this.#trouble === 0) this.#elapsedMs += this.#clock.monotonic() - this.#since;
    this.#trouble += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#trouble -= 1;
      if (this.#trouble === 0) this.#since = this.#clock.monotonic();
    };
  }

  get elapsedMs(): number {
    return this.#elapsedMs + (this.#trouble === 0 ? this.#clock.monotonic() - this.#since : 0);
  }
}
