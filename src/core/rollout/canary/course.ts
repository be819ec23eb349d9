import type { AnalysisRun } from '../../../api/analysis.ts';
import { nameOf } from '../../../api/object-name.ts';
import type { EpochMs } from '../../../api/time.ts';
import { stepHash } from '../../values/pod-template-hash.ts';
import { isFreshAbort, isRetry, type Order, orderOf, tellIgnored } from '../abort.ts';
import { backgroundVerdict, countLostRuns, currentBackgroundRun, lossVerdict } from '../background-verdict.ts';
import { countPods, hasTimedOut, podsProgressed } from '../deadline.ts';
import type { PlanDraft } from '../draft.ts';
import { rolloutCompleted, skipSteps } from '../events.ts';
import { missingEvidence } from '../evidence.ts';
import { type Facts, isPromoted } from '../facts.ts';
import { momentOf } from '../moments.ts';
import { observedGeneration } from '../observed-generation.ts';
import { addPause, hasPause, NO_PAUSES, type Pauses } from '../pause.ts';
import { availableOf } from '../replica-set.ts';
import { promotionReason } from './promotion.ts';
import type { Situation } from './situation.ts';
import { lastWeightUpTo, weightAtStep } from './step-weight.ts';
import { type Walk, walkSteps } from './steps.ts';

/** Where the update stands after this pass's decisions; everything else follows from it. */
export interface Course {
  /** The template or the steps changed: whatever was stored about the update before is void. */
  readonly isNewUpdate: boolean;
  readonly isRetry: boolean;
  /** The stable version, after this pass. */
  readonly stableHash: string | undefined;
  /** Undefined without steps; the number of steps when all are done. */
  readonly stepIndex: number | undefined;
  /** The weight that the steps ask for, before capacity and safety have their say. */
  readonly weight: number;
  readonly aborted: boolean;
  /** Why it is aborted in this pass; undefined when a person said so, or an earlier pass. */
  readonly abortReason: string | undefined;
  readonly abortedAt: EpochMs | undefined;
  /** The step that was under way when the update was aborted. */
  readonly abortedStepIndex: number | undefined;
  readonly promoteFull: boolean;
  readonly pauses: Pauses;
  /** The background run that measures this update. */
  readonly run: AnalysisRun | undefined;
  /** How often that run was deleted before it ended. */
  readonly lostRuns: number;
  /** Waiting for measurements, which the progress deadline must not punish. */
  readonly awaitsEvidence: boolean;
}

/** Decides how far the update has come: orders first, then verdicts, then steps, then promotion. */
export function decideCourse(situation: Situation, draft: PlanDraft): Course {
  const { facts } = situation;
  const start = startOf(facts);
  if (isPromoted(facts, start.stableHash)) return settled(facts, start, draft);
  const order = orderFor(facts, start, draft);
  if (order === 'abort') return aborted(facts, start, undefined);
  const promoteFull = order === 'promoteFull';
  const verdict = promoteFull ? ({ kind: 'none' } as const) : backgroundVerdict(facts, start.run, start.lostRuns);
  if (verdict.kind === 'failed') return aborted(facts, start, verdict.reason);
  const pauses =
    verdict.kind === 'inconclusive' ? addPause(start.pauses, 'InconclusiveAnalysisRun', facts.now) : start.pauses;
  const walk =
    promoteFull || facts.stableHash === undefined
      ? skippedSteps(facts)
      : advance(situation, { ...start, pauses }, draft);
  const abortReason = walk.abortReason ?? deadlineAbortReason(facts, start, walk);
  if (abortReason !== undefined) {
    draft.forgetWaits();
    return aborted(facts, { ...start, stepIndex: walk.index }, abortReason);
  }
  return finish(situation, { ...start, promoteFull }, walk, draft);
}

/** An order is for the version that it was given for; with other steps it is the same version, and aborted all the same. */
function orderFor(facts: Facts, { isNewUpdate }: Course, draft: PlanDraft): Order {
  if (!isNewUpdate) return orderOf(facts);
  if (isFreshAbort(facts) && !isTemplateNew(facts)) return 'abort';
  const { revision } = facts;
  tellIgnored(
    facts,
    `it was given before revision ${revision} began; give it again if it is meant for that one`,
    draft,
  );
  return 'none';
}

