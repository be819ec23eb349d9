import type { RolloutCondition, RolloutStatus } from '../../api/rollout-status.ts';
import { timestamp } from './moments.ts';
import type { ActionFailure } from './observed.ts';
import type { Standing } from './standing.ts';

/** `phase` and `message` of a status. */
export type PhaseAndMessage = Required<Pick<RolloutStatus, 'phase' | 'message'>>;

/** A Rollout is degraded by an invalid spec, an abort or a missed deadline, whichever condition comes first. */
export function degradedPhase(conditions: readonly RolloutCondition[]): PhaseAndMessage | undefined {
  const invalid = conditions.find((condition) => condition.type === 'InvalidSpec');
  if (invalid !== undefined) return { phase: 'Degraded', message: `InvalidSpec: ${invalid.message}` };
  const failed = conditions.find(({ reason }) => reason === 'RolloutAborted' || reason === 'ProgressDeadlineExceeded');
  return failed && { phase: 'Degraded', message: `${failed.reason}: ${failed.message}` };
}

/**
 * Argo Rollouts' phase and the beginning of its message (2.2 of its reference), followed by what exactly the Rollout
 * waits for and by what failed when it was last tried.
 *
 * @param isMoving whether routes or Services have not come to rest yet.
 */
export function planPhase(
  standing: Standing,
  conditions: readonly RolloutCondition[],
  waits: readonly string[],
  isMoving: boolean,
): PhaseAndMessage {
  const degraded = degradedPhase(conditions);
  const { facts } = standing;
  const detail = details(waits, facts.observed.lastFailures);
  if (facts.blocked !== undefined && degraded !== undefined) return degraded;
  if (degraded !== undefined) return { ...degraded, message: `${degraded.message}${detail}` };
  const pause = pauseReason(standing);
  if (pause !== undefined) return { phase: 'Paused', message: `${pause}${detail}` };
  const reason = progressReason(standing, isMoving);
  if (reason !== undefined) return { phase: 'Progressing', message: `${reason}${detail}` };
  return { phase: 'Healthy', message: '' };
}

function pauseReason({ facts, status }: Standing): string | undefined {
  return facts.rollout.spec.paused === true ? 'manually paused' : status.pauseConditions?.[0]?.reason;
}

function progressReason({ facts, status, pods }: Standing, isMoving: boolean): string | undefined {
  const { restartAt } = facts.rollout.spec;
  if (restartAt !== undefined && restartAt !== status.restartedAt) return 'rollout is restarting';
  if (pods.updatedReplicas < facts.desired) return 'more replicas need to be updated';
  if (pods.availableReplicas < pods.updatedReplicas) return 'updated replicas are still becoming available';
  if (!facts.routed && pods.replicas > pods.updatedReplicas) return 'old replicas are pending termination';
  if (status.stableRS !== facts.currentHash || isMoving) return 'waiting for all steps to complete';
  return undefined;
}

function details(waits: readonly string[], failures: readonly ActionFailure[]): string {
  const [wait] = waits;
  const [failure] = failures;
  const why = wait === undefined ? '' : `: ${wait}`;
  if (failure === undefined) return why;
  return `${why}; failed to ${failure.action}: ${failure.message} (since ${timestamp(failure.since)})`;
}
