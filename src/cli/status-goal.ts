import { stepsOf } from '../api/defaults.ts';
import type { Rollout } from '../api/rollout.ts';
import { isObserved } from '../core/rollout/observed-generation.ts';
import { CliError } from './cli-error.ts';
import { phaseOf } from './view/phase.ts';

/** What `status` waits for. */
export type StatusGoal =
  /** Argo Rollouts' own: until Healthy or Degraded. */
  | { readonly kind: 'settled' }
  | { readonly kind: 'healthy' | 'paused' }
  | { readonly kind: 'step'; readonly step: number };

export function parseStatusGoal(text: string | undefined): StatusGoal {
  if (text === undefined) return { kind: 'settled' };
  if (text === 'healthy' || text === 'paused') return { kind: text };
  const step = /^step=(\d{1,4})$/.exec(text)?.[1];
  if (step !== undefined) return { kind: 'step', step: Number(step) };
  throw new CliError(`--until: "${text}" is nothing to wait for`, { hint: 'use healthy, paused or step=N' });
}

export type GoalVerdict = 'reached' | 'degraded' | 'missed' | 'waiting';

/** Whether the wait is over, and how. */
export function judgeGoal(goal: StatusGoal, rollout: Rollout): GoalVerdict {
  const { phase } = phaseOf(rollout);
  if (phase === 'Degraded') return 'degraded';
  switch (goal.kind) {
    case 'settled':
    case 'healthy':
      return phase === 'Healthy' ? 'reached' : 'waiting';
    case 'paused':
      if (phase === 'Paused') return 'reached';
      return phase === 'Healthy' ? 'missed' : 'waiting';
    case 'step':
      if (phase === 'Healthy' || hasReachedStep(rollout, goal.step)) return 'reached';
      return 'waiting';
  }
}

/** Steps count as `get` shows them: `Step: 2/8` means that two are done. */
function hasReachedStep(rollout: Rollout, step: number): boolean {
  const canary = rollout.spec.strategy?.canary;
  if (!isObserved(rollout) || canary === undefined || stepsOf(canary).length === 0) return false;
  return (rollout.status?.currentStepIndex ?? 0) >= step;
}

/** Refuses a goal that this Rollout can never reach, before waiting for it. */
export function refuseImpossible(goal: StatusGoal, rollout: Rollout): void {
  if (goal.kind !== 'step') return;
  const canary = rollout.spec.strategy?.canary;
  const length = canary === undefined ? 0 : stepsOf(canary).length;
  if (goal.step > length) {
    throw new CliError(`--until step=${goal.step}: the rollout has ${length === 0 ? 'no' : `only ${length}`} steps`);
  }
}
