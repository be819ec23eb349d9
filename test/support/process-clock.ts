import type { EpochMs } from '../../src/api/time.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import { sleep } from '../../src/runtime/clock-sleep.ts';

interface Held {
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * The clock of one machine in a simulated world: its wall clock may be wrong, or jump, and the process may be frozen as
 * by SIGSTOP. Time goes on meanwhile; timers that became due run when the process goes on, in their order.
 */
export class ProcessClock implements Clock {
  readonly #world: Clock;
  #skewMs: number;
  #held: Held[] | undefined;
  #thawed: PromiseWithResolvers<undefined> | undefined;

  /** @param skewMs by how much the machine's wall clock is ahead. */
  constructor(world: Clock, skewMs = 0) {
    this.#world = world;
    this.#skewMs = skewMs;
  }

  get frozen(): boolean {
    return this.#held !== undefined;
  }

  now(): EpochMs {
    return this.#world.now() + this.#skewMs;
  }

  monotonic(): number {
    return this.#world.monotonic();
  }

  schedule(delayMs: number, run: () => void): Timer {
    const held: Held = { run, cancelled: false };
    const timer = this.#world.schedule(delayMs, () => {
      if (this.#held === undefined) run();
      else this.#held.push(held);
    });
    return {
      cancel: () => {
        held.cancelled = true;
        timer.cancel();
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleep(this, delayMs, signal);
  }

  /** The wall clock is set: forward, or back when negative. */
  jump(byMs: number): void {
    this.#skewMs += byMs;
  }

  freeze(): void {
    this.#held ??= [];
    this.#thawed ??= Promise.withResolvers();
  }

  /** Timers first, then what came over the network: the order in which an event loop goes on. */
  thaw(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const timer of held) if (!timer.cancelled) timer.run();
    this.#thawed?.resolve(undefined);
    this.#thawed = undefined;
  }

  /** Resolves when the process runs; at once when it does. */
  async running(): Promise<void> {
    while (this.#thawed !== undefined) await this.#thawed.promise;
  }
}
