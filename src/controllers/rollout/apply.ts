import type { AnalysisRun } from '../../api/analysis.ts';
import type { KubeObject, ReplicaSet, Service } from '../../api/core-types.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import { nameOf, namespaceOf, uidOf } from '../../api/object-name.ts';
import type { Rollout, RolloutStatus } from '../../api/rollout.ts';
import type { RolloutDuration } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import type { Action } from '../../core/rollout/action.ts';
import { describeAction } from '../../core/rollout/describe-action.ts';
import type { ActionFailure, ObservedRollout } from '../../core/rollout/observed.ts';
import type { EventIntent, Plan } from '../../core/rollout/plan.ts';
import { mergePatchBetween } from '../../core/values/merge-patch.ts';
import { ApiError, isAlreadyExists, isConflict, isNotFound } from '../../kube/api-error.ts';
import type { CallOptions, KubeClient } from '../../kube/client.ts';
import {
  ANALYSIS_RUNS,
  INGRESSES,
  PODS,
  REPLICA_SETS,
  type Resource,
  ROLLOUTS,
  SERVICES,
} from '../../kube/resources.ts';
import { routersFor } from '../../traffic/registry.ts';
import type { Router, RouterContext } from '../../traffic/router.ts';
import type { StatusChange } from './status-pacer.ts';

export interface ApplierOptions {
  readonly client: KubeClient;
  readonly routers: readonly Router[];
  readonly context: RouterContext;
  /** When a change of the status may be written; undefined: now. */
  readonly holdStatus: (change: StatusChange) => EpochMs | undefined;
}

export interface ApplyOutcome {
  readonly failures: readonly ActionFailure[];
  /** What to record: the plan's events, when its status was stored, and the routers' own. */
  readonly events: readonly EventIntent[];
  /** The attempt that the plan ends, when its status was stored. */
  readonly endedAttempt: RolloutDuration | undefined;
  /** Names of the actions that were done, for the log. */
  readonly done: readonly string[];
  /** The stored Rollout when status or metadata were written. */
  readonly stored: Rollout | undefined;
  /** The status tells of nothing but progress and is not written before then. */
  readonly heldUntil: EpochMs | undefined;
  /** For how long the server wants to hear nothing again of what failed; 0 when it did not say. */
  readonly retryAfterMs: number;
  /** A write lost against another writer: nothing is wrong, the next pass sees both. */
  readonly conflict: boolean;
  /** The server does not find the Rollout: the cache will say so too, a moment later. */
  readonly isGone: boolean;
}

/** HTTP status of an eviction that a PodDisruptionBudget does not allow now. */
const TOO_MANY_REQUESTS = 429;

/**
 * Executes a plan: every action, whichever fails (see `Action`), then the status, then says which events to record.
 * Never rejects for a failed write; it is in `failures`.
 */
export async function applyPlan(
  observed: ObservedRollout,
  plan: Plan,
  now: EpochMs,
  options: ApplierOptions,
): Promise<ApplyOutcome> {
  const applier = new PlanApplier(observed, plan, now, options);
  for (const action of plan.actions) await applier.execute(action);
  await applier.storeStatus(plan.status);
  return applier.outcome();
}

class PlanApplier {
  readonly #observed: ObservedRollout;
  readonly #plan: Plan;
  readonly #now: EpochMs;
  readonly #options: ApplierOptions;
  readonly #call: CallOptions;
  readonly #failures: ActionFailure[] = [];
  readonly #routerEvents: EventIntent[] = [];
  readonly #done: string[] = [];
  #rollout: Rollout;
  #stored: Rollout | undefined;
  #conflict = false;
  #isGone = false;
  #isStale = false;
  #statusStored = false;
  #heldUntil: EpochMs | undefined;
  #retryAfterMs = 0;
  #collisions: number | undefined;

