import type { AnalysisRun, AnalysisRunStatus, Metric } from '../../../src/api/analysis.ts';
import type { EpochMs } from '../../../src/api/time.ts';
import type { AnalysisPlan } from '../../../src/core/analysis/analysis-plan.ts';
import type { Outcome } from '../../../src/core/analysis/outcome.ts';
import { planAnalysisRun } from '../../../src/core/analysis/plan-analysis-run.ts';
import { recordMeasurements } from '../../../src/core/analysis/record-measurements.ts';
import { parseTimestamp } from '../../../src/core/values/rfc3339.ts';

export const START: EpochMs = parseTimestamp('2026-11-21T20:00:00Z') ?? 0;
export const SECOND = 1_000;

export function prometheusMetric(metric: Partial<Metric> = {}): Metric {
  return {
    name: 'success-rate',
    provider: { prometheus: { address: 'http://prometheus:9090', query: 'up' } },
    successCondition: 'result[0] >= 0.95',
    ...metric,
  };
}

export function analysisRun(metrics: readonly Metric[], spec: Partial<AnalysisRun['spec']> = {}): AnalysisRun {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: 'run', namespace: 'default', uid: 'uid-1', resourceVersion: '1' },
    spec: { metrics, ...spec },
  };
}

/** The outcome of a query that yields this vector. */
export function vector(...numbers: readonly number[]): Outcome {
  return { kind: 'value', result: numbers, value: `[${numbers.join(',')}]` };
}

export const unreachable: Outcome = { kind: 'error', message: 'connection refused', blindness: 'unreachable' };
export const badQuery: Outcome = { kind: 'error', message: 'bad_data: parse error' };

/**
 * Plays a run from `START`: whenever a metric is due, `measure` tells its outcome, which takes no time. Ends when the run
 * completes, when nothing is due any more, or after `until`.
 */
export function play(
  run: AnalysisRun,
  measure: (metric: Metric, index: number, now: EpochMs) => Outcome,
  until: EpochMs = START + 3_600 * SECOND,
): { status: AnalysisRunStatus; log: { at: number; metric: string }[]; events: string[]; last: AnalysisPlan } {
  const log: { at: number; metric: string }[] = [];
  const events: string[] = [];
  let status = run.status;
  let now = START;
  for (;;) {
    const current = status === undefined ? run : { ...run, status };
    let plan = planAnalysisRun(current, now);
    events.push(...plan.events.map(({ message }) => message));
    if (plan.tasks.length > 0) {
      const taken = plan.tasks.map(({ metric, index }) => {
        log.push({ at: (now - START) / SECOND, metric: metric.name });
        return { metric, startedAt: now, finishedAt: now, outcome: measure(metric, index, now) };
      });
      plan = recordMeasurements({ ...current, status: plan.status }, taken, now, (text) => text);
      events.push(...plan.events.map(({ message }) => message));
    }
    status = plan.status;
    if (plan.requeueAt === undefined || plan.requeueAt > until) return { status, log, events, last: plan };
    now = plan.requeueAt;
  }
}
