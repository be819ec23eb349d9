import type { CanaryStrategy } from '../../api/canary.ts';
import type { CanaryStep } from '../../api/canary-step.ts';
import { maxSurgeOf, maxTrafficWeightOf, maxUnavailableOf, replicasOf, stepsOf } from '../../api/defaults.ts';
import type { Rollout, RolloutStatus } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { scaled } from '../values/int-or-string.ts';
import type { ObservedRollout } from './observed.ts';
import { checkReferences, type ReferenceProblem } from './references.ts';
import { podsOf, sizeOf, totalOf } from './replica-set.ts';
import { identifyVersions, type Versions } from './versions.ts';

/** What a decision about a canary rests on: the observation, and what follows from it without any decision. */
export interface Facts extends Versions {
  readonly observed: ObservedRollout;
  readonly now: EpochMs;
  readonly rollout: Rollout;
  readonly canary: CanaryStrategy;
  readonly steps: readonly CanaryStep[];
  /** The status as it is stored; `{}` for a new Rollout. */
  readonly status: RolloutStatus;
  /** `spec.replicas`. */
  readonly desired: number;
  /** Pods that may exist above `desired` during an update without traffic routing. */
  readonly surge: number;
  /** Pods that may be missing from `desired`. */
  readonly unavailable: number;
  /**
   * Pods that still take room although they were told to stop: only where no two pods may run at a time, because
   * otherwise one on a dead node would hold up everything.
   */
  readonly leaving: number;
  /** The weight that means all traffic. */
  readonly maxWeight: number;
  /** Whether something routes traffic; otherwise the number of pods stands for weight. */
  readonly routed: boolean;
  /** Why objects that the spec refers to keep the update from going on; abort and scaling work all the same. */
  readonly blocked: ReferenceProblem | undefined;
}

/** @throws ValueError when the pod template, `maxSurge` or `maxUnavailable` cannot be read. */
export function gatherFacts(observed: ObservedRollout, now: EpochMs): Facts {
  const { rollout } = observed;
  const canary = rollout.spec.strategy?.canary ?? {};
  const desired = replicasOf(rollout.spec);
  const allowed = allowances(canary, desired);
  return {
    ...identifyVersions(observed),
    ...allowed,
    leaving: desired === 1 && allowed.surge === 0 ? countLeaving(observed) : 0,
    observed,
    now,
    rollout,
    canary,
    steps: stepsOf(canary),
    status: rollout.status ?? {},
    desired,
    maxWeight: maxTrafficWeightOf(canary),
    routed: observed.routers.length > 0,
    blocked: checkReferences(observed),
  };
}

/** When rounding leaves neither surge nor unavailability, one pod may be missing: otherwise nothing could move. */
function allowances(canary: CanaryStrategy, desired: number): Pick<Facts, 'surge' | 'unavailable'> {
  const surge = scaled(maxSurgeOf(canary), desired, 'up');
  const missing = scaled(maxUnavailableOf(canary), desired, 'down');
  return { surge, unavailable: Math.min(surge === 0 && missing === 0 ? 1 : missing, desired) };
}

function countLeaving({ pods, replicaSets }: ObservedRollout): number {
  const stopping = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length;
  return stopping + totalOf(replicaSets, (replicaSet) => Math.max(0, podsOf(replicaSet) - sizeOf(replicaSet)));
}

/** Whether the version that the spec asks for is the stable one. */
export function isPromoted(facts: Facts, stableHash: string | undefined): boolean {
  return stableHash === facts.currentHash;
}
