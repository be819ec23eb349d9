import type { AnalysisRun } from '../../api/analysis.ts';
import type { CanaryStep, RolloutPause } from '../../api/canary-step.ts';
import type { ReplicaSet } from '../../api/core-types.ts';
import { onPauseTimeoutOf, replicasOf } from '../../api/defaults.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { describeStep } from '../../core/rollout/canary/steps.ts';
import { availableOf, hashOf, sizeOf } from '../../core/rollout/replica-set.ts';
import { revisionOf } from '../../core/rollout/revision.ts';
import { pauseDurationSeconds } from '../../core/values/int-or-string.ts';
import { parseTimestamp } from '../../core/values/rfc3339.ts';
import { formatAge, formatSpan } from './age.ts';
import { canaryProgress } from './canary-progress.ts';
import { ownedBy, type RolloutFamily } from './family.ts';
import { healthOfPhase, healthSpan } from './icon.ts';
import { lastValue, type MetricState, metricStates } from './metric-state.ts';
import { isPromoted, phaseOf } from './phase.ts';
import type { Paint } from './style.ts';
import { type Cell, formatTable } from './table.ts';
import { tagsOf } from './version-tags.ts';

/** Why a Rollout stands where it stands, what moves it on, and what its analysis measured. */
export function formatExplanation(family: RolloutFamily, now: EpochMs, paint: Paint): string {
  const sections = [
    standing(family.rollout, now, paint),
    position(family, now),
    versions(family),
    ...currentRuns(family).map((run) => analysis(run, now, paint)),
    nextMoves(family.rollout),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function standing(rollout: Rollout, now: EpochMs, paint: Paint): string {
  const { phase, message } = phaseOf(rollout);
  const { text, tone } = healthSpan(healthOfPhase(phase), phase);
  const since = phaseSince(rollout, phase, now);
  const title = `Rollout ${nameOf(rollout)} in namespace ${namespaceOf(rollout)} is ${paint(tone, text)}${since}`;
  return `${title}\n${message === '' ? '' : `  ${message}\n`}`;
}

function phaseSince({ status }: Rollout, phase: string, now: EpochMs): string {
  const started =
    phase === 'Paused'
      ? (status?.pauseConditions?.[0]?.startTime ?? status?.duration?.manualPauseStartedAt)
      : status?.conditions?.find(({ type }) => type === (phase === 'Healthy' ? 'Healthy' : 'Progressing'))
          ?.lastTransitionTime;
  const age = formatAge(started, now);
  return age === '' ? '' : ` for ${age}`;
}

function position(family: RolloutFamily, now: EpochMs): string {
  const { rollout } = family;
  const canary = rollout.spec.strategy?.canary;
  if (canary === undefined || isPromoted(rollout) || rollout.status?.abort === true) return '';
  const { stepIndex, steps, step } = canaryProgress(rollout, canary, ownedBy(rollout, family.replicaSets));
  if (stepIndex === undefined) return '';
  if (step === undefined) return `All ${steps.length} steps are done; the new version takes over.\n`;
  const wait = waitOf(rollout, step, now);
  return `Step ${stepIndex + 1} of ${steps.length}: ${describeStep(step)}\n${wait === '' ? '' : `  ${wait}\n`}`;
}

/** What ends the step. */
function waitOf(rollout: Rollout, { pause, analysis: stepAnalysis }: CanaryStep, now: EpochMs): string {
  if (rollout.spec.paused === true) return 'ends no step while spec.paused is true';
  if (stepAnalysis !== undefined) return 'ends when its AnalysisRun succeeds';
  return pause === undefined ? '' : pauseWait(rollout, pause, now);
}

function pauseWait({ status }: Rollout, pause: RolloutPause, now: EpochMs): string {
  const started = status?.pauseConditions?.find(({ reason }) => reason === 'CanaryPauseStep')?.startTime;
  const begin = started === undefined ? undefined : parseTimestamp(started);
  const left = (duration: number | string): string =>
    begin === undefined
      ? ''
      : ` (${formatSpan(Math.max(0, begin + pauseDurationSeconds(duration) * 1000 - now))} left)`;
  const timed = pause.duration === undefined ? '' : `ends after ${pause.duration}${left(pause.duration)}`;
  if (pause.untilVerified !== true) return timed === '' ? 'ends when a person promotes' : timed;
  const verified = 'ends when every metric has succeeded at this weight';
  const limit =
    pause.timeout === undefined
      ? ''
      : `; after ${pause.timeout} without it: ${onPauseTimeoutOf(pause)}${left(pause.timeout)}`;
  return `${timed === '' ? '' : `${timed}, and `}${verified}${limit}`;
}

function versions(family: RolloutFamily): string {
  const { rollout } = family;
  const running = ownedBy(rollout, family.replicaSets).filter(
    (replicaSet) => sizeOf(replicaSet) > 0 || tagsOf(rollout, replicaSet).length > 0,
  );
  const rows = [...running]
    .sort((one, other) => revisionOf(other) - revisionOf(one))
    .map((replicaSet) => versionRow(rollout, replicaSet));
  const header: readonly Cell[] = ['VERSION', 'REVISION', 'PODS AVAILABLE', 'TRAFFIC'];
  if (rows.length === 0) return `No pods yet; ${replicasOf(rollout.spec)} are wanted.\n`;
  return formatTable([header, ...rows], (_tone, text) => text);
}

function versionRow(rollout: Rollout, replicaSet: ReplicaSet): readonly Cell[] {
  const tags = tagsOf(rollout, replicaSet);
  return [
    tags.length === 0 ? nameOf(replicaSet) : `${tags.join(',')} (${nameOf(replicaSet)})`,
    String(revisionOf(replicaSet)),
    `${availableOf(replicaSet)}/${sizeOf(replicaSet)}`,
    trafficOf(rollout, replicaSet),
  ];
}

/** `-` where no router splits the traffic. */
function trafficOf({ status }: Rollout, replicaSet: ReplicaSet): string {
  const weights = status?.canary?.weights;
  if (weights === undefined) return '-';
  const hash = hashOf(replicaSet);
  const share = [weights.canary, weights.stable].find(({ podTemplateHash }) => podTemplateHash === hash);
  const doubt = weights.verified === false ? ' (not confirmed yet)' : '';
  return `${share?.weight ?? 0} %${doubt}`;
}

/** The runs that the status refers to. */
function currentRuns({ rollout, analysisRuns }: RolloutFamily): readonly AnalysisRun[] {
  const { canary, blueGreen } = rollout.status ?? {};
  const names = [
    canary?.currentBackgroundAnalysisRunStatus?.name,
    canary?.currentStepAnalysisRunStatus?.name,
    blueGreen?.prePromotionAnalysisRunStatus?.name,
    blueGreen?.postPromotionAnalysisRunStatus?.name,
  ].filter((name) => name !== undefined);
  const own = ownedBy(rollout, analysisRuns);
  const named = own.filter((run) => names.includes(nameOf(run)));
  // After an abort the status names no run any more, but the one that failed is what the user asks about.
  return named.length > 0 || rollout.status?.abort !== true ? named : lastFailed(own);
}

function lastFailed(runs: readonly AnalysisRun[]): readonly AnalysisRun[] {
  const failed = runs.filter(({ status }) => status?.phase === 'Failed' || status?.phase === 'Error');
  const newest = failed.reduce<AnalysisRun | undefined>(
    (best, run) =>
      best === undefined || (run.metadata.creationTimestamp ?? '') > (best.metadata.creationTimestamp ?? '')
        ? run
        : best,
    undefined,
  );
  return newest === undefined ? [] : [newest];
}

function analysis(run: AnalysisRun, now: EpochMs, paint: Paint): string {
  const { phase = 'Pending', message = '' } = run.status ?? {};
  const { text, tone } = healthSpan(healthOfPhase(phase), phase);
  const title = `AnalysisRun ${nameOf(run)} is ${paint(tone, text)}${message === '' ? '' : `: ${message}`}`;
  const header: readonly Cell[] = ['METRIC', 'STATUS', 'LAST VALUE', 'AGE', 'OK', 'FAILED', 'UNSURE', 'ERRORS', 'RULE'];
  const rows = metricStates(run).map((metric) => metricRow(metric, now));
  return `${title}\n${formatTable([header, ...rows], paint)
    .replaceAll(/^/gm, '  ')
    .trimEnd()}\n`;
}

function metricRow(metric: MetricState, now: EpochMs): readonly Cell[] {
  const { name, phase, dryRun, successful, failed, inconclusive, errors, last, condition } = metric;
  return [
    dryRun ? `${name} (dry run)` : name,
    healthSpan(healthOfPhase(phase), phase),
    lastValue(metric),
    formatAge(last?.finishedAt, now),
    ...[successful, failed, inconclusive, errors].map(String),
    condition,
  ];
}

/** What the user can do about it. */
function nextMoves(rollout: Rollout): string {
  const name = nameOf(rollout);
  const moves = (...lines: readonly string[]): string => lines.map((line) => `  kubectl linnet ${line}\n`).join('');
  if (rollout.status?.abort === true && !isPromoted(rollout)) {
    return `To go on:\n${moves(`retry rollout ${name}     try again from the first step`, `undo ${name}              go back to the previous revision`)}`;
  }
  const { phase } = phaseOf(rollout);
  if (phase !== 'Paused') return '';
  return `To go on:\n${moves(`promote ${name}           to the next step`, `promote ${name} --full    to the end, without analysis`, `abort ${name}             back to the stable version`)}`;
}
