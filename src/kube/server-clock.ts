import type { EpochMs } from '../api/time.ts';
import type { Clock, Timer } from '../runtime/clock.ts';

/** `Date` headers have whole seconds, cut off. */
const DATE_PRECISION_MS = 1_000;

/**
 * The time of the API server, as far as its answers tell. Moments that one process stores are read by others, and beside
 * those that the API server and kubelets store. So it must not matter whether the machine of a controller has the
 * right time, or whether that jumps: the time goes on with the monotonic clock, from the machine's own time at the
 * start, and is put right by the least that an answer demands.
 */
export class ServerClock implements Clock {
  readonly #machine: Clock;
  /** From the monotonic clock to the time of day. */
  #offsetMs: number;

  constructor(machine: Clock) {
    this.#machine = machine;
    this.#offsetMs = machine.now() - machine.monotonic();
  }

  now(): EpochMs {
    return Math.floor(this.#machine.monotonic() + this.#offsetMs);
  }

  /**
   * The server said that it was `date` when it answered, between two readings of the monotonic clock. Returns by how much
   * the time was put right, milliseconds, negative when it was ahead.
   */
  heard(date: EpochMs, askedAt: number, answeredAt: number): number {
    const least = date - answeredAt;
    const most = date + DATE_PRECISION_MS - askedAt;
    const before = this.#offsetMs;
    this.#offsetMs = Math.min(Math.max(before, least), most);
    return this.#offsetMs - before;
  }

  monotonic(): number {
    return this.#machine.monotonic();
  }

  schedule(delayMs: number, run: () => void): Timer {
    return this.#machine.schedule(delayMs, run);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#machine.sleep(delayMs, signal);
  }
}
