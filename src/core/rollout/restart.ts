import type { Pod, ReplicaSet } from '../../api/core-types.ts';
import { nameOf } from '../../api/object-name.ts';
import type { Timestamp } from '../../api/time.ts';
import type { Course } from './canary/course.ts';
import { serviceSelecting, switchOpenUntil } from './canary/service-state.ts';
import type { Situation } from './canary/situation.ts';
import type { PlanDraft } from './draft.ts';
import type { Facts } from './facts.ts';
import { momentOf, seconds } from './moments.ts';
import { hashOf, sizeOf, targetOf, totalOf } from './replica-set.ts';
import { SERVICE_PROPAGATION_MS, servingAfter, servingPods, servingSince } from './serving.ts';

/** How often a restart looks again while pods are replaced: Argo Rollouts' interval. */
const RETRY_SECONDS = 30;

/**
 * Evicts pods that are older than `spec.restartAt`, as many at a time as `maxUnavailable` allows but at least one
 * (3.12 of Argo Rollouts' reference). Returns what `status.restartedAt` shall say: the moment asked for once no older
 * pod is left. A new update brings new pods anyway and counts as one; pods of an aborted version serve nobody, and stay.
 */
export function planRestart(
  situation: Situation,
  { isNewUpdate, aborted }: Course,
  draft: PlanDraft,
): Timestamp | undefined {
  const { facts } = situation;
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
  evict(situation, meant, draft);
  draft.wakeAt(facts.now + seconds(RETRY_SECONDS));
  draft.waitFor('restarting', `${meant.length} pods from before ${restartAt ?? ''} are replaced`);
  return restartedAt;
}

function evict(situation: Situation, old: readonly Pod[], draft: PlanDraft): void {
  const { facts } = situation;
  const { replicaSets, pods } = facts.observed;
  const needed = Math.max(facts.desired, totalOf(replicaSets, sizeOf)) - Math.max(facts.unavailable, 1);
  for (const pod of pods) draft.wakeAt(servingSince(facts, pod) ?? facts.now);
  const staying = totalOf(replicaSets, (replicaSet) => servingAfter(facts, replicaSet, draft));
  const allowed = Math.max(0, staying - needed);
  const going = inOrder(facts, old).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const spared = replicaSets.flatMap((version) => sparedOf(situation, version, going, draft));
  const evicted = going.filter((pod) => !spared.includes(pod)).slice(0, allowed);
  for (const pod of evicted) draft.act({ kind: 'evictPod', target: targetOf(pod) });
}

/**
 * Those who are sent to one version need a pod of it: the last that they reach stays until another one has taken its
 * place, if that takes until the next step.
 */
function sparedOf(situation: Situation, version: ReplicaSet, going: readonly Pod[], draft: PlanDraft): readonly Pod[] {
  const { facts } = situation;
  if (!hasUsersOfItsOwn(situation, version)) return [];
  const mayGo = Math.max(0, servingAfter(facts, version, draft) - 1);
  return servingPods(facts, version)
    .filter((pod) => going.includes(pod))
    .slice(mayGo);
}

/** Whether routes or Services send users to this version while they send others to another one, or did so until just now. */
function hasUsersOfItsOwn({ facts, stableService, traffic }: Situation, version: ReplicaSet): boolean {
  const { newest, stable, others, routed } = facts;
  if (version === newest && version === stable) return false;
  if (routed && !others.includes(version)) return true;
  if (serviceSelecting(facts, hashOf(version)) !== undefined) return true;
  const propagationMs = routed ? traffic.propagationMs : SERVICE_PROPAGATION_MS;
  return switchOpenUntil(stableService, propagationMs, facts.now) !== undefined;
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
