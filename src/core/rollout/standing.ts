import type { RolloutStatus } from '../../api/rollout.ts';
import type { Course } from './canary/course.ts';
import type { PodCounts } from './deadline.ts';
import type { Facts } from './facts.ts';

/** What conditions and phase rest on. */
export interface Standing {
  readonly facts: Facts;
  readonly course: Course;
  readonly pods: PodCounts;
  /** The new status, without conditions, phase, message and duration. */
  readonly status: RolloutStatus;
}

/** Everything runs at the size and version that the spec asks for, and nothing else does. */
export function isHealthy({ facts, status, pods }: Standing): boolean {
  const { desired } = facts;
  const areStepsDone = status.currentStepIndex === undefined || status.currentStepIndex === facts.steps.length;
  const areAllPodsNew = pods.updatedReplicas === desired && pods.replicas === desired;
  return areStepsDone && areAllPodsNew && pods.availableReplicas === desired && status.stableRS === facts.currentHash;
}

export function isPaused({ facts, status }: Standing): boolean {
  return (status.pauseConditions ?? []).length > 0 || facts.rollout.spec.paused === true;
}