  constructor(observed: ObservedRollout, plan: Plan, now: EpochMs, options: ApplierOptions) {
    this.#observed = observed;
    this.#plan = plan;
    this.#now = now;
    this.#options = options;
    this.#rollout = observed.rollout;
    this.#call = {
      priority: plan.urgent ? 'abort' : 'normal',
      ...(options.context.signal === undefined ? {} : { signal: options.context.signal }),
    };
  }

  async execute(action: Action): Promise<void> {
    const description = describeAction(action);
    try {
      if (await this.#perform(action)) this.#done.push(description);
    } catch (error) {
      if (isConflict(error)) {
        this.#conflict = true;
        return;
      }
      this.#fail(description, error);
    }
  }

  #fail(action: string, error: unknown): void {
    const before = this.#observed.lastFailures.find((failure) => failure.action === action);
    this.#failures.push({ action, message: messageOf(error), since: before?.since ?? this.#now });
    if (error instanceof ApiError) this.#retryAfterMs = Math.max(this.#retryAfterMs, error.retryAfterMs ?? 0);
  }

  /** Whether anything was sent. */
  async #perform(action: Action): Promise<boolean> {
    const { client } = this.#options;
    const key = (name: string) => ({ namespace: namespaceOf(this.#rollout), name });
    switch (action.kind) {
      case 'createReplicaSet':
        await this.#createReplicaSet(action.replicaSet);
        return true;
      case 'scaleReplicaSet':
        await this.#patch(REPLICA_SETS, action.target.name, {
          metadata: {
            uid: action.target.uid,
            resourceVersion: action.resourceVersion,
            annotations: action.annotations,
          },
          spec: { replicas: action.to },
        });
        return true;
      case 'patchReplicaSet':
        await this.#patch(REPLICA_SETS, action.target.name, withMetadata(action.patch, { uid: action.target.uid }));
        return true;
      case 'deleteReplicaSet':
        await ignoreMissing(client.delete(REPLICA_SETS, key(action.target.name), this.#deletion(action.target.uid)));
        return true;
      case 'setServiceSelector':
        await this.#switchService(action.service, action.resourceVersion, action.to);
        return true;
      case 'setTraffic':
        return this.#setTraffic(action);
      case 'silenceRoute':
        await ignoreMissing(
          this.#patch(INGRESSES, action.target.name, withMetadata(action.patch, { uid: action.target.uid })),
        );
        return true;
      case 'createAnalysisRun':
        return this.#createAnalysisRun(action.run, action.replaces);
      case 'terminateAnalysisRun':
        await ignoreMissing(
          this.#patch(ANALYSIS_RUNS, action.target.name, {
            metadata: { uid: action.target.uid },
            spec: { terminate: true },
          }),
        );
        return true;
      case 'deleteAnalysisRun':
        await ignoreMissing(client.delete(ANALYSIS_RUNS, key(action.target.name), this.#deletion(action.target.uid)));
        return true;
      case 'evictPod':
        await this.#evict(action.target.name, action.target.uid);
        return true;
      case 'patchRollout':
        await this.#patchRollout(action.patch);
        return true;
    }
  }

  async #createReplicaSet(replicaSet: ReplicaSet): Promise<void> {
    const { client } = this.#options;
    try {
      await client.create(REPLICA_SETS, replicaSet, this.#call);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const live = await client.get<ReplicaSet>(REPLICA_SETS, this.#key(nameOf(replicaSet)), this.#call);
      if (controllerOf(live) === uidOf(this.#rollout)) {
        // An earlier pass, or an earlier process, made it and the cache has not shown it yet.
        return;
      }
      // Somebody else's ReplicaSet has our name: a new hash is needed, as the Deployment controller does it.
      this.#collisions = (this.#rollout.status?.collisionCount ?? 0) + 1;
      throw new Error(
        `ReplicaSet "${nameOf(replicaSet)}" exists and belongs to somebody else; retrying with another hash`,
        { cause: error },
      );
    }
  }

  async #createAnalysisRun(run: AnalysisRun, replaces: string | undefined): Promise<boolean> {
    const { client } = this.#options;
    if (replaces !== undefined && (await this.#exists(replaces))) {
      // The cache lags behind: this plan rests on an error, and so does its status.
      this.#isStale = true;
      return false;
    }
    try {
      await client.create(ANALYSIS_RUNS, run, this.#call);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const live = await client.get<AnalysisRun>(ANALYSIS_RUNS, this.#key(nameOf(run)), this.#call);
      if (controllerOf(live) !== uidOf(this.#rollout)) throw error;
    }
    return true;
  }

  async #exists(analysisRun: string): Promise<boolean> {
    try {
      await this.#options.client.get<AnalysisRun>(ANALYSIS_RUNS, this.#key(analysisRun), this.#call);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #switchService(service: string, resourceVersion: string, hash: string): Promise<void> {
    await this.#patch<Service>(SERVICES, service, {
      metadata: { resourceVersion, annotations: { [MANAGED_BY_ANNOTATION]: nameOf(this.#rollout) } },
      spec: { selector: { [POD_TEMPLATE_HASH_LABEL]: hash } },
    });
  }

  async #setTraffic({ intent, urgent }: Extract<Action, { kind: 'setTraffic' }>): Promise<boolean> {
    const context = { ...this.#options.context, urgent };
    const problems: string[] = [];
    let wrote = false;
    for (const router of routersFor(this.#options.routers, this.#rollout)) {
      try {
        const outcome = await router.apply(this.#rollout, intent, context);
        wrote ||= outcome.wrote;
        this.#routerEvents.push(...outcome.events);
      } catch (error) {
        problems.push(`${router.type}: ${messageOf(error)}`);
      }
    }
    if (problems.length === 0) return wrote;
    const message = problems.join('; ');
    this.#routerEvents.push({ type: 'Warning', reason: 'TrafficRoutingError', message });
    throw new Error(message);
  }

  async #evict(pod: string, uid: string): Promise<void> {
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod, namespace: namespaceOf(this.#rollout) },
      deleteOptions: { preconditions: { uid } },
    };
    try {
      await this.#options.client.createSubresource(PODS, this.#key(pod), 'eviction', eviction, this.#call);
    } catch (error) {
      if (isNotFound(error)) return;
      if (error instanceof ApiError && error.status === TOO_MANY_REQUESTS) {
        throw new Error(`a PodDisruptionBudget does not allow the eviction of pod "${pod}" now`, { cause: error });
      }
      throw error;
    }
  }

  /** Writes what differs from the observed status, if anything does and nobody else wrote in between. */
  async storeStatus(status: RolloutStatus): Promise<void> {
    if (this.#isStale) {
      this.#conflict = true;
      return;
    }
    const wanted = this.#collisions === undefined ? status : { ...status, collisionCount: this.#collisions };
    const before = this.#observed.rollout.status ?? {};
    const patch = mergePatchBetween(before, wanted);
    if (patch === undefined) {
      this.#statusStored = true;
      return;
    }
    // Events are recorded once the status is stored: what is worth an event is worth a write.
    const change = { before, patch, acted: this.#done.length > 0 };
    this.#heldUntil = this.#plan.events.length > 0 ? undefined : this.#options.holdStatus(change);
    if (this.#heldUntil !== undefined) return;
    try {
      await this.#patchRollout({ status: patch }, 'status');
      this.#statusStored = true;
      this.#done.push('store status');
    } catch (error) {
      if (isConflict(error)) this.#conflict = true;
      else if (isNotFound(error)) this.#isGone = true;
      else this.#fail('store status', error);
    }
  }

  outcome(): ApplyOutcome {
    return {
      failures: this.#failures,
      events: [...(this.#statusStored ? this.#plan.events : []), ...this.#routerEvents],
      endedAttempt: this.#statusStored ? this.#plan.endedAttempt : undefined,
      done: this.#done,
      stored: this.#stored,
      heldUntil: this.#heldUntil,
      retryAfterMs: this.#retryAfterMs,
      conflict: this.#conflict,
      isGone: this.#isGone,
    };
  }

  /** Refused when somebody else wrote since the look: the next write goes by the version in the answer to this one. */
  async #patchRollout(patch: object, subresource?: string): Promise<void> {
    const { uid, resourceVersion } = this.#rollout.metadata;
    const guarded = withMetadata(patch, { uid, resourceVersion });
    this.#rollout = await this.#patch<Rollout>(ROLLOUTS, nameOf(this.#rollout), guarded, subresource);
    this.#stored = this.#rollout;
  }

  async #patch<T extends KubeObject>(
    resource: Resource,
    name: string,
    patch: object,
    subresource?: string,
  ): Promise<T> {
    return this.#options.client.patch<T>(
      resource,
      this.#key(name),
      { type: 'merge', patch },
      { ...this.#call, ...(subresource === undefined ? {} : { subresource }) },
    );
  }

  #key(name: string): { namespace: string; name: string } {
    return { namespace: namespaceOf(this.#rollout), name };
  }

  #deletion(uid: string): CallOptions & { uid: string; propagationPolicy: 'Background' } {
    return { ...this.#call, uid, propagationPolicy: 'Background' };
  }
}

/**
 * The server refuses a merge patch whose `metadata.uid` or `resourceVersion` differs from the object's: so it hits no
 * other object, and none that changed meanwhile.
 */
function withMetadata(
  patch: object,
  expected: { uid: string | undefined; resourceVersion?: string | undefined },
): object {
  const { metadata, ...rest } = patch as { metadata?: object };
  return { ...rest, metadata: { ...metadata, ...expected } };
}

async function ignoreMissing(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function controllerOf(object: KubeObject): string | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true)?.uid;
}

function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.serverMessage;
  return error instanceof Error ? error.message : String(error);
}
