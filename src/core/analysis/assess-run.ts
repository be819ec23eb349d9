import type { AnalysisPhase, AnalysisRunStatus, MetricResult } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import type { RunSummary } from '../../api/analysis-status.ts';
import type { EpochMs } from '../../api/time.ts';
import type { EventIntent } from '../rollout/plan.ts';
import { formatTimestamp } from '../values/rfc3339.ts';
import { type Assessment, assessMetric } from './assess-metric.ts';
import { withoutZeros } from './counters.ts';
import type { MetricRules } from './metric-rules.ts';

/** What assessing a run needs to know besides its status. */
export interface RunRules {
  /** In the order of the spec. */
  readonly metrics: readonly MetricRules[];
  /** Names of the metrics that have no consequence. */
  readonly dryRun: ReadonlySet<string>;
  /** `spec.terminate`. */
  readonly terminate: boolean;
}

export interface AssessedRun {
  readonly status: AnalysisRunStatus;
  readonly events: readonly EventIntent[];
}

/** From best to worst. */
const SEVERITY: readonly AnalysisPhase[] = ['Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed'];

interface AssessedMetric {
  readonly rules: MetricRules;
  readonly dryRun: boolean;
  readonly before: MetricResult | undefined;
  readonly assessment: Assessment;
}

/**
 * Brings every metric's phase, the summaries, and the run's phase and message up to date (4.5.6–8 of the reference of
 * Argo Rollouts). Assessing twice changes nothing.
 */
export function assessRun(rules: RunRules, status: AnalysisRunStatus, now: EpochMs): AssessedRun {
  const open = assessMetrics(rules, status, rules.terminate);
  const terminating = rules.terminate || open.some((metric) => !metric.dryRun && endsRun(metric.assessment.phase));
  const metrics = terminating ? assessMetrics(rules, status, true) : open;
  const verdict = verdictOf(metrics, rules.terminate, terminating);
  const { message: _outdated, ...kept } = status;
  const assessed: AnalysisRunStatus = {
    ...kept,
    phase: verdict.phase,
    startedAt: status.startedAt ?? formatTimestamp(now),
    metricResults: metrics.flatMap((metric) => resultOf(metric, terminating)),
    runSummary: summaryOf(metrics.filter(({ dryRun }) => !dryRun)),
    dryRunSummary: summaryOf(metrics.filter(({ dryRun }) => dryRun)),
    ...(verdict.message === '' ? {} : { message: verdict.message }),
    ...(isCompleted(verdict.phase) ? { completedAt: status.completedAt ?? formatTimestamp(now) } : {}),
  };
  return { status: assessed, events: eventsOf(metrics, status.phase, verdict.phase) };
}

function assessMetrics(rules: RunRules, status: AnalysisRunStatus, terminating: boolean): AssessedMetric[] {
  return rules.metrics.map((metric) => {
    const before = status.metricResults?.find(({ name }) => name === metric.name);
    return {
      rules: metric,
      dryRun: rules.dryRun.has(metric.name),
      before,
      assessment: assessMetric(metric, before, terminating),
    };
  });
}

function endsRun(phase: AnalysisPhase): boolean {
  return phase === 'Failed' || phase === 'Error' || phase === 'Inconclusive';
}

/** The metric's result as it is stored; none for a metric that never got a measurement and is not complete either. */
function resultOf({ rules, dryRun, before, assessment }: AssessedMetric, terminating: boolean): MetricResult[] {
  if (before === undefined && !terminating) return [];
  const { phase, reason } = assessment;
  const result: MetricResult = { ...(before ?? { name: rules.name }), phase, ...(dryRun ? { dryRun: true } : {}) };
  if (before?.phase === phase) return [result];
  if (dryRun && reason !== undefined) return [{ ...result, message: `Metric assessed ${phase} due to ${reason}` }];
  const lastMessage = before?.measurements?.at(-1)?.message;
  if (lastMessage !== undefined) return [{ ...result, message: lastMessage }];
  const { message: _outdated, ...withoutMessage } = result;
  return [withoutMessage];
}

interface Verdict {
  readonly phase: AnalysisPhase;
  readonly message: string;
}

function verdictOf(metrics: readonly AssessedMetric[], terminate: boolean, terminating: boolean): Verdict {
  const complete = metrics.every(({ assessment }) => isCompleted(assessment.phase));
  if (!complete && !terminating) return { phase: 'Running', message: '' };
  let worst: AssessedMetric | undefined;
  for (const metric of metrics) {
    if (metric.dryRun || !isCompleted(metric.assessment.phase)) continue;
    if (worst === undefined || isWorse(metric.assessment, worst.assessment)) worst = metric;
  }
  const message = (worst === undefined ? undefined : messageOf(worst)) ?? (terminate ? 'Run Terminated' : '');
  return { phase: worst?.assessment.phase ?? 'Successful', message };
}

/** Of two that ended alike, the one that ended by itself is the cause and not the consequence. */
function isWorse(assessment: Assessment, than: Assessment): boolean {
  const difference = SEVERITY.indexOf(assessment.phase) - SEVERITY.indexOf(than.phase);
  return difference > 0 || (difference === 0 && than.terminated === true && assessment.terminated !== true);
}

function messageOf({ rules, before, assessment }: AssessedMetric): string | undefined {
  const { phase, reason } = assessment;
  if (reason === undefined) return undefined;
  const last = before?.measurements?.at(-1)?.message;
  const detail = last === undefined || last === '' ? '' : `: "Error Message: ${last}"`;
  return `Metric "${rules.name}" assessed ${phase} due to ${reason}${detail}`;
}

function summaryOf(metrics: readonly AssessedMetric[]): RunSummary {
  const number = (phase: AnalysisPhase): number =>
    metrics.filter(({ assessment }) => assessment.phase === phase).length;
  return withoutZeros({
    count: metrics.length,
    successful: number('Successful'),
    failed: number('Failed'),
    inconclusive: number('Inconclusive'),
    error: number('Error'),
  });
}

/** Reasons and texts of 4.11 of the reference. */
function eventsOf(
  metrics: readonly AssessedMetric[],
  before: AnalysisPhase | undefined,
  after: AnalysisPhase,
): EventIntent[] {
  const events = metrics
    .filter((metric) => isCompleted(metric.assessment.phase) && metric.before?.phase !== metric.assessment.phase)
    .map(({ rules, assessment: { phase } }) =>
      eventOf(`Metric${phase}`, `Metric '${rules.name}' Completed. Result: ${phase}`, phase),
    );
  if (isCompleted(after) && before !== after) {
    events.push(eventOf(`AnalysisRun${after}`, `Analysis Completed. Result: ${after}`, after));
  }
  return events;
}

function eventOf(reason: string, message: string, phase: AnalysisPhase): EventIntent {
  return { type: phase === 'Failed' || phase === 'Error' ? 'Warning' : 'Normal', reason, message };
}
