import type { EpochMs } from '../api/time.ts';
import { isConflict, isUnanswered } from '../kube/api-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import { scopedAbort } from './abort.ts';
import type { Clock, Timer } from './clock.ts';
import { RETRY_MAX_MS, UNANSWERED_RETRY_MAX_MS } from './retry-limits.ts';
import type { QueuePriority, WorkItem, Workqueue } from './workqueue.ts';

export interface ReconcileContext {
  /** Aborts when the pass takes too long, or when the process must stop. */
  readonly signal: AbortSignal;
  /** Carries the key and the id of this pass. */
  readonly logger: Logger;
  readonly reconcileId: string;
  readonly priority: QueuePriority;
}

export interface ReconcileResult {
  /** When to look again, by the wall clock; absent when only a change can make a difference. */
  readonly requeueAt?: EpochMs | undefined;
  readonly priority?: QueuePriority | undefined;
}

/** One pass over one object. A rejection is retried with backoff. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>;

export interface ControllerLoopOptions {
  readonly queue: Workqueue;
  readonly reconcile: Reconcile;
  readonly workers: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry;
  /** A pass that takes longer is aborted and retried. */
  readonly timeoutMs?: number;
  /** How long a pass under way may go on once the loop must stop. */
  readonly drainMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_DRAIN_MS = 5000;
/** What a pass may take after its abort before its worker turns to other keys. */
const ABORT_GRACE_MS = 1000;
/** A pass that asks to be repeated at once, again and again, is slowed down to ten passes a minute (invariant I6). */
const FIRST_FLOOR_MS = 50;
const MAX_FLOOR_MS = 6000;

/**
 * Runs passes: several keys at a time, one pass per key at a time. A pass that throws, hangs or spins concerns its own
 * key only.
 */
export class ControllerLoop {
  readonly name: string;
  readonly #options: ControllerLoopOptions;
  readonly #onError: () => void;
  /** Passes in a row that nothing but the key's own requests caused. */
  readonly #spins = new Map<string, number>();
  #passes = 0;

  constructor(options: ControllerLoopOptions) {
    this.name = options.queue.name;
    this.#options = options;
    const labels = { controller: this.name };
    const errors = options.metrics?.counter('controller_reconcile_errors_total', 'Passes that failed.', ['controller']);
    errors?.inc(labels, 0);
    this.#onError = () => errors?.inc(labels);
  }

  /** Works until the signal aborts and what was under way has ended; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, workers, clock, drainMs = DEFAULT_DRAIN_MS } = this.#options;
    const stop = new AbortController();
    let drain: Timer | undefined;
    const onStop = (): void => {
      queue.shutDown();
      drain = clock.schedule(drainMs, () => stop.abort(new Error('the controller stops')));
    };
    if (signal.aborted) {
      onStop();
    } else {
      signal.addEventListener('abort', onStop, { once: true });
    }
    await Promise.all(Array.from({ length: workers }, () => this.#work(stop.signal)));
    drain?.cancel();
  }

  async #work(stop: AbortSignal): Promise<void> {
    for (let item = await this.#options.queue.take(); item !== undefined; item = await this.#options.queue.take()) {
      await this.#pass(item, stop);
    }
  }

  /** Resolves when the worker is free again; never rejects. */
  async #pass(item: WorkItem, stop: AbortSignal): Promise<void> {
    const { queue, reconcile, clock, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    this.#passes += 1;
    const reconcileId = `${this.name}-${this.#passes}`;
    const logger = this.#options.logger.child({ controller: this.name, key: item.key, reconcileId });
    const scope = scopedAbort(clock, stop, timeoutMs);
    const context = { signal: scope.signal, logger, reconcileId, priority: item.priority };
    const now = steadyNow(clock);
    const ended = (async () => reconcile(item.key, context))()
      .then(
        (result) => this.#succeeded(item, result, now()),
        (error: unknown) => this.#failed(item, error, logger),
      )
      .finally(() => {
        scope.dispose();
        queue.done(item.key);
      });
    const overdue = new Promise<void>((resolve) => {
      scope.signal.addEventListener('abort', () => {
        // A pass that ignores its signal keeps its key, but not its worker.
        const timer = clock.schedule(ABORT_GRACE_MS, () => {
          logger.error({}, 'the pass goes on after its deadline');
          resolve();
        });
        void ended.then(() => timer.cancel());
      });
    });
    await Promise.race([ended, overdue]);
  }

  #succeeded(item: WorkItem, { requeueAt, priority }: ReconcileResult, now: EpochMs): void {
    const { queue } = this.#options;
    queue.forget(item.key);
    if (requeueAt === undefined) {
      this.#spins.delete(item.key);
      return;
    }
    const delayMs = requeueAt - now;
    const spins = delayMs < MAX_FLOOR_MS && item.selfRequested ? (this.#spins.get(item.key) ?? 0) + 1 : 0;
    if (spins === 0) {
      this.#spins.delete(item.key);
    } else {
      this.#spins.set(item.key, spins);
    }
    const floorMs = Math.min(MAX_FLOOR_MS, FIRST_FLOOR_MS * 2 ** spins);
    queue.addAfter(item.key, Math.max(delayMs, floorMs), priority);
  }

  #failed({ key, priority }: WorkItem, error: unknown, logger: Logger): void {
    const { queue } = this.#options;
    this.#onError();
    queue.addRateLimited(key, priority, isUnanswered(error) ? UNANSWERED_RETRY_MAX_MS : RETRY_MAX_MS);
    if (isConflict(error)) {
      // Somebody was quicker; the next pass decides on what they wrote.
      logger.debug({ err: error }, 'conflict; will retry');
    } else {
      logger.error({ err: error, failures: queue.failuresOf(key) }, 'pass failed; will retry');
    }
  }
}

/** The time as if the clock were not set from now on: a pass names its next moment by the time that it began with. */
function steadyNow(clock: Clock): () => EpochMs {
  const offsetMs = clock.now() - clock.monotonic();
  return () => clock.monotonic() + offsetMs;
}
