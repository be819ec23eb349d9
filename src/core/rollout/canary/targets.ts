import type { Facts } from '../facts.ts';
import { availableOf, podsOf, sizeOf, totalOf } from '../replica-set.ts';
import { podsForWeight, type Split, splitByReplicas } from './replicas.ts';

/** How many pods each version has once it stands where `weight` asks. */
export function sizesAtWeight(facts: Facts, weight: number): Split {
  const { desired, maxWeight, surge } = facts;
  if (facts.routed) return { canary: podsForWeight(desired, weight, maxWeight), stable: desired };
  const { canary, stable } = splitByReplicas({ desired, weight, maxWeight, surge });
  return { canary, stable: Math.max(stable, servesAlone(facts) ? Math.min(1, sizeOf(facts.stable)) : 0) };
}

/** A stable Service without routing reaches stable pods only, so one stays until the Service was switched. */
function servesAlone({ canary, desired, surge }: Facts): boolean {
  return (canary.stableService ?? '') !== '' && surge > 0 && desired > 0;
}

/** What is missing before both versions have the pods that `weight` asks for; undefined when nothing is. */
export function missingPods(facts: Facts, weight: number): string | undefined {
  const target = sizesAtWeight(facts, weight);
  const { newest, stable } = facts;
  const available = availableOf(newest);
  if (sizeOf(newest) !== target.canary || available < target.canary) {
    return `the canary has ${target.canary} available pods (${available} of ${sizeOf(newest)} now)`;
  }
  if (sizeOf(stable) !== target.stable || podsOf(stable) !== target.stable) {
    return `the stable version has ${target.stable} pods (${podsOf(stable)} now)`;
  }
  const leftover = totalOf(facts.others, availableOf);
  return facts.routed || leftover === 0 ? undefined : `${leftover} pods of older versions are gone`;
}
