import { abortReason } from '../runtime/abort.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { RequestPriority } from './transport.ts';

type Throttled = Exclude<RequestPriority, 'lease'>;

const ORDER: readonly Throttled[] = ['abort', 'normal', 'resync'];

interface Waiter {
  readonly proceed: () => void;
}

/** Argo Rollouts' `--qps` and `--burst`. */
const DEFAULT_QPS = 40;
const DEFAULT_BURST = 80;

/** The last fraction of a token is too small a part of a millisecond for clocks to tell: less would come at once, again and again. */
const MIN_WAIT_MS = 1;

/**
 * A token bucket in which the more urgent waits less: whenever a token becomes free, the first abort takes it, then the
 * first normal request, then a resync. Lease requests never wait: losing the lease costs more than any rate limit saves.
 */
export class RequestThrottle {
  readonly #clock: Clock;
  readonly #qps: number;
  readonly #burst: number;
  readonly #waiting: Record<Throttled, Waiter[]> = { abort: [], normal: [], resync: [] };
  #tokens: number;
  #countedAt: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, { qps = DEFAULT_QPS, burst = DEFAULT_BURST } = {}) {
    this.#clock = clock;
    this.#qps = qps;
    this.#burst = Math.max(burst, 1);
    this.#tokens = this.#burst;
    this.#countedAt = clock.monotonic();
  }

  /** Resolves when the request may go; rejects with the signal's reason when it aborts first. */
  acquire(priority: RequestPriority, signal?: AbortSignal): Promise<void> {
    if (priority === 'lease') {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      const queue = this.#waiting[priority];
      const giveUp = (): void => {
        queue.splice(queue.indexOf(waiter), 1);
        reject(abortReason(signal));
      };
      const waiter: Waiter = {
        proceed: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      queue.push(waiter);
      this.#serve();
    });
  }

  #serve(): void {
    this.#refill();
    while (this.#tokens >= 1) {
      const waiter = this.#next();
      if (waiter === undefined) {
        return;
      }
      this.#tokens -= 1;
      waiter.proceed();
    }
    if (this.#timer === undefined && ORDER.some((priority) => this.#waiting[priority].length > 0)) {
      const missingMs = ((1 - this.#tokens) / this.#qps) * 1000;
      this.#timer = this.#clock.schedule(Math.max(MIN_WAIT_MS, missingMs), () => {
        this.#timer = undefined;
        this.#serve();
      });
    }
  }

  #next(): Waiter | undefined {
    for (const priority of ORDER) {
      const waiter = this.#waiting[priority].shift();
      if (waiter !== undefined) {
        return waiter;
      }
    }
    return undefined;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#countedAt) / 1000) * this.#qps);
    this.#countedAt = now;
  }
}
