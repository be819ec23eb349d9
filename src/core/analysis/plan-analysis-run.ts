import type { AnalysisRun, AnalysisRunStatus } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import type { EpochMs } from '../../api/time.ts';
import type { EventIntent, Note } from '../rollout/plan.ts';
import { formatTimestamp, parseTimestamp } from '../values/rfc3339.ts';
import type { AnalysisPlan, MeasurementTask } from './analysis-plan.ts';
import { assessRun, type RunRules } from './assess-run.ts';
import { countersOf } from './counters.ts';
import { prepareRun } from './prepare-run.ts';
import { nextMeasurementAt } from './schedule.ts';
import { expiresAt } from './ttl.ts';

/** The status of a run that nobody has looked at. */
export const NEW_STATUS: AnalysisRunStatus = { phase: 'Pending' };

/** Decides what a run needs at the moment `now` (4.5 of the reference of Argo Rollouts). */
export function planAnalysisRun(run: AnalysisRun, now: EpochMs): AnalysisPlan {
  const status = run.status ?? NEW_STATUS;
  if (isCompleted(status.phase)) return planCompleted(run, status, now);
  const prepared = prepareRun(run);
  switch (prepared.kind) {
    case 'ready':
      return planOpen(run, prepared.rules, status, now);
    case 'invalid':
      return planInvalid(status, prepared.message, now);
    case 'unsupported':
      return hasController(run)
        ? planForeign(status, prepared.message)
        : planInvalid(status, `Analysis spec invalid: ${prepared.message}`, now);
  }
}

function hasController({ metadata }: AnalysisRun): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller === true) === true;
}

/**
 * Linnet starts no run that it cannot measure, so Argo Rollouts did, for an update that is still under way. An end would
 * be taken for a verdict on that update; its Rollout says what is unsupported.
 */
function planForeign(status: AnalysisRunStatus, message: string): AnalysisPlan {
  return { status, tasks: [], events: [], expired: false, notes: [note('unsupported', message)] };
}

/** Assesses `status` and finds the measurements that are due, or the moment when the next one is. */
export function planOpen(run: AnalysisRun, rules: RunRules, status: AnalysisRunStatus, now: EpochMs): AnalysisPlan {
  const assessed = assessRun(rules, status, now);
  if (isCompleted(assessed.status.phase)) {
    const ended = planCompleted({ ...run, status: assessed.status }, assessed.status, now);
    return { ...ended, events: assessed.events, notes: [note('completed', endOf(assessed.status)), ...ended.notes] };
  }
  const startedAt = parseTimestamp(assessed.status.startedAt ?? '') ?? now;
  const tasks: MeasurementTask[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const [index, metricRules] of rules.metrics.entries()) {
    const metric = run.spec.metrics[index];
    const result = assessed.status.metricResults?.find(({ name }) => name === metricRules.name);
    const due = nextMeasurementAt(metricRules, result, startedAt, now);
    if (metric === undefined || due === undefined) continue;
    if (due <= now) tasks.push({ metric, index: takenSoFar(result) });
    else next = Math.min(next, due);
  }
  return {
    status: assessed.status,
    tasks,
    events: assessed.events,
    ...(Number.isFinite(next) ? { requeueAt: next } : {}),
    expired: false,
    notes: notesOf(tasks, assessed.events, next),
  };
}

function takenSoFar(result: Parameters<typeof countersOf>[0]): number {
  const { count, error } = countersOf(result);
  return count + error;
}

function planCompleted(run: AnalysisRun, status: AnalysisRunStatus, now: EpochMs): AnalysisPlan {
  const expiry = expiresAt(run);
  const expired = expiry !== undefined && expiry <= now;
  return {
    status,
    tasks: [],
    events: [],
    ...(expiry === undefined || expired ? {} : { requeueAt: expiry }),
    expired,
    notes: expiry === undefined ? [] : [note('ttl', `deleted ${expired ? 'now' : `at ${formatTimestamp(expiry)}`}`)],
  };
}

/** A spec that can never be measured. Unlike in Argo Rollouts it gets a `completedAt`, so that a TTL removes it. */
function planInvalid(before: AnalysisRunStatus, message: string, now: EpochMs): AnalysisPlan {
  const status: AnalysisRunStatus = {
    ...before,
    phase: 'Error',
    message,
    startedAt: before.startedAt ?? formatTimestamp(now),
    completedAt: formatTimestamp(now),
  };
  const event: EventIntent = {
    type: 'Warning',
    reason: 'AnalysisRunError',
    message: 'Analysis Completed. Result: Error',
  };
  return { status, tasks: [], events: [event], expired: false, notes: [note('invalid-spec', message)] };
}

function notesOf(tasks: readonly MeasurementTask[], events: readonly EventIntent[], next: EpochMs): Note[] {
  const notes = events.map(({ message }) => note('assessed', message));
  if (tasks.length > 0) notes.push(note('measure', tasks.map(({ metric }) => metric.name).join(', ')));
  else if (Number.isFinite(next)) notes.push(note('waiting', `next measurement at ${formatTimestamp(next)}`));
  return notes;
}

function endOf({ phase, message }: AnalysisRunStatus): string {
  return message === undefined ? phase : `${phase}: ${message}`;
}

function note(topic: string, text: string): Note {
  return { topic, text };
}