/** What the stored status says, or a clean start when the template or the steps changed. */
function startOf(facts: Facts): Course {
  const isNewUpdate = isTemplateNew(facts) || areStepsNew(facts);
  const length = facts.steps.length;
  const stored = isNewUpdate ? 0 : Math.min(Math.max(facts.status.currentStepIndex ?? 0, 0), length);
  const { status } = facts;
  const retry = !isNewUpdate && isRetry(facts);
  return {
    isNewUpdate,
    isRetry: retry,
    stableHash: facts.stableHash,
    stepIndex: length === 0 ? undefined : stored,
    weight: 0,
    aborted: false,
    abortReason: undefined,
    abortedAt: isNewUpdate ? undefined : momentOf(status.abortedAt),
    abortedStepIndex: isNewUpdate || retry ? undefined : status.canary?.abortedStepIndex,
    promoteFull: false,
    pauses: isNewUpdate ? NO_PAUSES : storedPauses(facts),
    run: isNewUpdate || retry ? undefined : currentBackgroundRun(facts),
    lostRuns: isNewUpdate || retry ? 0 : countLostRuns(facts),
    awaitsEvidence: false,
  };
}

function isTemplateNew({ status, currentHash }: Facts): boolean {
  return status.currentPodHash !== currentHash;
}

/** Steps cannot have changed while the generation is the one that the status is about, however their hash came about. */
function areStepsNew({ status, rollout, steps, canary }: Facts): boolean {
  if (observedGeneration(rollout) === rollout.metadata.generation) return false;
  return status.currentStepHash !== stepHash(steps.length === 0 ? undefined : canary.steps);
}

function storedPauses({ status }: Facts): Pauses {
  return { conditions: status.pauseConditions ?? [], controllerPause: status.controllerPause === true };
}

/** Nothing to update. Orders to abort or to promote have no object, and go. */
function settled(facts: Facts, start: Course, draft: PlanDraft): Course {
  const isRollback = start.isNewUpdate && isTemplateNew(facts) && (facts.status.currentPodHash ?? '') !== '';
  tellIgnored(facts, `revision ${facts.revision} is the stable version already; to take it back, undo`, draft);
  if (isRollback && facts.steps.length > 0) draft.tell(skipSteps('Rollback to stable ReplicaSets'));
  return {
    ...start,
    stepIndex: endOf(facts),
    weight: facts.maxWeight,
    abortedAt: undefined,
    abortedStepIndex: undefined,
    isRetry: false,
    pauses: NO_PAUSES,
    run: undefined,
    lostRuns: 0,
  };
}

function endOf({ steps }: Facts): number | undefined {
  return steps.length === 0 ? undefined : steps.length;
}

function aborted(facts: Facts, start: Course, reason: string | undefined): Course {
  return {
    ...start,
    isRetry: false,
    stepIndex: facts.steps.length === 0 ? undefined : 0,
    weight: 0,
    aborted: true,
    abortReason: reason,
    abortedAt: start.isRetry ? facts.now : (start.abortedAt ?? facts.now),
    abortedStepIndex: abortedStepOf(facts, start),
    pauses: NO_PAUSES,
  };
}

function abortedStepOf({ steps }: Facts, start: Course): number | undefined {
  const isNew = start.abortedAt === undefined || start.isRetry;
  const index = isNew ? start.stepIndex : start.abortedStepIndex;
  return index !== undefined && index < steps.length ? index : undefined;
}

/** A full promotion skips the steps, and so does the first version, which has nothing to be compared with. */
function skippedSteps({ steps }: Facts): Walk {
  return { index: steps.length, pauses: NO_PAUSES, awaitsEvidence: false };
}

/** Goes through the steps unless something halts them. */
function advance(situation: Situation, start: Course, draft: PlanDraft): Walk {
  const { facts } = situation;
  const walk: Walk = { index: start.stepIndex ?? 0, pauses: start.pauses, awaitsEvidence: false };
  const obstacle = obstacleToSteps(facts, start);
  if (facts.blocked !== undefined) draft.waitFor('blocked', facts.blocked.reason);
  else if (facts.rollout.spec.paused === true)
    draft.note('steps-halted', 'steps wait until spec.paused is set to false');
  else if (obstacle === undefined) return withoutTrace(walkSteps(situation, start.run, walk, draft));
  else draft.waitFor('steps-halted', `steps wait until ${obstacle}`);
  // Who resumes while something else halts the steps is heard once they go on.
  return facts.steps[walk.index]?.pause === undefined ? withoutTrace(walk) : walk;
}

/** Once the steps went on, that a person resumed one of them means nothing to the next. */
function withoutTrace(walk: Walk): Walk {
  return walk.pauses.conditions.length === 0 ? { ...walk, pauses: NO_PAUSES } : walk;
}

