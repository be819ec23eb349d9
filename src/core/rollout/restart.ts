import type { Pod } from '../../api/core-types.ts';
import { nameOf } from '../../api/object-name.ts';
import type { EpochMs, Timestamp } from '../../api/time.ts';
import type { Course } from './canary/course.ts';
import type { PlanDraft } from './draft.ts';
import type { Facts } from './facts.ts';
import { momentOf, seconds } from './moments.ts';
import { availableOf, hashOf, sizeOf, targetOf, totalOf } from './replica-set.ts';

/** How often a restart looks again while pods are replaced: Argo Rollouts' interval. */
const RETRY_SECONDS = 30;

/**
 * Evicts pods that are older than `spec.restartAt`, as many at a time as `maxUnavailable` allows but at least one
 * (3.12 of Argo Rollouts' reference). Returns what `status.restartedAt` shall say: the moment asked for once no older
 * pod is left. A new update brings new pods anyway and counts as one; pods of an aborted version serve nobody, and stay.
 */
export function planRestart(facts: Facts, { isNewUpdate, aborted }: Course, draft: PlanDraft): Timestamp | undefined {
  const { restartAt } = facts.rollout.spec;
  const { restartedAt } = facts.status;
  const moment = momentOf(restartAt);
  if (moment === undefined || restartAt === restartedAt) return restartedAt;
  if (isNewUpdate) return restartAt;
  if (moment > facts.now) {
    draft.wakeAt(moment);
    return restartedAt;
  }
  const old = facts.observed.pods.filter((pod) => (momentOf(pod.metadata.creationTimestamp) ?? moment) < moment);
  const meant = aborted ? old.filter((pod) => hashOf(pod) !== facts.currentHash) : old;
  if (meant.length === 0) return restartAt;
  evict(facts, meant, draft);
  draft.wakeAt(facts.now + seconds(RETRY_SECONDS));
  draft.waitFor('restarting', `${meant.length} pods from before ${restartAt ?? ''} are replaced`);
  return restartedAt;
}

function evict(facts: Facts, old: readonly Pod[], draft: PlanDraft): void {
  const { replicaSets, pods } = facts.observed;
  const needed = Math.max(facts.desired, totalOf(replicaSets, sizeOf)) - Math.max(facts.unavailable, 1);
  const moments = pods.map((pod) => servingSince(facts, pod)).filter((moment) => moment !== undefined);
  for (const moment of moments) draft.wakeAt(moment);
  const serving = moments.filter((moment) => moment <= facts.now).length;
  const staying = totalOf(replicaSets, (replicaSet) => Math.min(availableOf(replicaSet), sizeOf(replicaSet)));
  const available = Math.min(staying, serving) - takenBy(draft);
  const allowed = Math.max(0, available - needed);
  const going = inOrder(facts, old).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const candidates = sparingTheCanary(facts, going);
  for (const pod of candidates.slice(0, allowed)) draft.act({ kind: 'evictPod', target: targetOf(pod) });
}

/**
 * While a route divides the users, those who are sent to the canary need one of its pods: the last that they reach stays
 * until another one has taken its place, if that takes until the next step.
 */
function sparingTheCanary(facts: Facts, going: readonly Pod[]): readonly Pod[] {
  const { observed, newest, stable, now } = facts;
  if (observed.routers.length === 0 || newest === undefined || hashOf(newest) === hashOf(stable)) return going;
  const reached = observed.pods.filter(
    (pod) => hashOf(pod) === hashOf(newest) && (servingSince(facts, pod) ?? Number.POSITIVE_INFINITY) <= now,
  );
  if (reached.some((pod) => !going.includes(pod))) return going;
  const [last] = reached;
  return going.filter((pod) => pod !== last);
}

/** Pods that this very plan takes away by scaling down: what may be missing is missing only once. */
function takenBy({ actions }: PlanDraft): number {
  return actions.reduce((sum, action) => {
    return action.kind === 'scaleReplicaSet' ? sum + Math.max(0, action.from - action.to) : sum;
  }, 0);
}

/**
 * Since when users reach a pod: from when it is ready, and where traffic is routed, from when the data plane knows it.
 * May lie ahead; undefined while it does not serve. Pods tell of an eviction before their ReplicaSet counts it.
 */
function servingSince({ observed }: Facts, { metadata, status }: Pod): EpochMs | undefined {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready' && condition.status === 'True');
  if (ready === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  const delay = Math.max(0, ...observed.routers.map((router) => router.propagationMs));
  // The timestamp has lost its fraction of a second.
  return (momentOf(ready.lastTransitionTime) ?? 0) + (delay === 0 ? 0 : delay + seconds(1));
}

/** The stable version first, then the newest, then all others. */
function inOrder({ stable, newest, others }: Facts, pods: readonly Pod[]): readonly Pod[] {
  const order = [stable, newest, ...others].map(hashOf);
  const rank = (pod: Pod): number => {
    const index = order.indexOf(hashOf(pod));
    return index === -1 ? order.length : index;
  };
  return pods.toSorted((left, right) => rank(left) - rank(right) || (nameOf(left) < nameOf(right) ? -1 : 1));
}
