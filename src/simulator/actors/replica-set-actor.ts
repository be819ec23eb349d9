import type { Pod, ReplicaSet } from '../../api/core-types.ts';
import type { EpochMs } from '../../api/time.ts';
import { PODS, REPLICA_SETS } from '../../kube/resources.ts';
import { DeferredWork } from '../deferred-work.ts';
import type { ServerContext } from '../server-context.ts';
import type { StorageEvent } from '../storage.ts';
import { ActorClient, controlledBy, isControlledBy, type Stored } from './actor-client.ts';
import { availableAt, isActive, isReady } from './pod-state.ts';

/** The ReplicaSet controller: as many pods as asked for, and a status that counts them. */
export class ReplicaSetActor {
  readonly #client: ActorClient;
  readonly #work: DeferredWork;

  constructor(context: ServerContext) {
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
    for (let count = 0; count < missing; count += 1) this.#createPod(replicaSet);
    if (missing < 0) for (const pod of active.toSorted(firstToGo).slice(0, -missing)) this.#client.delete(PODS, pod);
    this.#countPods(key, replicaSet);
  }

  #createPod(replicaSet: Stored<ReplicaSet>): void {
    const { metadata, spec } = replicaSet.spec?.template ?? {};
    this.#client.create(PODS, {
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
    } as Pod);
  }

  #countPods(key: string, replicaSet: Stored<ReplicaSet>): void {
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
    });
  }

  #lookAgainAt(key: string, moments: readonly (EpochMs | undefined)[], now: EpochMs): void {
    const future = moments.filter((moment) => moment !== undefined && moment > now);
    if (future.length === 0) return;
    this.#client.context.clock.schedule(Math.min(...(future as EpochMs[])) - now, () => this.#work.add(key));
  }
}

/** Pods that serve least go first: not scheduled, then not ready, then the youngest. */
function firstToGo(left: Pod, right: Pod): number {
  const rank = (pod: Pod) => (pod.spec?.nodeName === undefined ? 0 : isReady(pod) ? 2 : 1);
  const age = (pod: Pod) => pod.metadata.creationTimestamp ?? '';
  return rank(left) - rank(right) || age(right).localeCompare(age(left));
}
