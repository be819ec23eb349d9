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
  readonly options: { readonly resource: Resource };
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  readonly informers: readonly ManagedInformer[];
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

  /** All caches hold their first list. */
  get ready(): boolean {
    return this.#options.informers.every(({ hasSynced }) => hasSynced);
  }

  /** The controllers run. */
  get leading(): boolean {
    return this.#leading;
  }

  /** Runs until the signal aborts or the lease is lost; resolves when everything has ended. */
  async run(signal: AbortSignal): Promise<ManagerOutcome> {
    const { informers, elector } = this.#options;
    const watching = new AbortController();
    const watches = Promise.all(informers.map((informer) => informer.run(watching.signal)));
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
    const { informers, clock, logger } = this.#options;
    let timer: Timer | undefined;
    const report = (): void => {
      timer = clock.schedule(SYNC_REPORT_MS, () => {
        const missing = informers.filter(({ hasSynced }) => !hasSynced).map(({ options }) => options.resource.plural);
        logger.warn(
          { missing },
          'still waiting for the first lists: is the API server reachable, are the CRDs installed, does RBAC allow them?',
        );
        report();
      });
    };
    report();
    try {
      await orAborted(Promise.all(informers.map(({ synced }) => synced)), signal);
      return true;
    } catch {
      return false;
    } finally {
      timer?.cancel();
    }
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
