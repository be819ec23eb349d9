import type { MetricsRegistry } from '../telemetry/metrics.ts';
import type { Clock, Timer } from './clock.ts';
import { type QueueMetrics, queueMetrics } from './workqueue-metrics.ts';

/** Urgency of a key: an abort overtakes everything, a resync waits for everything. */
export type QueuePriority = 'abort' | 'normal' | 'resync';

const PRIORITIES: readonly QueuePriority[] = ['abort', 'normal', 'resync'];

/** client-go's `DefaultControllerRateLimiter`: per key 5 ms doubling, together 10 retries a second after 100. */
const RETRY_BASE_MS = 5;
const RETRY_QPS = 10;
const RETRY_BURST = 100;

export interface WorkItem {
  readonly key: string;
  readonly priority: QueuePriority;
  /** True when nothing but the key's own timers asked for this pass: no event, no person. */
  readonly selfRequested: boolean;
}

interface Delayed {
  readonly at: number;
  readonly priority: QueuePriority;
  readonly timer: Timer;
}

export interface WorkqueueOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly metrics?: MetricsRegistry;
}

/**
 * Keys waiting for a pass. A key waits at most once and is never handed out twice at a time; one added while it is being
 * worked on comes back afterwards. Modelled on client-go's workqueue, plus priorities.
 */
