import type { AnalysisRun } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import { startingStepOf } from '../../api/defaults.ts';
import {
  INSTANCE_ID_LABEL,
  POD_TEMPLATE_HASH_LABEL,
  REVISION_ANNOTATION,
  ROLLOUT_TYPE_LABEL,
  ROLLOUT_TYPES,
} from '../../api/keys.ts';
import { nameOf } from '../../api/object-name.ts';
import type { RolloutAnalysisRunStatus } from '../../api/rollout-status.ts';
import { buildRunSpec } from '../analysis/merge-templates.ts';
import { resolveArguments } from './analysis-arguments.ts';
import { lossVerdict, lostRun } from './background-verdict.ts';
import type { Course } from './canary/course.ts';
import type { Situation } from './canary/situation.ts';
import type { PlanDraft } from './draft.ts';
import { analysisRunChanged } from './events.ts';
import { type Facts, isPromoted } from './facts.ts';
import { ownerReferenceTo } from './owner-reference.ts';
import { hasPause } from './pause.ts';
import { availableOf, targetOf } from './replica-set.ts';
import { planRunHistory } from './run-history.ts';

/**
 * Starts, follows and ends the background analysis (4.9 and 4.10 of Argo Rollouts' reference). Returns what the status
 * shall say about the run that counts.
 */
export function planAnalysisRuns(
  situation: Situation,
  course: Course,
  draft: PlanDraft,
): RolloutAnalysisRunStatus | undefined {
  const { facts } = situation;
  const current = isMeasured(facts, course) ? (currentRun(facts, course) ?? unrecordedRun(facts)) : undefined;
  // How a run ends that an earlier pass ended, with an update that is over, is no news about that update.
  const isLeftover = current === undefined && course.run?.spec.terminate === true;
  if (course.run !== undefined && !isLeftover) tellPhase(facts, course.run, draft);
  endOthers(facts, current, draft);
  planRunHistory(facts, current ?? course.run, draft);
  if (current !== undefined) return referenceTo(current);
  if (course.aborted) return culprit(course.run);
  const recorded = facts.status.canary?.currentBackgroundAnalysisRunStatus;
  const loss = lossVerdict(course.lostRuns);
  if (loss !== undefined && recorded !== undefined)
    return { name: recorded.name, status: 'Inconclusive', message: loss };
  return isMeasured(facts, course) ? startRun(situation, course, draft) : undefined;
}

/** Whether this update, where it stands, has a background analysis. */
function isMeasured(facts: Facts, course: Course): boolean {
  const { analysis } = facts.canary;
  if ((analysis?.templates ?? []).length === 0 || facts.newest === undefined) return false;
  if (course.aborted || course.promoteFull || facts.stableHash === undefined) return false;
  if (isPromoted(facts, course.stableHash)) return false;
  return course.stepIndex === undefined || course.stepIndex >= startingStepOf(facts.canary);
}

/** The run goes on to count, unless a person went on in spite of its inconclusive end: then there is a new one. */
function currentRun(facts: Facts, { run, pauses }: Course): AnalysisRun | undefined {
  const wasInconclusive = facts.status.canary?.currentBackgroundAnalysisRunStatus?.status === 'Inconclusive';
  return wasInconclusive && !hasPause(pauses, 'InconclusiveAnalysisRun') ? undefined : run;
}

/** A run that was created by a pass whose status was never stored, because the process died in between. */
function unrecordedRun({ observed, status, currentHash, revision }: Facts): AnalysisRun | undefined {
  const recorded = status.canary?.currentBackgroundAnalysisRunStatus?.name;
  return observed.analysisRuns.find((run) => {
    const { labels, annotations, deletionTimestamp } = run.metadata;
    const isOurs = labels?.[ROLLOUT_TYPE_LABEL] === ROLLOUT_TYPES.background;
    const isOfThisUpdate =
      labels?.[POD_TEMPLATE_HASH_LABEL] === currentHash && annotations?.[REVISION_ANNOTATION] === String(revision);
    const hasEnded = isCompleted(run.status?.phase) || run.spec.terminate === true || deletionTimestamp !== undefined;
    return isOurs && isOfThisUpdate && !hasEnded && nameOf(run) !== recorded;
  });
}

function referenceTo(run: AnalysisRun): RolloutAnalysisRunStatus {
  const message = run.status?.message ?? '';
  return { name: nameOf(run), status: run.status?.phase ?? 'Pending', ...(message === '' ? {} : { message }) };
}

/** The run because of which the update was aborted stays in sight. */
function culprit(run: AnalysisRun | undefined): RolloutAnalysisRunStatus | undefined {
  const phase = run?.status?.phase;
  return run !== undefined && (phase === 'Failed' || phase === 'Error') ? referenceTo(run) : undefined;
}

