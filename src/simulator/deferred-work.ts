import type { Clock } from '../runtime/clock.ts';

/**
 * Work that follows from a write but must not happen inside it. Each key is handled once, however often it was added
 * meanwhile, in the order of the additions, as soon as the clock runs timers.
 */
export class DeferredWork {
  readonly #clock: Clock;
  readonly #handle: (key: string) => void;
  readonly #pending = new Set<string>();

  constructor(clock: Clock, handle: (key: string) => void) {
    this.#clock = clock;
    this.#handle = handle;
  }

  add(key: string): void {
    if (this.#pending.has(key)) return;
    this.#pending.add(key);
    this.#clock.schedule(0, () => {
      this.#pending.delete(key);
      this.#handle(key);
    });
  }
}
