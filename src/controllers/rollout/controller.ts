import type { KubeObject } from '../../api/core-types.ts';
import { INSTANCE_ID_LABEL } from '../../api/keys.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import type { ActionFailure } from '../../core/rollout/observed.ts';
import type { EventIntent, Plan } from '../../core/rollout/plan.ts';
import { planRollout } from '../../core/rollout/plan-rollout.ts';
import type { KubeClient, KubeReader } from '../../kube/client.ts';
import type { EventRecorder } from '../../kube/event-recorder.ts';
import type { Presence } from '../../kube/presence.ts';
import { ROLLOUTS } from '../../kube/resources.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileContext, ReconcileResult } from '../../runtime/controller-loop.ts';
import { RETRY_MAX_MS, UNANSWERED_RETRY_MAX_MS } from '../../runtime/retry-limits.ts';
import type { MetricsRegistry } from '../../telemetry/metrics.ts';
import type { Router } from '../../traffic/router.ts';
import { newest } from '../newest.ts';
import { type ApplyOutcome, applyPlan } from './apply.ts';
import type { RolloutCaches } from './caches.ts';
import { DepartedRollouts } from './departed-rollouts.ts';
import { DurationMetrics } from './duration-metrics.ts';
import { KnownRollouts } from './known-rollouts.ts';
import { observeRollout } from './observe.ts';
import type { RivalWatch } from './rival-watch.ts';
import { StatusPacer } from './status-pacer.ts';
import type { WriteGuard } from './write-guard.ts';

/** Argo Rollouts' buckets for `rollout_reconcile`. */
const RECONCILE_BUCKETS: readonly number[] = [0.01, 0.15, 0.25, 0.5, 1];
/** Shortest wait before a failed write is tried again; it grows with the age of the failure. */
const MIN_RETRY_MS = 1_000;
/** After losing against another writer: its event brings the next pass, this is for an event that gets lost. */
const CONFLICT_RETRY_MS = 1_000;

const RIVAL_MESSAGE =
  "Argo Rollouts' controller writes this Rollout, too, so Linnet leaves it alone for five minutes; scale one of the two to " +
  'zero replicas, or give one of them an --instance-id';

/** Told of every stored change, e.g. for notifications. Must not throw and must not take long. */
export type TransitionListener = (rollout: Rollout, events: readonly EventIntent[]) => void;

export interface RolloutControllerOptions {
  readonly caches: RolloutCaches;
  readonly client: KubeClient;
  readonly reader: KubeReader;
  readonly routers: readonly Router[];
  readonly recorder: EventRecorder;
  readonly guard: WriteGuard;
  readonly rivals: RivalWatch;
  readonly presence: Pick<Presence, 'since' | 'silent'>;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  /** `--instance-id`; empty: Rollouts without the label. */
  readonly instanceId: string;
  readonly onTransition: TransitionListener;
}

/** One Rollout at a time: observe, plan, apply. Keeps nothing that a restart would miss. */
export class RolloutController {
  readonly #options: RolloutControllerOptions;
  /** Only for messages: what could not be written, and since when. */
  readonly #failures = new Map<string, readonly ActionFailure[]>();
  /** What was written, or read after a conflict, until the cache shows it. */
  readonly #latest = new Map<string, Rollout>();
  readonly #known = new KnownRollouts();
  readonly #departed = new DepartedRollouts();
  readonly #pacer = new StatusPacer();
  readonly #seconds;
  readonly #errors;
  readonly #events;
  readonly #durations: DurationMetrics;

