import type { Pod, ReplicaSet } from '../../api/core-types.ts';
import type { EpochMs } from '../../api/time.ts';
import { formatTimestamp } from '../../core/values/rfc3339.ts';
import { PODS, REPLICA_SETS } from '../../kube/resources.ts';
import { DeferredWork } from '../deferred-work.ts';
import type { ServerContext } from '../server-context.ts';
import type { StorageEvent } from '../storage.ts';
import { ActorClient, controlledBy, isControlledBy, type Stored } from './actor-client.ts';
import { availableAt, isActive, isReady, readySince } from './pod-state.ts';

export interface ReplicaSetOptions {
  /** Why the pod is not admitted, e.g. by a quota; undefined admits it. Default: every pod is. */
  readonly refusePod?: (pod: Pod) => string | undefined;
}

/** How soon a refused pod is tried again. The real controller backs off up to minutes. */
const REFUSED_RETRY_MS = 5_000;

/** The ReplicaSet controller: as many pods as asked for, and a status that counts them. */
export class ReplicaSetActor {
  readonly #client: ActorClient;
  readonly #work: DeferredWork;
  readonly #refusePod: (pod: Pod) => string | undefined;

  constructor(context: ServerContext, { refusePod = () => undefined }: ReplicaSetOptions = {}) {
    this.#refusePod = refusePod;
    this.#client = new ActorClient(context, 'replicaset-controller');
    this.#work = new DeferredWork(context.clock, (key) => this.#reconcile(key));
  }

  start(): void {
    this.#client.context.storage.subscribe((event) => this.#observe(event));
  }

  #observe({ collection, object }: StorageEvent): void {
    const { namespace, name, ownerReferences = [] } = object.metadata;
    if (collection === 'apps/replicasets') this.#work.add(`${namespace}/${name}`);
    if (collection !== '/pods') return;
    const owner = ownerReferences.find(({ controller, kind }) => controller === true && kind === 'ReplicaSet');
    if (owner !== undefined) this.#work.add(`${namespace}/${owner.name}`);
  }

  #reconcile(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const replicaSet = this.#client.get<ReplicaSet>(REPLICA_SETS, namespace, name);
    if (replicaSet === undefined || replicaSet.metadata.deletionTimestamp !== undefined) return;
    const owned = this.#client.list<Pod>(PODS, namespace).filter((pod) => isControlledBy(pod, replicaSet));
    const active = owned.filter(isActive);
    const missing = (replicaSet.spec?.replicas ?? 1) - active.length;
    const refusals = Array.from({ length: Math.max(0, missing) }, () => this.#createPod(replicaSet));
    const refusal = refusals.find((reason) => reason !== undefined);
    if (refusal !== undefined) this.#client.context.clock.schedule(REFUSED_RETRY_MS, () => this.#work.add(key));
    if (missing < 0) for (const pod of active.toSorted(firstToGo).slice(0, -missing)) this.#client.delete(PODS, pod);
    this.#countPods(key, replicaSet, refusal);
  }

  /** Why it was refused. */
  #createPod(replicaSet: Stored<ReplicaSet>): string | undefined {
    const { metadata, spec } = replicaSet.spec?.template ?? {};
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        generateName: `${replicaSet.metadata.name}-`,
        namespace: replicaSet.metadata.namespace ?? '',
        labels: metadata?.labels ?? {},
        annotations: metadata?.annotations ?? {},
        ownerReferences: [controlledBy(replicaSet)],
      },
      spec,
    } as Pod;
    const refusal = this.#refusePod(pod);
    if (refusal === undefined) this.#client.create(PODS, pod);
    return refusal;
  }

  #countPods(key: string, replicaSet: Stored<ReplicaSet>, refusal: string | undefined): void {
    const { namespace, generation } = replicaSet.metadata;
    const now = this.#client.context.clock.now();
    const pods = this.#client
      .list<Pod>(PODS, namespace)
      .filter((pod) => isControlledBy(pod, replicaSet) && isActive(pod));
    const moments = pods.map((pod) => availableAt(pod, replicaSet.spec?.minReadySeconds ?? 0));
    const available = moments.filter((moment) => moment !== undefined && moment <= now).length;
    const ready = pods.filter(isReady).length;
    this.#lookAgainAt(key, moments, now);
    // Counters of zero are left out, as Go's omitempty does it.
    this.#client.updateStatus<ReplicaSet>(REPLICA_SETS, replicaSet, {
      replicas: pods.length,
      ...(pods.length > 0 ? { fullyLabeledReplicas: pods.length } : {}),
      ...(ready > 0 ? { readyReplicas: ready } : {}),
      ...(available > 0 ? { availableReplicas: available } : {}),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      ...(refusal === undefined ? {} : { conditions: [failureOf(replicaSet, refusal, now)] }),
    });
  }

  #lookAgainAt(key: string, moments: readonly (EpochMs | undefined)[], now: EpochMs): void {
    const future = moments.filter((moment) => moment !== undefined && moment > now);
    if (future.length === 0) return;
    this.#client.context.clock.schedule(Math.min(...(future as EpochMs[])) - now, () => this.#work.add(key));
  }
}

/** As the real controller words it. */
function failureOf({ status }: ReplicaSet, message: string, now: EpochMs) {
  const before = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  const lastTransitionTime = before?.lastTransitionTime ?? formatTimestamp(now);
  return { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastTransitionTime } as const;
}

/**
 * Pods that serve least go first, as with the real controller: not scheduled, then not ready, then those that have been
 * ready for the shortest time, then the youngest. The real one compares times of readiness by powers of two only.
 */
function firstToGo(left: Pod, right: Pod): number {
  const rank = (pod: Pod) => (pod.spec?.nodeName === undefined ? 0 : isReady(pod) ? 2 : 1);
  const readyFrom = (pod: Pod) => readySince(pod) ?? '';
  const age = (pod: Pod) => pod.metadata.creationTimestamp ?? '';
  return (
    rank(left) - rank(right) || readyFrom(right).localeCompare(readyFrom(left)) || age(right).localeCompare(age(left))
  );
}
