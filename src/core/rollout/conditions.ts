import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../../api/keys.ts';
import { nameOf } from '../../api/object-name.ts';
import type { RolloutCondition } from '../../api/rollout-status.ts';
import { timeoutMessage } from './canary/course.ts';
import {
  type ConditionClaim,
  conditionOf,
  withCondition,
  withoutCondition,
  withRenewedCondition,
} from './condition.ts';
import { deadlineOf, hasTimedOut, podsProgressed, returnSince } from './deadline.ts';
import type { PlanDraft } from './draft.ts';
import { rolloutAborted, rolloutNotCompleted } from './events.ts';
import { type Facts, isPromoted } from './facts.ts';
import { withInvalidSpec } from './invalid.ts';
import { momentOf, seconds } from './moments.ts';
import { isHealthy, isPaused, type Standing } from './standing.ts';

type Conditions = readonly RolloutCondition[];

/** All conditions after this pass, with Argo Rollouts' types, reasons and texts (2.4 of its reference). */
export function planConditions(standing: Standing, draft: PlanDraft): Conditions {
  const { facts } = standing;
  const stored = withReferences(facts.status.conditions ?? [], facts, draft);
  const healthy = withHealth(stored, standing);
  const completed = withCompletion(healthy, standing, draft);
  const turnedUnhealthy = healthy !== stored && conditionOf(healthy, 'Healthy')?.status === 'False';
  const progressing = withProgress(completed, standing, turnedUnhealthy, draft);
  const paused = withPause(progressing, standing);
  const available = withAvailability(paused, standing);
  return withReplicaFailure(available, standing);
}

/** How long a missing object may take to arrive before its absence is a mistake. */
const GRACE_SECONDS = 30;

/** A missing object blocks at first, and makes the spec invalid when it does not arrive. */
function withReferences(conditions: Conditions, { blocked, rollout, now }: Facts, draft: PlanDraft): Conditions {
  if (blocked === undefined) return withoutCondition(withoutCondition(conditions, 'Blocked'), 'InvalidSpec');
  const isMissing = blocked.kind === 'missing';
  const waiting = isMissing
    ? withCondition(conditions, claimOf('Blocked', 'True', 'ReferenceNotFound', blocked.reason), now)
    : withoutCondition(conditions, 'Blocked');
  const since = momentOf(conditionOf(waiting, 'Blocked')?.lastTransitionTime);
  const graceEnds = isMissing && since !== undefined ? since + seconds(GRACE_SECONDS) : now;
  if (graceEnds <= now) return withInvalidSpec(waiting, nameOf(rollout), blocked.reason, now);
  draft.wakeAt(graceEnds);
  return waiting;
}

function claimOf(
  type: ConditionClaim['type'],
  status: ConditionClaim['status'],
  reason: string,
  message: string,
): ConditionClaim {
  return { type, status, reason, message };
}

function withHealth(conditions: Conditions, standing: Standing): Conditions {
  const { now } = standing.facts;
  if (!isPaused(standing) && isHealthy(standing)) {
    return withCondition(conditions, claimOf('Healthy', 'True', 'RolloutHealthy', 'Rollout is healthy'), now);
  }
  if (conditionOf(conditions, 'Healthy') === undefined) return conditions;
  return withCondition(conditions, claimOf('Healthy', 'False', 'RolloutHealthy', 'Rollout is not healthy'), now);
}

function withCompletion(conditions: Conditions, { facts, status }: Standing, draft: PlanDraft): Conditions {
  const isCompleted = status.stableRS === facts.currentHash;
  const claim = claimOf('Completed', isCompleted ? 'True' : 'False', 'RolloutCompleted', 'RolloutCompleted');
  const next = withCondition(conditions, claim, facts.now);
  if (next !== conditions && !isCompleted) draft.tell(rolloutNotCompleted(facts.revision, facts.currentHash));
  return next;
}

function withProgress(
  conditions: Conditions,
  standing: Standing,
  turnedUnhealthy: boolean,
  draft: PlanDraft,
): Conditions {
  const { facts, course } = standing;
  if (course.aborted) return withAbort(conditions, standing, draft);
  const claim = milestone(conditions, standing);
  if (claim !== undefined) return withCondition(conditions, claim, facts.now);
  if (isHealthy(standing)) {
    const message = `ReplicaSet "${facts.newest === undefined ? '' : nameOf(facts.newest)}" has successfully progressed.`;
    return withCondition(conditions, claimOf('Progressing', 'True', 'NewReplicaSetAvailable', message), facts.now);
  }
  if (turnedUnhealthy || progressed(standing)) {
    return withRenewedCondition(conditions, progressClaim(facts, turnedUnhealthy), facts.now);
  }
  return withDeadline(withResumption(conditions, facts), standing, draft);
}

function withAbort(conditions: Conditions, { facts, course }: Standing, draft: PlanDraft): Conditions {
  const reason = course.abortReason === undefined ? '' : `: ${course.abortReason}`;
  const message = `Rollout aborted update to revision ${facts.revision}${reason}`;
  const next = withCondition(conditions, claimOf('Progressing', 'False', 'RolloutAborted', message), facts.now);
  if (next !== conditions) draft.tell(rolloutAborted(message));
  return next;
}

