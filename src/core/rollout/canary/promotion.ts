import type { ReplicaSet } from '../../../api/core-types.ts';
import type { PlanDraft } from '../draft.ts';
import type { Facts } from '../facts.ts';
import { availableOf } from '../replica-set.ts';
import type { Situation } from './situation.ts';

/**
 * Why the newest version becomes the stable one now, in Argo Rollouts' words; undefined while it does not. It has to
 * serve all the traffic, with all its pods, before it is promoted.
 */
export function promotionReason(situation: Situation, promoteFull: boolean, draft: PlanDraft): string | undefined {
  const { facts } = situation;
  const available = availableOf(facts.newest);
  if (facts.newest === undefined || available < facts.desired) {
    draft.waitFor(
      'promotion-waits',
      `promotion waits until ${facts.desired} pods of the new version are available (${available} now)`,
    );
    return undefined;
  }
  if (facts.stableHash === undefined) return 'Initial deploy';
  if (facts.desired === 0 && hasHadPods(facts.newest)) {
    draft.waitFor('promotion-waits', 'promotion waits until spec.replicas is above 0, because no pod can be judged');
    return undefined;
  }
  if (!carriesAllTraffic(situation)) {
    const { traffic } = situation;
    draft.waitVaguelyFor(
      'promotion-waits',
      `promotion waits until all traffic reaches the new version (weight ${traffic.weight} of ${facts.maxWeight} now)`,
    );
    return undefined;
  }
  return promoteFull ? 'Full promotion requested' : completedSteps(facts);
}

/**
 * Whether it was ever scaled up: it was made without pods, and the generation counts changes of the spec. Of an update
 * that began with `spec.replicas` at 0 and has no steps nobody asked for a proof, and it is done, as with Argo Rollouts.
 * A version that comes back had pods once, and waits until it has some again.
 */
function hasHadPods({ metadata }: ReplicaSet): boolean {
  return (metadata.generation ?? 1) > 1;
}

function completedSteps({ steps }: Facts): string {
  return `Completed all ${steps.length} canary steps`;
}

function carriesAllTraffic({ facts, traffic, canaryService }: Situation): boolean {
  if (!facts.routed) return true;
  return traffic.weight === facts.maxWeight && traffic.inEffect && canaryService?.selectedHash === facts.currentHash;
}
