import type { AnalysisRun } from '../../../api/analysis.ts';
import type { CanaryStep, RolloutPause, SetCanaryScale } from '../../../api/canary-step.ts';
import type { EpochMs } from '../../../api/time.ts';
import { pauseDurationSeconds } from '../../values/int-or-string.ts';
import type { PlanDraft } from '../draft.ts';
import { stepCompleted } from '../events.ts';
import { blindness, missingEvidence } from '../evidence.ts';
import type { Facts } from '../facts.ts';
import { momentOf, nextSecond, notAhead, seconds } from '../moments.ts';
import { addPause, type Pauses, withoutPause } from '../pause.ts';
import type { Situation } from './situation.ts';
import { weightAtStep } from './step-weight.ts';
import { missingPods } from './targets.ts';

/** How far the steps have come. */
export interface Walk {
  readonly index: number;
  readonly pauses: Pauses;
  /** Set when a step gave up: the update has to be aborted. */
  readonly abortReason?: string;
  /** The step waits for measurements. */
  readonly awaitsEvidence: boolean;
}

type Verdict =
  | { readonly kind: 'completed' }
  | { readonly kind: 'pausing' }
  | Waiting
  | { readonly kind: 'failed'; readonly reason: string };

interface Waiting {
  readonly kind: 'waiting';
  readonly reason: string;
  /** `plain`: the pause that the step asks for; `vague`: what it waits for has its own, more precise reason. */
  readonly manner?: 'plain' | 'vague';
  readonly awaitsEvidence?: boolean;
  readonly until?: EpochMs;
}

const COMPLETED: Verdict = { kind: 'completed' };
const PAUSING: Verdict = { kind: 'pausing' };

/** Completes as many steps as what is observed has completed; one pass may complete several. */
export function walkSteps(situation: Situation, run: AnalysisRun | undefined, start: Walk, draft: PlanDraft): Walk {
  const { facts } = situation;
  let { index, pauses } = start;
  for (;;) {
    const step = facts.steps[index];
    if (step === undefined) return { index, pauses, awaitsEvidence: false };
    let verdict = judge(situation, step, index, pauses, run);
    if (verdict.kind === 'pausing') {
      pauses = addPause(pauses, 'CanaryPauseStep', facts.now);
      verdict = judge(situation, step, index, pauses, run);
    }
    if (verdict.kind !== 'completed') return stopped(verdict, { index, pauses, awaitsEvidence: false }, draft);
    draft.tell(stepCompleted(index, facts.steps.length, describeStep(step)));
    pauses = withoutPause(pauses, 'CanaryPauseStep');
    index += 1;
  }
}

function stopped(verdict: Verdict, walk: Walk, draft: PlanDraft): Walk {
  if (verdict.kind === 'failed') return { ...walk, abortReason: verdict.reason };
  if (verdict.kind !== 'waiting') return walk;
  if (verdict.manner === 'plain') draft.note('step-waits', verdict.reason);
  else if (verdict.manner === 'vague') draft.waitVaguelyFor('step-waits', verdict.reason);
  else draft.waitFor('step-waits', verdict.reason);
  if (verdict.until !== undefined) draft.wakeAt(verdict.until);
  return { ...walk, awaitsEvidence: verdict.awaitsEvidence ?? false };
}

function judge(
  situation: Situation,
  step: CanaryStep,
  index: number,
  pauses: Pauses,
  run: AnalysisRun | undefined,
): Verdict {
  if (step.pause !== undefined) return judgePause(situation, step.pause, index, pauses, run);
  if (step.setWeight !== undefined) return judgeWeight(situation, step.setWeight);
  return { kind: 'waiting', reason: `step ${index + 1} (${describeStep(step)}) is not supported` };
}

function judgeWeight({ facts, traffic, canaryService }: Situation, weight: number): Verdict {
  const missing = missingPods(facts, weight);
  if (missing !== undefined) return { kind: 'waiting', reason: `step setWeight ${weight} waits until ${missing}` };
  if (!facts.routed) return COMPLETED;
  const isCarried = traffic.weight === weight && traffic.inEffect;
  // At weight 0 no request reaches the canary Service, whatever it selects.
  if (isCarried && (weight === 0 || canaryService?.selectedHash === facts.currentHash)) return COMPLETED;
  return {
    kind: 'waiting',
    manner: 'vague',
    reason: `step setWeight ${weight} waits until the weight is in effect (${traffic.weight} now)`,
  };
}