/** What Progressing says because something happened that outweighs counting pods. */
function milestone(conditions: Conditions, standing: Standing): ConditionClaim | undefined {
  const { facts, course } = standing;
  if (isPaused(standing)) return claimOf('Progressing', 'Unknown', 'RolloutPaused', 'Rollout is paused');
  if (isOnHold(standing)) return claimOf('Progressing', 'Unknown', 'RolloutOnHold', 'Rollout is on hold');
  if (course.isRetry) return claimOf('Progressing', 'Unknown', 'RolloutRetry', 'Retrying Rollout after abort');
  if (facts.newest === undefined) {
    if (facts.blocked !== undefined) return undefined;
    const message = `Created new replica set "${nameOf(facts.rollout)}-${facts.currentHash}"`;
    return claimOf('Progressing', 'True', 'NewReplicaSetCreated', message);
  }
  if (conditionOf(conditions, 'Progressing') !== undefined) return undefined;
  return claimOf('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${nameOf(facts.newest)}"`);
}

/**
 * An update that waits for measurements, or has no pods that could be judged, cannot make progress. Saying so stops the
 * clock of the progress deadline, and starts it anew afterwards, as Argo Rollouts does for pauses.
 */
function isOnHold({ facts, course }: Standing): boolean {
  return course.awaitsEvidence || (facts.desired === 0 && !isPromoted(facts, course.stableHash));
}

function withResumption(conditions: Conditions, { now }: Facts): Conditions {
  const reason = conditionOf(conditions, 'Progressing')?.reason;
  if (reason !== 'RolloutPaused' && reason !== 'RolloutOnHold') return conditions;
  return withCondition(conditions, claimOf('Progressing', 'Unknown', 'RolloutResumed', 'Rollout is resumed'), now);
}

function progressed({ facts, status, pods }: Standing): boolean {
  const before = facts.status;
  const stepMoved =
    before.currentStepIndex !== undefined &&
    status.currentStepIndex !== undefined &&
    before.currentStepIndex !== status.currentStepIndex;
  const versionMoved = before.stableRS !== status.stableRS || before.currentPodHash !== status.currentPodHash;
  return stepMoved || versionMoved || before.currentStepHash !== status.currentStepHash || podsProgressed(before, pods);
}

function progressClaim({ newest, rollout, status, currentHash }: Facts, turnedUnhealthy: boolean): ConditionClaim {
  if (turnedUnhealthy && status.stableRS === currentHash) {
    return claimOf('Progressing', 'True', 'ReplicaSetNotAvailable', 'Rollout does not have minimum availability');
  }
  const subject = newest === undefined ? `Rollout "${nameOf(rollout)}"` : `ReplicaSet "${nameOf(newest)}"`;
  return claimOf('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`);
}

function withDeadline(conditions: Conditions, standing: Standing, draft: PlanDraft): Conditions {
  const { facts } = standing;
  if (!isClockRunning(conditions, standing)) return conditions;
  if (hasTimedOut(conditions, facts)) return timedOut(conditions, facts);
  const running = withReturn(conditions, facts);
  const deadline = deadlineOf(running, facts);
  if (deadline !== undefined) draft.wakeAt(deadline + seconds(1));
  return running;
}

/** Stored, so that the next process, which knows of no absence, does not count it after all. */
function withReturn(conditions: Conditions, facts: Facts): Conditions {
  if (returnSince(conditions, facts) === undefined) return conditions;
  const { rollout } = facts;
  const message = `Rollout "${nameOf(rollout)}" goes on after a time in which the API server could not be reached`;
  return withRenewedCondition(conditions, claimOf('Progressing', 'Unknown', 'RolloutResumed', message), facts.now);
}

function timedOut(conditions: Conditions, facts: Facts): Conditions {
  return withCondition(
    conditions,
    claimOf('Progressing', 'False', 'ProgressDeadlineExceeded', timeoutMessage(facts)),
    facts.now,
  );
}

function isClockRunning(conditions: Conditions, { facts, course, pods }: Standing): boolean {
  const isAtRest =
    conditionOf(conditions, 'Progressing')?.reason === 'NewReplicaSetAvailable' &&
    pods.replicas === pods.availableReplicas;
  if (isAtRest) return false;
  const isDraining = facts.others.some(
    (old) => old.metadata.annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION] !== undefined,
  );
  return !(isDraining && isPromoted(facts, course.stableHash));
}

function withPause(conditions: Conditions, standing: Standing): Conditions {
  const paused = isPaused(standing);
  const wasPaused = conditionOf(conditions, 'Paused')?.status === 'True';
  if (paused === wasPaused) return conditions;
  return withCondition(
    conditions,
    claimOf('Paused', paused ? 'True' : 'False', 'RolloutPaused', 'Rollout is paused'),
    standing.facts.now,
  );
}

function withAvailability(conditions: Conditions, { facts, pods }: Standing): Conditions {
  const claim =
    pods.availableReplicas >= facts.desired
      ? claimOf('Available', 'True', 'AvailableReason', 'Rollout has minimum availability')
      : claimOf('Available', 'False', 'AvailableReason', 'Rollout does not have minimum availability');
  return withCondition(conditions, claim, facts.now);
}

/** Why the API server refuses pods, e.g. a quota, copied from the ReplicaSet that it refuses. */
function withReplicaFailure(conditions: Conditions, { facts }: Standing): Conditions {
  const { newest, observed, now } = facts;
  const candidates = newest === undefined ? observed.replicaSets : [newest, ...observed.replicaSets];
  const failure = candidates
    .flatMap((replicaSet) => replicaSet.status?.conditions ?? [])
    .find((condition) => condition.type === 'ReplicaFailure' && condition.status === 'True');
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  return withCondition(conditions, claimOf('ReplicaFailure', 'True', failure.reason ?? '', failure.message ?? ''), now);
}
