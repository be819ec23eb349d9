import type { ReplicaSet } from '../../../api/core-types.ts';
import { nameOf } from '../../../api/object-name.ts';
import type { PlanDraft } from '../draft.ts';
import type { Facts } from '../facts.ts';
import { hashOf, sizeOf, totalOf } from '../replica-set.ts';
import { servingAfter, servingPods, servingSince } from '../serving.ts';

/**
 * The size to which a ReplicaSet may shrink, given that it is to shrink to `to`: its last pod stays for the moment in
 * which others are ready that nodes do not know of yet. Until then it is all that a Service reaches. Where traffic is
 * routed, routes and Services decide instead.
 */
export function sparingLastServing(facts: Facts, replicaSet: ReplicaSet, to: number, draft: PlanDraft): number {
  if (facts.routed || to > 0 || to >= sizeOf(replicaSet) || servingPods(facts, replicaSet).length === 0) return to;
  const others = facts.observed.replicaSets.filter((other) => other !== replicaSet && draft.sizeAfter(other) > 0);
  const serving = totalOf(others, (other) => servingAfter(facts, other, draft));
  if (serving > 0) return to;
  const hashes = new Set(others.map(hashOf));
  const moments = facts.observed.pods
    .filter((pod) => hashes.has(hashOf(pod)))
    .flatMap((pod) => servingSince(facts, pod) ?? []);
  if (moments.length === 0) return to;
  draft.wakeAt(Math.min(...moments));
  draft.waitFor('scale-down-waits', `the last pod of ${nameOf(replicaSet)} goes once nodes know those that follow it`);
  return 1;
}
