import type { EpochMs } from '../api/time.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { sleep } from '../runtime/clock-sleep.ts';

/** Turns of the event loop granted to running code between two timers: enough for chains of `setImmediate` in libraries. */
const MAX_SETTLE_TURNS = 3;
/** A loop of timers that never lets time pass is a defect of the code under test; it is reported instead of hanging. */
const MAX_TIMERS_PER_MOMENT = 50_000;

interface Entry {
  readonly due: number;
  readonly sequence: number;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * A clock that stands still until it is told to move. Timers run in the order of their due time, and of their creation
 * where that is equal; between two of them all promises and immediates settle, so a run is the same every time.
 */
export class VirtualClock implements Clock {
  readonly #origin: EpochMs;
  readonly #heap: Entry[] = [];
  /** As if nobody had set the clock: what timers go by. */
  #now: EpochMs;
  #setByMs = 0;
  #sequence = 0;

  constructor(start: EpochMs = Date.UTC(2026, 0, 1)) {
    this.#origin = start;
    this.#now = start;
  }

  now(): EpochMs {
    return this.#now + this.#setByMs;
  }

  /** Somebody sets the clock: forward, or back when negative. Timers do not care. */
  set(byMs: number): void {
    this.#setByMs += byMs;
  }

  monotonic(): number {
    return this.#now - this.#origin;
  }

  schedule(delayMs: number, run: () => void): Timer {
    const entry: Entry = {
      due: this.#now + Math.max(0, delayMs),
      sequence: this.#sequence++,
      run,
      cancelled: false,
    };
    push(this.#heap, entry);
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleep(this, delayMs, signal);
  }

  /** When the next timer is due; undefined when there is none. */
  nextDue(): EpochMs | undefined {
    const due = this.#due();
    return due === undefined ? undefined : due + this.#setByMs;
  }

  /** Lets all code that can run now run, without time passing; timers due now run too. */
  async settle(): Promise<void> {
    await this.advanceBy(0);
  }

  /** Moves to `moment`, running on the way what is due. */
  async advanceTo(moment: EpochMs): Promise<void> {
    await this.#advance(moment - this.#setByMs);
  }

  async advanceBy(durationMs: number): Promise<void> {
    await this.#advance(this.#now + durationMs);
  }

  /**
   * Runs timers until there is none within `horizonMs` from the start. Periodic timers (resyncs, lease renewals,
   * bookmarks) never end, hence the horizon. Time stops at the last timer that ran.
   */
  async runUntilIdle(horizonMs: number): Promise<void> {
    const limit = this.#now + horizonMs;
    await drain();
    for (let due = this.#due(); due !== undefined && due <= limit; due = this.#due()) {
      await this.#advance(due);
    }
  }

  /** Advances timer by timer until `condition` holds; rejects when it does not within `horizonMs`. */
  async runUntil(condition: () => boolean, horizonMs: number): Promise<void> {
    const limit = this.#now + horizonMs;
    await drain();
    while (!condition()) {
      const due = this.#due();
      if (due === undefined || due > limit) {
        throw new Error(`the condition did not hold within ${horizonMs} ms of virtual time`);
      }
      await this.#runNext();
    }
  }

  /** Of timers: whoever sets the clock does not move them. */
  #due(): EpochMs | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.due;
  }

  async #advance(moment: EpochMs): Promise<void> {
    await drain();
    for (let ran = 0; ; ) {
      const due = this.#due();
      if (due === undefined || due > moment) break;
      ran = due > this.#now ? 0 : ran + 1;
      if (ran > MAX_TIMERS_PER_MOMENT) throw new Error(`more than ${MAX_TIMERS_PER_MOMENT} timers at one moment`);
      await this.#runNext();
    }
    this.#now = Math.max(this.#now, moment);
  }

  async #runNext(): Promise<void> {
    const entry = pop(this.#heap);
    if (entry === undefined || entry.cancelled) return;
    this.#now = Math.max(this.#now, entry.due);
    entry.run();
    await drain();
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled === true) pop(this.#heap);
  }
}

/** Each immediate runs after all microtasks that were queued before it. Where no other is set, there is nothing to wait for. */
async function drain(): Promise<void> {
  for (let turn = 1; turn <= MAX_SETTLE_TURNS; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    if (!process.getActiveResourcesInfo().includes('Immediate')) return;
  }
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.due < right.due || (left.due === right.due && left.sequence < right.sequence);
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(entry, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    const child = smallestChild(heap, index);
    const entry = heap[child];
    if (entry === undefined || !isBefore(entry, last)) break;
    heap[index] = entry;
    index = child;
  }
  heap[index] = last;
  return top;
}

function smallestChild(heap: readonly Entry[], index: number): number {
  const left = heap[2 * index + 1];
  const right = heap[2 * index + 2];
  return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
}
