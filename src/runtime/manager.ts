import type { EventRecorder } from '../kube/event-recorder.ts';
import type { LeaderElector } from '../kube/lease.ts';
import type { Resource } from '../kube/resources.ts';
import type { Logger } from '../telemetry/logger.ts';
import { orAborted } from './abort.ts';
import type { Clock, Timer } from './clock.ts';
import type { ControllerLoop } from './controller-loop.ts';

/** How often a start that waits for caches says what it waits for. */
const SYNC_REPORT_MS = 15_000;
const EVENT_FLUSH_MS = 2000;

/** What the manager needs of an informer, whatever its kind. */
interface ManagedInformer {
  readonly hasSynced: boolean;
  readonly synced: Promise<void>;
  readonly settled: Promise<void>;
  /** Why the first list cannot be had as things stand. */
  readonly refusal: string | undefined;
  readonly options: { readonly resource: Resource };
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  /** Nothing starts without these. */
  readonly informers: readonly ManagedInformer[];
  /** What only some objects need: a collection that the API server refuses holds up nobody else. */
  readonly optional?: readonly ManagedInformer[];
  readonly controllers: readonly Pick<ControllerLoop, 'name' | 'run'>[];
  /** Absent: no leader election; this process is the only one. */
  readonly elector?: Pick<LeaderElector, 'run'>;
  readonly recorder?: Pick<EventRecorder, 'flush'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How `run` ended: asked to stop, or another process leads now. */
export type ManagerOutcome = 'stopped' | 'lost';

/**
 * Starts and stops the parts in order: caches first, on every replica, so that a standby takes over with warm ones; then
 * the lease; then the controllers. The way down is the way up reversed, so that nothing loses what it stands on.
 */
export class Manager {
  readonly #options: ManagerOptions;
  #leading = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /** All caches hold their first list, but for optional ones that are refused. */
  get ready(): boolean {
    return this.#pending().length === 0;
  }

  /** The controllers run. */
  get leading(): boolean {
    return this.#leading;
  }

  /** Runs until the signal aborts or the lease is lost; resolves when everything has ended. */
  async run(signal: AbortSignal): Promise<ManagerOutcome> {
    const { informers, optional = [], elector } = this.#options;
    const watching = new AbortController();
    const watches = Promise.all([...informers, ...optional].map((informer) => informer.run(watching.signal)));
    try {
      if (!(await this.#waitForCaches(signal))) {
        return 'stopped';
      }
      if (elector !== undefined) {
        return await elector.run(signal, (leading) => this.#lead(leading));
      }
      await this.#lead(signal);
      return 'stopped';
    } finally {
      watching.abort(new Error('the manager stops'));
      await watches;
    }
  }

  async #waitForCaches(signal: AbortSignal): Promise<boolean> {
    const { informers, optional = [], clock, logger } = this.#options;
    let timer: Timer | undefined;
    const report = (): void => {
      timer = clock.schedule(SYNC_REPORT_MS, () => {
        const missing = this.#pending();
        const refused = missing.map(({ refusal }) => refusal).filter((refusal) => refusal !== undefined);
        logger.warn(
          { missing: missing.map(({ options }) => options.resource.plural) },
          `still waiting for the first lists: ${refused.join('; ') || 'is the API server reachable?'}`,
        );
        report();
      });
    };
    report();
    try {
      const lists = [...informers.map(({ synced }) => synced), ...optional.map(({ settled }) => settled)];
      await orAborted(Promise.all(lists), signal);
      for (const { hasSynced, refusal } of optional) {
        if (!hasSynced) logger.warn({}, `going on without what some Rollouts need: ${refusal}`);
      }
      return true;
    } catch {
      return false;
    } finally {
      timer?.cancel();
    }
  }

  /** The informers that a start has to wait for. */
  #pending(): readonly ManagedInformer[] {
    const { informers, optional = [] } = this.#options;
    return [
      ...informers.filter(({ hasSynced }) => !hasSynced),
      ...optional.filter(({ hasSynced, refusal }) => !hasSynced && refusal === undefined),
    ];
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { controllers, recorder, logger } = this.#options;
    this.#leading = true;
    logger.info({ controllers: controllers.map(({ name }) => name) }, 'controllers start');
    await Promise.all(controllers.map((controller) => controller.run(signal)));
    this.#leading = false;
    await recorder?.flush(EVENT_FLUSH_MS);
    logger.info({}, 'controllers have stopped');
  }
}