export class Workqueue {
  readonly name: string;
  readonly #clock: Clock;
  readonly #metrics: QueueMetrics | undefined;
  readonly #waiting: Record<QueuePriority, Map<string, { readonly selfRequested: boolean; readonly since: number }>> = {
    abort: new Map(),
    normal: new Map(),
    resync: new Map(),
  };
  /** Keys being worked on, and what was asked for them meanwhile. */
  readonly #processing = new Map<string, { again: WorkItem | undefined; readonly since: number }>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((item: WorkItem | undefined) => void)[] = [];
  readonly #idleWaiters: (() => void)[] = [];
  #retryTokens = RETRY_BURST;
  #retryCountedAt: number;
  #stopped = false;

  constructor({ name, clock, metrics }: WorkqueueOptions) {
    this.name = name;
    this.#clock = clock;
    this.#retryCountedAt = clock.monotonic();
    this.#metrics =
      metrics === undefined
        ? undefined
        : queueMetrics(metrics, name, {
            depth: () => this.length,
            processingSince: () => [...this.#processing.values()].map(({ since }) => clock.monotonic() - since),
          });
  }

  /** Keys that wait for their turn now; not those waiting for a moment, nor those being worked on. */
  get length(): number {
    return PRIORITIES.reduce((sum, priority) => sum + this.#waiting[priority].size, 0);
  }

  add(key: string, priority: QueuePriority = 'normal'): void {
    this.#enqueue({ key, priority, selfRequested: false });
  }

  /** Adds the key after `delayMs`. Of several such requests the earliest counts, with the highest priority among them. */
  addAfter(key: string, delayMs: number, priority: QueuePriority = 'normal'): void {
    if (this.#stopped) {
      return;
    }
    if (delayMs <= 0) {
      this.#enqueue({ key, priority, selfRequested: true });
      return;
    }
    const at = this.#clock.monotonic() + delayMs;
    const known = this.#delayed.get(key);
    const soonest = known === undefined ? at : Math.min(known.at, at);
    const highest = known === undefined ? priority : moreUrgent(known.priority, priority);
    known?.timer.cancel();
    const timer = this.#clock.schedule(soonest - this.#clock.monotonic(), () => {
      this.#delayed.delete(key);
      this.#enqueue({ key, priority: highest, selfRequested: true });
    });
    this.#delayed.set(key, { at: soonest, priority: highest, timer });
  }

  /** Adds the key after a delay that grows with each call until `forget`, up to `maxMs`. */
  addRateLimited(key: string, priority: QueuePriority, maxMs: number): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics?.retried();
    const own = Math.min(maxMs, RETRY_BASE_MS * 2 ** failures);
    this.addAfter(key, Math.max(own, this.#takeRetryToken()), priority);
  }

  /** The key has succeeded: its next failure is the first again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The most urgent key, as soon as there is one; `undefined` once the queue is shut down. Call `done` afterwards. */
  take(): Promise<WorkItem | undefined> {
    if (this.#stopped) {
      return Promise.resolve(undefined);
    }
    const item = this.#start();
    return item === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(item);
  }

  /** The pass over `key` is over, whatever its outcome. */
  done(key: string): void {
    const work = this.#processing.get(key);
    if (work === undefined) {
      return;
    }
    this.#processing.delete(key);
    this.#metrics?.worked(this.#clock.monotonic() - work.since);
    if (work.again !== undefined) {
      this.#enqueue(work.again);
    }
    if (this.#processing.size === 0) {
      for (const resolve of this.#idleWaiters.splice(0)) {
        resolve();
      }
    }
  }

  /** Forgets all that waits and hands out nothing more. What is being worked on may finish. */
  shutDown(): void {
    this.#stopped = true;
    for (const { timer } of this.#delayed.values()) {
      timer.cancel();
    }
    this.#delayed.clear();
    for (const priority of PRIORITIES) {
      this.#waiting[priority].clear();
    }
    for (const resolve of this.#takers.splice(0)) {
      resolve(undefined);
    }
  }

  /** Resolves when no key is being worked on. */
  idle(): Promise<void> {
    return this.#processing.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#idleWaiters.push(() => resolve()));
  }

  #enqueue(item: WorkItem): void {
    if (this.#stopped) {
      return;
    }
    const work = this.#processing.get(item.key);
    if (work !== undefined) {
      this.#metrics?.added();
      work.again = work.again === undefined ? item : merge(work.again, item);
      return;
    }
    this.#wait(item);
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker(this.#start());
    }
  }

  #wait(item: WorkItem): void {
    const known = PRIORITIES.find((priority) => this.#waiting[priority].has(item.key));
    if (known === undefined) {
      this.#metrics?.added();
      const { selfRequested } = item;
      this.#waiting[item.priority].set(item.key, { selfRequested, since: this.#clock.monotonic() });
      return;
    }
    const entry = this.#waiting[known].get(item.key);
    if (entry === undefined) {
      return;
    }
    const merged = { selfRequested: entry.selfRequested && item.selfRequested, since: entry.since };
    const priority = moreUrgent(known, item.priority);
    if (priority !== known) {
      this.#waiting[known].delete(item.key);
    }
    this.#waiting[priority].set(item.key, merged);
  }

  #start(): WorkItem | undefined {
    for (const priority of PRIORITIES) {
      for (const [key, { selfRequested, since }] of this.#waiting[priority]) {
        this.#waiting[priority].delete(key);
        const now = this.#clock.monotonic();
        this.#processing.set(key, { again: undefined, since: now });
        this.#metrics?.waited(now - since);
        return { key, priority, selfRequested };
      }
    }
    return undefined;
  }

  /** Milliseconds until the bucket that all keys share allows one more retry. */
  #takeRetryToken(): number {
    const now = this.#clock.monotonic();
    this.#retryTokens = Math.min(RETRY_BURST, this.#retryTokens + ((now - this.#retryCountedAt) / 1000) * RETRY_QPS);
    this.#retryCountedAt = now;
    this.#retryTokens -= 1;
    return this.#retryTokens >= 0 ? 0 : (-this.#retryTokens / RETRY_QPS) * 1000;
  }
}

function moreUrgent(a: QueuePriority, b: QueuePriority): QueuePriority {
  return PRIORITIES.indexOf(a) <= PRIORITIES.indexOf(b) ? a : b;
}

function merge(a: WorkItem, b: WorkItem): WorkItem {
  return {
    key: a.key,
    priority: moreUrgent(a.priority, b.priority),
    selfRequested: a.selfRequested && b.selfRequested,
  };
}
