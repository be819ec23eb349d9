import type { EpochMs } from '../api/time.ts';

/** A pending call; `cancel` is idempotent and does nothing once the call has run. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time below `main.ts`. Production uses `systemClock`; tests and the simulator use a virtual clock,
 * so that a rollout of 25 minutes runs in milliseconds.
 */
export interface Clock {
  /** Wall-clock time, comparable with timestamps in objects. May jump. */
  now(): EpochMs;
  /** Milliseconds from an arbitrary origin; never jumps back. Leases, delays and durations inside the process use this. */
  monotonic(): number;
  /** Calls `run` once after `delayMs` (at once when ≤ 0, but never synchronously). */
  schedule(delayMs: number, run: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
