import type { AnalysisRun } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import { nameOf, namespaceOf, uidOf } from '../../api/object-name.ts';
import type { EpochMs } from '../../api/time.ts';
import type { AnalysisPlan } from '../../core/analysis/analysis-plan.ts';
import type { TakenMeasurement } from '../../core/analysis/outcome.ts';
import { planAnalysisRun } from '../../core/analysis/plan-analysis-run.ts';
import { recordMeasurements } from '../../core/analysis/record-measurements.ts';
import { isConflict, isNotFound } from '../../kube/api-error.ts';
import type { KubeClient, KubeReader } from '../../kube/client.ts';
import type { EventRecorder } from '../../kube/event-recorder.ts';
import { ANALYSIS_RUNS } from '../../kube/resources.ts';
import type { ReadonlyStore } from '../../kube/store.ts';
import { createRedactor, type Redact } from '../../net/redact.ts';
import { MAX_TIMEOUT_MS } from '../../providers/prometheus-request.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileContext, ReconcileResult } from '../../runtime/controller-loop.ts';
import type { MetricsRegistry } from '../../telemetry/metrics.ts';
import { newest } from '../newest.ts';
import { deleteRun, keyOfRun, storeStatus } from './apply.ts';
import { takeMeasurements } from './measure.ts';
import { readSecretArguments } from './observe.ts';

/** `timeoutMs` for the loop that runs this controller: the longest measurement, and time to store it. */
export const ANALYSIS_PASS_TIMEOUT_MS = MAX_TIMEOUT_MS + 30_000;

/** Argo Rollouts' buckets for `analysis_run_reconcile`. */
const RECONCILE_BUCKETS: readonly number[] = [0.01, 0.15, 0.25, 0.5, 1];

/** How often a measurement is carried over to what somebody else wrote before the pass is given up. */
const MAX_STORE_ATTEMPTS = 5;

export interface AnalysisRunControllerOptions {
  /** The cache of AnalysisRuns. */
  readonly runs: ReadonlyStore<AnalysisRun>;
  readonly client: KubeClient;
  /** Reads Secrets, live. */
  readonly reader: KubeReader;
  readonly providers: ProviderRegistry;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
}

/** What was measured in a pass, and how to hide its secrets. */
interface Measured {
  readonly taken: readonly TakenMeasurement[];
  readonly redact: Redact;
}

/** One AnalysisRun at a time: observe, plan, measure, record, store. Keeps nothing that a restart would miss. */
export class AnalysisRunController {
  readonly #options: AnalysisRunControllerOptions;
  /** What was written last, until the cache shows it: spares a second measurement on an old status. */
  readonly #written = new Map<string, AnalysisRun>();
  readonly #seconds;
  readonly #errors;

  constructor(options: AnalysisRunControllerOptions) {
    this.#options = options;
    const labels = ['namespace', 'name'] as const;
    const { metrics } = options;
    this.#seconds = metrics.histogram(
      'analysis_run_reconcile',
      'Seconds that a pass over an AnalysisRun took.',
      labels,
      {
        buckets: RECONCILE_BUCKETS,
      },
    );
    this.#errors = metrics.counter('analysis_run_reconcile_error', 'Passes over an AnalysisRun that failed.', labels);
  }

  /** For the controller loop; `key` is `namespace/name`. */
  async reconcile(key: string, context: ReconcileContext): Promise<ReconcileResult> {
    const { runs, clock } = this.#options;
    const cached = runs.get(key);
    if (cached === undefined || cached.metadata.deletionTimestamp !== undefined) {
      this.#forget(key);
      return {};
    }
    const labels = { namespace: namespaceOf(cached), name: nameOf(cached) };
    const started = clock.monotonic();
    try {
      return await this.#pass(key, newest(cached, this.#written.get(key)), context);
    } catch (error) {
      this.#errors.inc(labels);
      throw error;
    } finally {
      this.#seconds.observe(labels, (clock.monotonic() - started) / 1000);
    }
  }

  async #pass(key: string, run: AnalysisRun, context: ReconcileContext): Promise<ReconcileResult> {
    const { client, clock } = this.#options;
    const plan = planAnalysisRun(run, clock.now());
    if (plan.expired) {
      await deleteRun(client, run, { signal: context.signal });
      context.logger.info({}, 'deleted: its TTL is over');
      return {};
    }
    const measured = plan.tasks.length === 0 ? undefined : await this.#measure(run, plan, context);
    const { stored, outcome } = await this.#store(run, measured, context);
    if (stored === undefined) return {};
    if (stored !== run) this.#written.set(key, stored);
    if (isCompleted(stored.status?.phase)) this.#written.delete(key);
    this.#report(stored, outcome, context);
    return { requeueAt: outcome.tasks.length > 0 ? clock.now() : outcome.requeueAt };
  }

  async #measure(run: AnalysisRun, { tasks }: AnalysisPlan, { signal }: ReconcileContext): Promise<Measured> {
    const { reader, providers, clock } = this.#options;
    const secrets = await readSecretArguments(run, reader);
    const redact = createRedactor(secrets.values.values());
    const taken = await takeMeasurements(run, tasks, secrets, { providers, clock, signal, redact });
    // A measurement that this process itself cut short says nothing about the release.
    signal.throwIfAborted();
    return { taken, redact };
  }

  /**
   * Plans and stores; after a conflict once more with what somebody else wrote (a termination, say), so that a
   * measurement is never lost and never taken twice. `stored` is undefined when the run is gone.
   */
  async #store(run: AnalysisRun, measured: Measured | undefined, { signal }: ReconcileContext): Promise<StoreResult> {
    const { client, clock } = this.#options;
    let live = run;
    for (let attempt = 1; ; attempt++) {
      const outcome = decide(live, measured, clock.now());
      try {
        return { stored: await storeStatus(client, live, outcome.status, { signal }), outcome };
      } catch (error) {
        if (isNotFound(error)) return { stored: undefined, outcome };
        if (!isConflict(error) || attempt === MAX_STORE_ATTEMPTS) throw error;
        const current = await this.#refetch(live, signal);
        if (current === undefined) return { stored: undefined, outcome };
        live = current;
      }
    }
  }

  /** The run as it is now; undefined when it is gone or another one has taken its name. */
  async #refetch(run: AnalysisRun, signal: AbortSignal): Promise<AnalysisRun | undefined> {
    try {
      const live = await this.#options.client.get<AnalysisRun>(ANALYSIS_RUNS, keyOfRun(run), { signal });
      return uidOf(live) === uidOf(run) ? live : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #report(run: AnalysisRun, plan: AnalysisPlan, { logger }: ReconcileContext): void {
    for (const { topic, text } of plan.notes) logger.debug({ topic }, text);
    for (const event of plan.events) this.#options.recorder.record(ANALYSIS_RUNS, run, event);
    if (plan.events.length > 0) logger.info({ phase: plan.status.phase, reason: plan.status.message }, 'assessed');
  }

  #forget(key: string): void {
    this.#written.delete(key);
    const [namespace = '', name = ''] = key.split('/');
    for (const family of [this.#seconds, this.#errors]) family.remove({ namespace, name });
  }
}

interface StoreResult {
  readonly stored: AnalysisRun | undefined;
  readonly outcome: AnalysisPlan;
}

/** The plan for a run as it is, or as it is with the new measurements. */
function decide(run: AnalysisRun, measured: Measured | undefined, now: EpochMs): AnalysisPlan {
  return measured === undefined
    ? planAnalysisRun(run, now)
    : recordMeasurements(run, measured.taken, now, measured.redact);
}
