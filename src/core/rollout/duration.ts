import type { ReplicaSet } from '../../api/core-types.ts';
import type { RolloutStatus } from '../../api/rollout.ts';
import type { PauseReason, RolloutDuration } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import { conditionOf } from './condition.ts';
import { type Facts, isPromoted } from './facts.ts';
import { momentOf, seconds, timestamp } from './moments.ts';
import { availableOf } from './replica-set.ts';

/** How long an update takes: `status.duration` (2.7 of Argo Rollouts' reference). */
export interface Timekeeping {
  /** `status.duration` after this pass; undefined when no update was ever seen to begin. */
  readonly duration: RolloutDuration | undefined;
  /** The attempt that this pass ends. One that another replaces is found nowhere else. */
  readonly ended: RolloutDuration | undefined;
}

type CompletionStatus = NonNullable<RolloutDuration['completionStatus']>;

/**
 * Times the update. Every change that it makes belongs to one that the status shows anyway (a new version, a pause, a
 * promotion, an abort), so that telling the time costs no write of its own.
 *
 * @param isNewUpdate whether the template or the steps changed since the stored status.
 * @param after the new status, complete but for `duration`.
 */
export function planDuration(facts: Facts, isNewUpdate: boolean, after: RolloutStatus): Timekeeping {
  const stored = facts.status.duration;
  if (conditionOf(after.conditions, 'InvalidSpec') !== undefined) return { duration: stored, ended: undefined };
  const followed = isRunning(stored) ? follow(stored, facts, isNewUpdate, after) : stored;
  const ended = isRunning(stored) && !isRunning(followed) ? followed : undefined;
  const current =
    !isRunning(followed) && begins(facts, isNewUpdate, after) ? { rolloutStartedAt: timestamp(facts.now) } : followed;
  return { duration: withManualPause(current, facts, after), ended };
}

function isRunning(attempt: RolloutDuration | undefined): attempt is RolloutDuration {
  return momentOf(attempt?.rolloutStartedAt) !== undefined && momentOf(attempt?.finishedAt) === undefined;
}

/** A running attempt after this pass: as it was, or with its end. */
function follow(attempt: RolloutDuration, facts: Facts, isNewUpdate: boolean, after: RolloutStatus): RolloutDuration {
  const rollback = isNewUpdate ? rollbackStatus(facts) : undefined;
  if (isNewUpdate && rollback === undefined) return end(attempt, 'Superseded', facts.now);
  const known = rollback === undefined ? attempt : { ...attempt, completionStatus: rollback };
  if (isDone(facts, after)) return end(known, known.completionStatus ?? promotionStatus(facts), facts.now);
  return after.abort === true ? end(known, known.completionStatus ?? 'Aborted', facts.now) : known;
}

/** Going back during an update keeps its clock running; to the stable version it takes no steps, which makes it fast. */
function rollbackStatus(facts: Facts): CompletionStatus | undefined {
  const { newest, stable, stableHash } = facts;
  if (newest === undefined || stable === undefined) return undefined;
  if (isPromoted(facts, stableHash)) return 'FastRolledBack';
  return createdAt(newest) < createdAt(stable) ? 'RolledBack' : undefined;
}

function createdAt({ metadata }: ReplicaSet): EpochMs {
  return momentOf(metadata.creationTimestamp) ?? 0;
}

/** The pass that promotes also ends the attempt, so the order to promote is still stored. */
function promotionStatus({ status }: Facts): CompletionStatus {
  return status.promoteFull === true ? 'FastPromoted' : 'Promoted';
}

function isDone(facts: Facts, after: RolloutStatus): boolean {
  return isPromoted(facts, after.stableRS) && availableOf(facts.newest) >= facts.desired;
}

function end(attempt: RolloutDuration, completionStatus: CompletionStatus, now: EpochMs): RolloutDuration {
  return { ...resumed(attempt, now), finishedAt: timestamp(now), completionStatus };
}

function begins(facts: Facts, isNewUpdate: boolean, after: RolloutStatus): boolean {
  if (isDone(facts, after)) return false;
  return isNewUpdate || isRetry(facts, after) || becomesValid(facts, after);
}

function isRetry({ status }: Facts, after: RolloutStatus): boolean {
  return momentOf(status.abortedAt) !== undefined && after.abort !== true;
}

/** The version arrived while the spec was invalid, when nothing was timed. */
function becomesValid(facts: Facts, after: RolloutStatus): boolean {
  const wasInvalid = conditionOf(facts.status.conditions, 'InvalidSpec') !== undefined;
  return wasInvalid && after.abort !== true && !isPromoted(facts, after.stableRS);
}

function withManualPause(
  attempt: RolloutDuration | undefined,
  facts: Facts,
  after: RolloutStatus,
): RolloutDuration | undefined {
  if (!isRunning(attempt)) return attempt;
  if (!awaitsPerson(facts, after)) return resumed(attempt, facts.now);
  if (momentOf(attempt.manualPauseStartedAt) !== undefined) return attempt;
  return { ...attempt, manualPauseStartedAt: timestamp(facts.now) };
}

/** With the pause that goes on, if one does, added to the total in whole seconds. */
function resumed(attempt: RolloutDuration, now: EpochMs): RolloutDuration {
  const { manualPauseStartedAt, ...rest } = attempt;
  const since = momentOf(manualPauseStartedAt);
  if (since === undefined) return attempt;
  const pause = Math.max(0, Math.floor((now - since) / seconds(1)));
  return { ...rest, totalManualPauseDurationSeconds: (rest.totalManualPauseDurationSeconds ?? 0) + pause };
}

/** Whether only a person ends the pause. */
function awaitsPerson(facts: Facts, after: RolloutStatus): boolean {
  const pauses = after.pauseConditions ?? [];
  return facts.rollout.spec.paused === true || pauses.some(({ reason }) => needsPerson(reason, facts, after));
}

function needsPerson(reason: PauseReason, { rollout, steps }: Facts, after: RolloutStatus): boolean {
  switch (reason) {
    case 'InconclusiveAnalysisRun':
    case 'InconclusiveExperiment':
      return true;
    case 'CanaryPauseStep': {
      const pause = steps[after.currentStepIndex ?? 0]?.pause;
      return pause !== undefined && pause.duration === undefined && pause.untilVerified !== true;
    }
    case 'BlueGreenPause':
      return rollout.spec.strategy?.blueGreen?.autoPromotionEnabled === false;
  }
}
