import type { Pod, ReplicaSet } from '../../api/core-types.ts';
import type { ObjectMeta } from '../../api/object-meta.ts';
import type { EpochMs } from '../../api/time.ts';
import type { PlanDraft } from './draft.ts';
import type { Facts } from './facts.ts';
import { momentOf, seconds } from './moments.ts';
import { availableOf, hashOf } from './replica-set.ts';

/**
 * Without a router, kube-proxy sends to what EndpointSlices say. It syncs at most once a second (its
 * `minSyncPeriod`), and a sync takes time.
 */
export const SERVICE_PROPAGATION_MS = 2_000;
/** EndpointSlices follow the readiness of a pod: their controller has a queue, and gathers changes. */
const ENDPOINT_SLICE_LAG_MS = 2_000;

/**
 * Since when users reach a pod: from when routers, or nodes where there are none, know that it is ready. May lie ahead;
 * undefined while it does not serve.
 */
export function servingSince({ observed }: Facts, { metadata, status }: Pod): EpochMs | undefined {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready' && condition.status === 'True');
  if (ready === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  const delays = observed.routers.map((router) => router.propagationMs);
  const written = statusWrittenAt(metadata) ?? momentOf(ready.lastTransitionTime) ?? 0;
  // The timestamp has lost its fraction of a second.
  const known = written + seconds(1) + ENDPOINT_SLICE_LAG_MS;
  return known + Math.max(SERVICE_PROPAGATION_MS, ...delays);
}

/**
 * When the status of a pod was last written, by the clock of the API server. Its conditions have the time of its node,
 * whose clock may be minutes ahead, which would hold up a restart, or behind, and then a pod would seem known too early.
 */
function statusWrittenAt({ managedFields = [] }: ObjectMeta): EpochMs | undefined {
  const writes = managedFields.filter(({ subresource }) => subresource === 'status');
  const moments = writes.flatMap(({ time }) => momentOf(time) ?? []);
  return moments.length === 0 ? undefined : Math.max(...moments);
}

/** The pods of a ReplicaSet that users reach. */
export function servingPods(facts: Facts, replicaSet: ReplicaSet): readonly Pod[] {
  return facts.observed.pods.filter(
    (pod) => hashOf(pod) === hashOf(replicaSet) && (servingSince(facts, pod) ?? Number.POSITIVE_INFINITY) <= facts.now,
  );
}

/**
 * How many pods of a ReplicaSet users reach, and go on to reach after this pass. The least of what pods, their ReplicaSet
 * and the plan say: pods tell of an eviction before their ReplicaSet counts it, and the ReplicaSet may tell of a deletion
 * before the pods do.
 */
export function servingAfter(facts: Facts, replicaSet: ReplicaSet, draft: PlanDraft): number {
  return Math.min(draft.sizeAfter(replicaSet), availableOf(replicaSet), servingPods(facts, replicaSet).length);
}
