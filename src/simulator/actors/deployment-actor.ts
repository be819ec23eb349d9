import type { Deployment, ReplicaSet } from '../../api/core-types.ts';
import { fnv1a32 } from '../../core/values/fnv.ts';
import { scaled } from '../../core/values/int-or-string.ts';
import { formatTimestamp } from '../../core/values/rfc3339.ts';
import { safeEncode } from '../../core/values/safe-encode.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '../../kube/resources.ts';
import { DeferredWork } from '../deferred-work.ts';
import type { ServerContext } from '../server-context.ts';
import type { StorageEvent } from '../storage.ts';
import { ActorClient, controlledBy, isControlledBy, type Stored } from './actor-client.ts';

const HASH_LABEL = 'pod-template-hash';
const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
/** Defaults of `strategy.rollingUpdate`. */
const DEFAULT_BOUND = '25%';

interface Sets {
  readonly current: Stored<ReplicaSet>;
  readonly old: readonly Stored<ReplicaSet>[];
}

/** The Deployment controller, without rollback and paused Deployments: rolling updates within surge and unavailability. */
export class DeploymentActor {
  readonly #client: ActorClient;
  readonly #work: DeferredWork;

  constructor(context: ServerContext) {
    this.#client = new ActorClient(context, 'deployment-controller');
    this.#work = new DeferredWork(context.clock, (key) => this.#reconcile(key));
  }

  start(): void {
    this.#client.context.storage.subscribe((event) => this.#observe(event));
  }

  #observe({ collection, object }: StorageEvent): void {
    const { namespace, name, ownerReferences = [] } = object.metadata;
    if (collection === 'apps/deployments') this.#work.add(`${namespace}/${name}`);
    if (collection !== 'apps/replicasets') return;
    const owner = ownerReferences.find(({ controller, kind }) => controller === true && kind === 'Deployment');
    if (owner !== undefined) this.#work.add(`${namespace}/${owner.name}`);
  }

  #reconcile(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const deployment = this.#client.get<Deployment>(DEPLOYMENTS, namespace, name);
    if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return;
    const sets = this.#setsOf(deployment);
    this.#scale(deployment, sets);
    this.#report(deployment, this.#setsOf(deployment));
  }

  /** The ReplicaSet of the current template, made when it is missing, and the others. */
  #setsOf(deployment: Stored<Deployment>): Sets {
    const { name, namespace } = deployment.metadata;
    const hash = safeEncode(String(fnv1a32(new TextEncoder().encode(JSON.stringify(deployment.spec?.template ?? {})))));
    const owned = this.#client
      .list<ReplicaSet>(REPLICA_SETS, namespace)
      .filter((replicaSet) => isControlledBy(replicaSet, deployment));
    const current = owned.find((replicaSet) => replicaSet.metadata.labels?.[HASH_LABEL] === hash);
    if (current !== undefined) return { current, old: owned.filter((replicaSet) => replicaSet !== current) };
    const revisions = owned.map((replicaSet) => Number(replicaSet.metadata.annotations?.[REVISION_ANNOTATION] ?? 0));
    this.#createReplicaSet(deployment, hash, Math.max(0, ...revisions) + 1);
    const created = this.#client.get<ReplicaSet>(REPLICA_SETS, namespace, `${name}-${hash}`);
    if (created === undefined) throw new Error(`ReplicaSet ${name}-${hash} vanished`);
    return { current: created, old: owned };
  }

  #createReplicaSet(deployment: Stored<Deployment>, hash: string, revision: number): void {
    const { name, namespace = '' } = deployment.metadata;
    const { template, selector, minReadySeconds } = deployment.spec ?? {};
    const labels = { ...template?.metadata?.labels, [HASH_LABEL]: hash };
    this.#client.create(REPLICA_SETS, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations: { [REVISION_ANNOTATION]: String(revision) },
        ownerReferences: [controlledBy(deployment)],
      },
      spec: {
        replicas: 0,
        selector: { ...selector, matchLabels: { ...selector?.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template?.metadata, labels } },
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      },
    } as ReplicaSet);
    this.#client.update<Deployment>(DEPLOYMENTS, deployment, (live) => ({
      ...live,
      metadata: {
        ...live.metadata,
        annotations: { ...live.metadata.annotations, [REVISION_ANNOTATION]: String(revision) },
      },
    }));
  }

  #scale(deployment: Stored<Deployment>, { current, old }: Sets): void {
    const wanted = deployment.spec?.replicas ?? 1;
    const { maxSurge, maxUnavailable } = deployment.spec?.strategy?.rollingUpdate ?? {};
    const surge = scaled(maxSurge ?? DEFAULT_BOUND, wanted, 'up');
    const unavailable = scaled(maxUnavailable ?? DEFAULT_BOUND, wanted, 'down') || (surge === 0 ? 1 : 0);
    const total = sum([current, ...old], specReplicas);
    const room = wanted + surge - (total - specReplicas(current));
    this.#setReplicas(current, Math.min(wanted, Math.max(specReplicas(current), room)));
    let spare = Math.max(0, sum([current, ...old], availableReplicas) - (wanted - unavailable));
    for (const replicaSet of old) {
      const idle = specReplicas(replicaSet) - availableReplicas(replicaSet);
      const down = Math.min(specReplicas(replicaSet), idle + spare);
      spare -= Math.max(0, down - idle);
      this.#setReplicas(replicaSet, specReplicas(replicaSet) - down);
    }
  }

  #setReplicas(replicaSet: Stored<ReplicaSet>, replicas: number): void {
    if (specReplicas(replicaSet) === replicas) return;
    this.#client.update<ReplicaSet>(REPLICA_SETS, replicaSet, (live) => ({
      ...live,
      spec: { ...live.spec, replicas },
    }));
  }

  #report(deployment: Stored<Deployment>, { current, old }: Sets): void {
    const all = [current, ...old];
    const wanted = deployment.spec?.replicas ?? 1;
    const available = sum(all, availableReplicas);
    const complete = (current.status?.availableReplicas ?? 0) >= wanted && sum(old, statusReplicas) === 0;
    const conditions = [
      available >= wanted
        ? { type: 'Available', status: 'True' as const, reason: 'MinimumReplicasAvailable' }
        : { type: 'Available', status: 'False' as const, reason: 'MinimumReplicasUnavailable' },
      {
        type: 'Progressing',
        status: 'True' as const,
        reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
      },
    ];
    this.#client.updateStatus<Deployment>(DEPLOYMENTS, deployment, {
      observedGeneration: deployment.metadata.generation ?? 1,
      replicas: sum(all, statusReplicas),
      updatedReplicas: statusReplicas(current),
      readyReplicas: sum(all, ({ status }) => status?.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted - available),
      conditions: conditions.map((condition) => this.#stamp(deployment, condition)),
    });
  }

  /** Keeps the time of the last transition while the status stays. */
  #stamp<C extends { readonly type: string; readonly status: string }>(deployment: Deployment, condition: C) {
    const before = deployment.status?.conditions?.find(({ type }) => type === condition.type);
    const now = formatTimestamp(this.#client.context.clock.now());
    return {
      ...condition,
      lastTransitionTime: before?.status === condition.status ? (before.lastTransitionTime ?? now) : now,
    };
  }
}

function specReplicas({ spec }: ReplicaSet): number {
  return spec?.replicas ?? 1;
}

function statusReplicas({ status }: ReplicaSet): number {
  return status?.replicas ?? 0;
}

function availableReplicas({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