function judgePause(
  situation: Situation,
  pause: RolloutPause,
  index: number,
  pauses: Pauses,
  run: AnalysisRun | undefined,
): Verdict {
  const started = pauses.conditions.find((condition) => condition.reason === 'CanaryPauseStep');
  if (started === undefined) return pauses.controllerPause ? COMPLETED : startPause(pause);
  const begin = momentOf(started.startTime) ?? situation.facts.now;
  const rest = judgeDuration(situation.facts, pause, begin);
  if (rest !== undefined) return rest;
  if (pause.untilVerified === true) return judgeVerification(situation, pause, index, begin, run);
  const blind = blindness(run);
  if (blind === undefined) return COMPLETED;
  return { kind: 'waiting', reason: `the pause is over, but ${blind}`, awaitsEvidence: true };
}

/** A pause of 0 seconds is none. */
function startPause(pause: RolloutPause): Verdict {
  const isNone =
    pause.duration !== undefined && pauseDurationSeconds(pause.duration) === 0 && pause.untilVerified !== true;
  return isNone ? COMPLETED : PAUSING;
}

/** Undefined when `duration` has passed, or there is none and the step ends otherwise. */
function judgeDuration(facts: Facts, pause: RolloutPause, begin: EpochMs): Verdict | undefined {
  if (pause.duration === undefined) {
    return pause.untilVerified === true
      ? undefined
      : { kind: 'waiting', manner: 'plain', reason: 'the step waits until a person promotes' };
  }
  const end = begin + seconds(pauseDurationSeconds(pause.duration));
  return end <= facts.now
    ? undefined
    : { kind: 'waiting', manner: 'plain', reason: 'the step waits until the pause ends', until: end };
}

function judgeVerification(
  situation: Situation,
  pause: RolloutPause,
  index: number,
  begin: EpochMs,
  run: AnalysisRun | undefined,
): Verdict {
  const { facts } = situation;
  const since = stepInEffectSince(situation, index);
  const missing = since === undefined ? 'the weight is not in effect' : missingEvidence(run, since);
  if (missing === undefined) return COMPLETED;
  const timeout = pause.timeout === undefined ? undefined : begin + seconds(pauseDurationSeconds(pause.timeout));
  const weight = weightAtStep(facts, index);
  if (timeout !== undefined && timeout <= facts.now) {
    if (pause.onTimeout === 'promote') return COMPLETED;
    if (pause.onTimeout === 'abort') {
      return {
        kind: 'failed',
        reason: `step ${index + 1} was not verified at weight ${weight} within its timeout: ${missing}`,
      };
    }
  }
  const reason = `verification at weight ${weight}: ${missing}`;
  return { kind: 'waiting', reason, awaitsEvidence: true, ...(timeout === undefined ? {} : { until: timeout }) };
}

/** Since when the step's weight reaches users; undefined while it does not. */
function stepInEffectSince({ facts, traffic, canaryService }: Situation, index: number): EpochMs | undefined {
  const weight = weightAtStep(facts, index);
  if (!facts.routed) return replicasInEffectSince(facts, weight);
  const isCarried = traffic.weight === weight && traffic.inEffect && canaryService?.selectedHash === facts.currentHash;
  return isCarried ? traffic.inEffectSince : undefined;
}

/** The moment is stored, so that it survives restarts, and void as soon as a pod is missing. */
export function replicasInEffectSince(facts: Facts, weight: number): EpochMs | undefined {
  if (missingPods(facts, weight) !== undefined) return undefined;
  return notAhead(momentOf(facts.status.canary?.replicasInEffectSince), nextSecond(facts.now));
}

/** A step as Argo Rollouts' events write it. */
export function describeStep(step: CanaryStep): string {
  if (step.setWeight !== undefined) return `setWeight: ${step.setWeight}`;
  if (step.pause !== undefined) return step.pause.duration === undefined ? 'pause' : `pause: ${step.pause.duration}`;
  if (step.experiment !== undefined) return 'experiment';
  if (step.analysis !== undefined) return 'analysis';
  if (step.plugin !== undefined) return `plugin: ${step.plugin.name}`;
  if (step.setHeaderRoute !== undefined) return `setHeaderRoute: ${step.setHeaderRoute.name ?? ''}`;
  if (step.setMirrorRoute !== undefined) return `setMirrorRoute: ${step.setMirrorRoute.name}`;
  return step.setCanaryScale === undefined ? 'invalid' : `setCanaryScale{${describeScale(step.setCanaryScale)}}`;
}

function describeScale({ weight, replicas }: SetCanaryScale): string {
  if (weight !== undefined) return `weight: ${weight}`;
  return replicas === undefined ? 'matchTrafficWeight: true' : `replicas: ${replicas}`;
}
