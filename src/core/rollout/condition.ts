import type { RolloutCondition } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import { timestamp } from './moments.ts';

/** Types of a Rollout's conditions. All are Argo Rollouts' but the last three. */
export type ConditionType =
  | 'InvalidSpec'
  | 'Available'
  | 'Progressing'
  | 'Paused'
  | 'Completed'
  | 'Healthy'
  | 'ReplicaFailure'
  | 'Blocked'
  | 'Ready'
  | 'Stalled';

export interface ConditionClaim {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

type Conditions = readonly RolloutCondition[];

export function conditionOf(conditions: Conditions | undefined, type: ConditionType): RolloutCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/**
 * Argo Rollouts' rule: nothing changes when status and reason are the same, whatever the message; a changed condition
 * moves to the end, so that the order tells the history, and keeps its transition time while the status is the same.
 */
export function withCondition(conditions: Conditions, claim: ConditionClaim, now: EpochMs): Conditions {
  const current = conditionOf(conditions, claim.type);
  if (current?.status === claim.status && current.reason === claim.reason) return conditions;
  return replaced(conditions, claim, now);
}

/** Like `withCondition`, but renews `lastUpdateTime` even if nothing else changed. */
export function withRenewedCondition(conditions: Conditions, claim: ConditionClaim, now: EpochMs): Conditions {
  return replaced(conditions, claim, now);
}

function replaced(conditions: Conditions, claim: ConditionClaim, now: EpochMs): Conditions {
  const current = conditionOf(conditions, claim.type);
  const moment = timestamp(now);
  const lastTransitionTime = current?.status === claim.status ? current.lastTransitionTime : moment;
  return [...withoutCondition(conditions, claim.type), { ...claim, lastUpdateTime: moment, lastTransitionTime }];
}

export function withoutCondition(conditions: Conditions, type: ConditionType): Conditions {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}
