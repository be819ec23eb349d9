import type { PauseCondition, PauseReason } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import { nearestSecond, timestamp } from './moments.ts';

/**
 * Pauses as Argo Rollouts and its clients understand them: the controller adds a condition and sets `controllerPause`;
 * a person resumes by removing the conditions, which leaves `controllerPause` behind as the trace of it.
 */
export interface Pauses {
  readonly conditions: readonly PauseCondition[];
  readonly controllerPause: boolean;
}

export const NO_PAUSES: Pauses = { conditions: [], controllerPause: false };

export function hasPause(pauses: Pauses, reason: PauseReason): boolean {
  return pauses.conditions.some((condition) => condition.reason === reason);
}

export function addPause(pauses: Pauses, reason: PauseReason, now: EpochMs): Pauses {
  if (hasPause(pauses, reason)) return pauses;
  return {
    conditions: [...pauses.conditions, { reason, startTime: timestamp(nearestSecond(now)) }],
    controllerPause: true,
  };
}

export function withoutPause(pauses: Pauses, reason: PauseReason): Pauses {
  const conditions = pauses.conditions.filter((condition) => condition.reason !== reason);
  return { conditions, controllerPause: conditions.length > 0 };
}
