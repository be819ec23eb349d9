import type { Pod } from '../../api/core-types.ts';
import { nameOf } from '../../api/object-name.ts';
import type { Timestamp } from '../../api/time.ts';
import type { PlanDraft } from './draft.ts';
import type { Facts } from './facts.ts';
import { momentOf, seconds } from './moments.ts';
import { availableOf, hashOf, sizeOf, targetOf, totalOf } from './replica-set.ts';

/** How often a restart looks again while pods are replaced: Argo Rollouts' interval. */
const RETRY_SECONDS = 30;

/**
 * Evicts pods that are older than `spec.restartAt`, as many at a time as `maxUnavailable` allows but at least one
 * (3.12 of Argo Rollouts' reference). Returns what `status.restartedAt` shall say: the moment asked for once no older
 * pod is left. A new update brings new pods anyway and counts as one.
 */
export function planRestart(facts: Facts, isNewUpdate: boolean, draft: PlanDraft): Timestamp | undefined {
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
  if (old.length === 0) return restartAt;
  evict(facts, old, draft);
  draft.wakeAt(facts.now + seconds(RETRY_SECONDS));
  draft.waitFor('restarting', `${old.length} pods from before ${restartAt ?? ''} are replaced`);
  return restartedAt;
}

function evict(facts: Facts, old: readonly Pod[], draft: PlanDraft): void {
  const { replicaSets } = facts.observed;
  const needed = Math.max(facts.desired, totalOf(replicaSets, sizeOf)) - Math.max(facts.unavailable, 1);
  const available = Math.min(totalOf(replicaSets, availableOf), facts.observed.pods.filter(isServing).length);
  const allowed = Math.max(0, available - needed);
  const candidates = inOrder(facts, old).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  for (const pod of candidates.slice(0, allowed)) draft.act({ kind: 'evictPod', target: targetOf(pod) });
}

/** Pods tell of an eviction before their ReplicaSet counts it. */
function isServing({ metadata, status }: Pod): boolean {
  const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return isReady === true && metadata.deletionTimestamp === undefined;
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