  constructor(options: RolloutControllerOptions) {
    this.#options = options;
    const labels = ['namespace', 'name'] as const;
    const { metrics } = options;
    this.#seconds = metrics.histogram('rollout_reconcile', 'Seconds that a pass over a Rollout took.', labels, {
      buckets: RECONCILE_BUCKETS,
    });
    this.#errors = metrics.counter('rollout_reconcile_error', 'Passes over a Rollout with a failed write.', labels);
    this.#events = metrics.counter('rollout_events_total', 'Events recorded for a Rollout.', [
      ...labels,
      'type',
      'reason',
    ]);
    this.#durations = new DurationMetrics(metrics);
  }

  /** For the controller loop; `key` is `namespace/name`. */
  async reconcile(key: string, context: ReconcileContext): Promise<ReconcileResult> {
    const { caches, guard, rivals, clock, instanceId } = this.#options;
    const cached = caches.rollouts.store.get(key);
    if (cached === undefined) {
      this.#forget(key);
      return {};
    }
    const rollout = newest(cached, this.#latest.get(key));
    if (rollout === cached) this.#latest.delete(key);
    if (rollout.metadata.deletionTimestamp !== undefined || !belongsTo(rollout, instanceId)) return {};
    const asideMs = rivals.standAsideMs(key);
    if (asideMs !== undefined) {
      context.logger.error({}, RIVAL_MESSAGE);
      this.#record(rollout, { type: 'Warning', reason: 'RivalController', message: RIVAL_MESSAGE });
      return { requeueAt: clock.now() + asideMs };
    }
    const held = this.#departed.holdUntil(key, rollout, clock.now());
    if (held !== undefined) return { requeueAt: held };
    const pending = guard.pendingUntil(key);
    if (pending !== undefined) {
      context.logger.debug({}, 'waiting for the caches to show our own writes');
      return { requeueAt: pending };
    }
    const greeting = this.#known.meet(key, rollout);
    if (greeting !== undefined) this.#record(rollout, greeting);
    const started = clock.monotonic();
    try {
      return await this.#pass(key, rollout, context);
    } finally {
      const labels = { namespace: namespaceOf(rollout), name: nameOf(rollout) };
      this.#seconds.observe(labels, (clock.monotonic() - started) / 1000);
    }
  }

  async #pass(key: string, rollout: Rollout, context: ReconcileContext): Promise<ReconcileResult> {
    const { caches, routers, reader, client, guard, presence, clock, instanceId } = this.#options;
    const tracked = guard.track(key, client);
    const routing = { reader, client: tracked, signal: context.signal };
    const lastFailures = this.#failures.get(key) ?? [];
    const presentSince = presence.since;
    const sources = { caches, routers, context: routing, instanceId, presentSince };
    const observed = await observeRollout(rollout, lastFailures, sources);
    const now = clock.now();
    const plan = planRollout(observed, now);
    const outcome = await applyPlan(observed, plan, now, {
      client: tracked,
      routers,
      context: routing,
      holdStatus: (change) => this.#pacer.holdUntil(key, change, now),
    });
    if (outcome.stored !== undefined) this.#pacer.wrote(key, now);
    if (outcome.stored !== undefined) this.#latest.set(key, outcome.stored);
    if (outcome.isGone) this.#departed.missed(key, rollout, now);
    if (outcome.conflict) await this.#lookAgain(key, rollout, context);
    this.#report(key, rollout, plan, outcome, context);
    const maxRetryMs = presence.silent ? UNANSWERED_RETRY_MAX_MS : RETRY_MAX_MS;
    return { requeueAt: nextPass(plan, outcome, maxRetryMs, clock.now()), priority: plan.urgent ? 'abort' : 'normal' };
  }

  #report(key: string, rollout: Rollout, plan: Plan, outcome: ApplyOutcome, { logger }: ReconcileContext): void {
    const labels = { namespace: namespaceOf(rollout), name: nameOf(rollout) };
    if (outcome.done.length > 0) {
      logger.info(
        { done: outcome.done, phase: plan.status.phase, message: plan.status.message, notes: textsOf(plan) },
        'applied',
      );
    }
    for (const { action, message, since } of outcome.failures) {
      logger.warn({ action, since }, `could not ${action}: ${message}; will retry`);
    }
    if (outcome.failures.length > 0) {
      this.#errors.inc(labels);
      this.#failures.set(key, outcome.failures);
    } else if (!outcome.conflict) {
      this.#failures.delete(key);
    }
    for (const event of outcome.events) this.#record(rollout, event);
    if (outcome.endedAttempt !== undefined) this.#durations.observe(outcome.endedAttempt);
    const stored = outcome.stored ?? rollout;
    if (outcome.events.length > 0 || outcome.stored !== undefined) this.#options.onTransition(stored, outcome.events);
  }

  /** Somebody else has written: the next pass decides on what, even when the event about it gets lost. */
  async #lookAgain(key: string, rollout: Rollout, { signal, logger }: ReconcileContext): Promise<void> {
    const name = { namespace: namespaceOf(rollout), name: nameOf(rollout) };
    try {
      this.#latest.set(key, await this.#options.client.get<Rollout>(ROLLOUTS, name, { signal }));
    } catch (error) {
      logger.debug({ err: error }, 'the Rollout cannot be read after a conflict; the cache will tell');
    }
  }

  #record(rollout: Rollout, { type, reason, message }: EventIntent): void {
    this.#options.recorder.record(ROLLOUTS, rollout, { type, reason, message });
    this.#events.inc({ namespace: namespaceOf(rollout), name: nameOf(rollout), type, reason });
  }

  #forget(key: string): void {
    const farewell = this.#known.forget(key);
    if (farewell !== undefined) this.#options.recorder.record(ROLLOUTS, farewell.object, farewell.event);
    this.#failures.delete(key);
    this.#latest.delete(key);
    this.#pacer.forget(key);
    this.#options.rivals.forget(key);
    this.#departed.forget(key);
    const [namespace = '', name = ''] = key.split('/');
    for (const family of [this.#seconds, this.#errors, this.#events]) family.remove({ namespace, name });
  }
}

/** Without an instance id, objects that carry one belong to somebody else; with one, only those that carry it are ours. */
export function belongsTo(object: KubeObject, instanceId: string): boolean {
  return (object.metadata.labels?.[INSTANCE_ID_LABEL] ?? '') === instanceId;
}

function nextPass(plan: Plan, outcome: ApplyOutcome, maxRetryMs: number, now: EpochMs): EpochMs | undefined {
  const moments = [
    plan.requeueAt,
    outcome.heldUntil,
    outcome.conflict ? now + CONFLICT_RETRY_MS : undefined,
    ...outcome.failures.map(({ since }) => {
      const delayMs = Math.min(maxRetryMs, Math.max(MIN_RETRY_MS, now - since));
      return now + Math.max(delayMs, outcome.retryAfterMs);
    }),
  ].filter((moment) => moment !== undefined);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

function textsOf(plan: Plan): readonly string[] {
  return plan.notes.map(({ topic, text }) => `${topic}: ${text}`);
}
