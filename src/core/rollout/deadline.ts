import { progressDeadlineSecondsOf } from '../../api/defaults.ts';
import type { RolloutStatus } from '../../api/rollout.ts';
import type { RolloutCondition } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import { conditionOf } from './condition.ts';
import type { Facts } from './facts.ts';
import { momentOf, seconds } from './moments.ts';
import { availableOf, podsOf, readyOf, totalOf } from './replica-set.ts';

type Conditions = readonly RolloutCondition[];

/** Reasons of the condition Progressing during which the clock stands still. */
const STANDING_STILL: ReadonlySet<string> = new Set(['RolloutAborted', 'RolloutPaused', 'RolloutOnHold']);

/** Until when progress has to be made; undefined while the clock stands still. */
export function deadlineOf(conditions: Conditions, facts: Facts): EpochMs | undefined {
  const since = countedSince(conditions);
  if (since === undefined) return undefined;
  return (returnSince(conditions, facts) ?? since) + seconds(progressDeadlineSecondsOf(facts.rollout.spec));
}

function countedSince(conditions: Conditions): EpochMs | undefined {
  const progressing = conditionOf(conditions, 'Progressing');
  if (progressing === undefined || STANDING_STILL.has(progressing.reason)) return undefined;
  return momentOf(progressing.lastUpdateTime);
}

/**
 * The end of an absence of the controller that the clock has not been told of; undefined when there is none. While the
 * controller could not act, progress could not be made: the deadline begins anew.
 */
export function returnSince(conditions: Conditions, { observed }: Facts): EpochMs | undefined {
  const since = countedSince(conditions);
  if (since === undefined || observed.presentSince === undefined) return undefined;
  // Timestamps have whole seconds.
  const presentSince = Math.floor(observed.presentSince / seconds(1)) * seconds(1);
  return presentSince > since ? presentSince : undefined;
}

/** Whether the deadline has passed; once it has, only progress ends that. */
export function hasTimedOut(conditions: Conditions, facts: Facts): boolean {
  if (conditionOf(conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded') return true;
  const deadline = deadlineOf(conditions, facts);
  return deadline !== undefined && deadline < facts.now;
}

/** Pods counted over all versions, as the status reports them. */
export interface PodCounts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

export function countPods({ observed, newest }: Facts): PodCounts {
  return {
    replicas: totalOf(observed.replicaSets, podsOf),
    updatedReplicas: podsOf(newest),
    readyReplicas: totalOf(observed.replicaSets, readyOf),
    availableReplicas: totalOf(observed.replicaSets, availableOf),
  };
}

/** Whether pods came forward since the stored status: what Argo Rollouts counts as progress, apart from steps. */
export function podsProgressed(before: RolloutStatus, now: PodCounts): boolean {
  const was = (count: number | undefined): number => count ?? 0;
  const oldPods = was(before.replicas) - was(before.updatedReplicas);
  return (
    now.updatedReplicas !== was(before.updatedReplicas) ||
    now.replicas - now.updatedReplicas < oldPods ||
    now.readyReplicas > was(before.readyReplicas) ||
    now.availableReplicas > was(before.availableReplicas)
  );
}
