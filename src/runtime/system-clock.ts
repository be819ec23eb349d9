import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from './clock.ts';
import { sleep } from './clock-sleep.ts';

/** setTimeout fires at once when its delay does not fit into a signed 32-bit integer; longer waits go in pieces. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock of the machine: the only place where the process asks for the time or sets a timer. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule,
  sleep: (delayMs, signal) => sleep({ schedule }, delayMs, signal),
};

function schedule(delayMs: number, run: () => void): Timer {
  let handle: NodeJS.Timeout;
  const arm = (remainingMs: number): void => {
    const stretch = Math.min(Math.max(remainingMs, 0), MAX_TIMEOUT_MS);
    handle = setTimeout(() => {
      if (remainingMs > stretch) {
        arm(remainingMs - stretch);
      } else {
        run();
      }
    }, stretch);
  };
  arm(delayMs);
  return { cancel: () => clearTimeout(handle) };
}
