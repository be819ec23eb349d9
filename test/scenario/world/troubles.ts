import type { Clock } from '../../../src/runtime/clock.ts';
import type { Calm } from './calm.ts';

/** What is broken now, and how it is mended. */
export class Troubles {
  readonly #clock: Clock;
  readonly #calm: Calm;
  readonly #mends = new Set<() => void>();

  constructor(clock: Clock, calm: Calm) {
    this.#clock = clock;
    this.#calm = calm;
  }

  /** Keeps the controllers from their work for a while, and for `tailMs` longer until they have recovered. */
  disturb(forMs: number, mend: () => void, tailMs: number): void {
    const calm = this.#calm.disturb();
    this.mendAfter(forMs, () => {
      mend();
      this.#clock.schedule(tailMs, calm);
    });
  }

  mendAfter(forMs: number, mend: () => void): void {
    const once = (): void => {
      if (this.#mends.delete(once)) mend();
    };
    this.#mends.add(once);
    this.#clock.schedule(forMs, once);
  }

  mendAll(): void {
    for (const mend of Array.from(this.#mends)) mend();
  }
}