function tellPhase({ status }: Facts, run: AnalysisRun, draft: PlanDraft): void {
  const phase = run.status?.phase;
  const before = status.canary?.currentBackgroundAnalysisRunStatus?.status;
  if (phase === undefined || phase === 'Pending' || phase === before) return;
  const previous = before === 'Pending' ? undefined : before;
  draft.tell(analysisRunChanged(ROLLOUT_TYPES.background, nameOf(run), phase, previous));
}

function endOthers({ observed }: Facts, current: AnalysisRun | undefined, draft: PlanDraft): void {
  for (const run of observed.analysisRuns) {
    if (run === current || isCompleted(run.status?.phase) || run.spec.terminate === true) continue;
    draft.act({ kind: 'terminateAnalysisRun', target: targetOf(run) });
  }
}

/**
 * A run that began before the canary serves would measure something else, or nothing. So it begins once the first
 * weight is in effect; where the steps begin with weight 0, once the canary can be reached at all.
 */
function startRun(situation: Situation, course: Course, draft: PlanDraft): RolloutAnalysisRunStatus | undefined {
  const { facts } = situation;
  const obstacle = facts.blocked?.reason ?? obstacleToMeasuring(situation, course);
  if (obstacle !== undefined) {
    draft.waitFor('analysis-waits', `the background analysis starts once ${obstacle}`);
    return undefined;
  }
  const built = buildRun(facts);
  if (typeof built === 'string') {
    draft.waitFor('analysis-waits', built);
    return undefined;
  }
  draft.act({ kind: 'createAnalysisRun', run: built, replaces: lostRun(facts) });
  return referenceTo(built);
}

function obstacleToMeasuring({ facts, traffic, canaryService }: Situation, course: Course): string | undefined {
  if (availableOf(facts.newest) === 0) return 'a canary pod is available';
  if (canaryService !== undefined && canaryService.selectedHash !== facts.currentHash) {
    return `Service ${canaryService.name} selects the new version`;
  }
  if (!facts.routed || course.weight === 0) return undefined;
  return traffic.weight > 0 && traffic.inEffect ? undefined : 'the canary serves traffic';
}

/** The run, or why it cannot be made. */
function buildRun(facts: Facts): AnalysisRun | string {
  const { analysis } = facts.canary;
  const built = buildRunSpec({
    refs: analysis?.templates ?? [],
    templates: facts.observed.templates,
    args: resolveArguments(facts, analysis?.args ?? []),
    ...(analysis?.dryRun === undefined ? {} : { dryRun: analysis.dryRun }),
    ...(analysis?.measurementRetention === undefined ? {} : { measurementRetention: analysis.measurementRetention }),
  });
  if (built.kind === 'missing') return `${built.templates.join(', ')} not found`;
  if (built.kind === 'problems') return `spec.strategy.canary.analysis: ${built.problems.join('; ')}`;
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata: runMetadata(facts), spec: built.spec };
}

function runMetadata(facts: Facts): AnalysisRun['metadata'] {
  const { rollout, observed, currentHash, revision, canary } = facts;
  const extra = canary.analysis?.analysisRunMetadata;
  return {
    name: freeName(observed.analysisRuns, `${nameOf(rollout)}-${currentHash}-${revision}`, lostRun(facts)),
    ...(rollout.metadata.namespace === undefined ? {} : { namespace: rollout.metadata.namespace }),
    labels: {
      [POD_TEMPLATE_HASH_LABEL]: currentHash,
      [ROLLOUT_TYPE_LABEL]: ROLLOUT_TYPES.background,
      ...(observed.instanceId === '' ? {} : { [INSTANCE_ID_LABEL]: observed.instanceId }),
      ...extra?.labels,
      ...rollout.spec.selector?.matchLabels,
    },
    annotations: { [REVISION_ANNOTATION]: String(revision), ...extra?.annotations },
    ownerReferences: [ownerReferenceTo(rollout)],
  };
}

/** Later attempts of one revision end in `.1`, `.2`, …, as Argo Rollouts names them; those up to a lost one are used up. */
function freeName(runs: readonly AnalysisRun[], name: string, lost: string | undefined): string {
  const taken = new Set(runs.map((run) => nameOf(run)));
  const used = lost?.startsWith(name) === true ? Number(lost.slice(name.length + 1)) : -1;
  for (let suffix = used + 1; ; suffix += 1) {
    const attempt = suffix === 0 ? name : `${name}.${suffix}`;
    if (!taken.has(attempt)) return attempt;
  }
}