function obstacleToSteps(facts: Facts, { pauses, run, lostRuns }: Course): string | undefined {
  if (hasPause(pauses, 'InconclusiveAnalysisRun')) {
    const name = run?.metadata.name ?? facts.status.canary?.currentBackgroundAnalysisRunStatus?.name ?? '';
    return `a person decides, because AnalysisRun ${name} ${lossVerdict(lostRuns) ?? 'is inconclusive'}`;
  }
  if (facts.newest === undefined) return 'the ReplicaSet of the new version exists';
  if (facts.desired === 0 && facts.stableHash !== undefined)
    return 'spec.replicas is above 0, because no pod can be judged';
  return undefined;
}

function deadlineAbortReason(facts: Facts, start: Course, walk: Walk): string | undefined {
  if (facts.rollout.spec.progressDeadlineAbort !== true || facts.stableHash === undefined) return undefined;
  if (start.isNewUpdate || start.isRetry || walk.index !== (start.stepIndex ?? 0)) return undefined;
  if (
    isClockStopped(facts, walk) ||
    podsProgressed(facts.status, countPods(facts)) ||
    !hasTimedOut(facts.status.conditions ?? [], facts)
  ) {
    return undefined;
  }
  return timeoutMessage(facts);
}

/** Whether pods stay as they are because a person said so, or has to judge first. An abort is never halted. */
export function isHalted({ rollout }: Facts, { aborted, pauses }: Course): boolean {
  return !aborted && (rollout.spec.paused === true || hasPause(pauses, 'InconclusiveAnalysisRun'));
}

/** The deadline counts neither pauses nor waiting for measurements nor a Rollout without pods. */
function isClockStopped(facts: Facts, walk: Walk): boolean {
  const isPaused = walk.pauses.conditions.length > 0 || facts.rollout.spec.paused === true;
  return isPaused || walk.awaitsEvidence || facts.desired === 0;
}

export function timeoutMessage({ newest, rollout }: Facts): string {
  const subject = newest === undefined ? `Rollout "${nameOf(rollout)}"` : `ReplicaSet "${nameOf(newest)}"`;
  return `${subject} has timed out progressing.`;
}

/** Promotes when nothing is left to do; otherwise says what the steps ask for now. */
function finish(situation: Situation, start: Course, walk: Walk, draft: PlanDraft): Course {
  const { facts } = situation;
  const { pauses } = walk;
  const course: Course = {
    ...start,
    stepIndex: facts.steps.length === 0 ? undefined : walk.index,
    weight: weightAtStep(facts, walk.index),
    abortedAt: undefined,
    abortedStepIndex: undefined,
    pauses,
    awaitsEvidence: walk.awaitsEvidence,
  };
  if (walk.index < facts.steps.length || isHeld(facts, pauses)) return course;
  const missing = start.promoteFull ? undefined : missingFinalEvidence(facts, start.run);
  if (missing !== undefined) {
    // Without pods there is nothing to judge: that is no want of evidence, and the progress deadline counts.
    const canBeJudged = availableOf(facts.newest) > 0;
    const what = canBeJudged ? `for evidence: ${missing}` : 'until a pod of the new version is available to be judged';
    draft.waitFor('promotion-waits', `promotion waits ${what}`);
    return { ...course, weight: heldWeight(facts), awaitsEvidence: canBeJudged };
  }
  const reason = promotionReason(situation, start.promoteFull, draft);
  if (reason === undefined) return course;
  draft.tell(rolloutCompleted(facts.revision, facts.currentHash, reason));
  return { ...course, stableHash: facts.currentHash, weight: facts.maxWeight, promoteFull: false };
}

function isHeld(facts: Facts, pauses: Pauses): boolean {
  return pauses.conditions.length > 0 || facts.rollout.spec.paused === true || facts.blocked !== undefined;
}

/** Without one success of every metric, nothing was judged, and nothing is promoted. */
function missingFinalEvidence(facts: Facts, run: AnalysisRun | undefined): string | undefined {
  const { analysis } = facts.canary;
  if (facts.stableHash === undefined || (analysis?.templates ?? []).length === 0) return undefined;
  const neverStarts = (analysis?.startingStep ?? 0) >= Math.max(1, facts.steps.length);
  return neverStarts ? undefined : missingEvidence(run, undefined);
}

/** Steps are over but nothing was measured: stay where the last step left the traffic, if it left any. */
function heldWeight(facts: Facts): number {
  return lastWeightUpTo(facts, facts.steps.length) || facts.maxWeight;
}
