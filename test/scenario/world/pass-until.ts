import type { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

const HOP_MS = 10_000;

/** Lets time pass in hops until `condition` holds, or `limitMs` have passed. */
export async function passUntil(clock: VirtualClock, condition: () => boolean, limitMs: number): Promise<void> {
  const limit = clock.now() + limitMs;
  while (!condition() && clock.now() < limit) await clock.advanceBy(HOP_MS);
}
