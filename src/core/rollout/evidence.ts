import type { AnalysisRun, MetricResult } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import { nameOf } from '../../api/object-name.ts';
import type { EpochMs } from '../../api/time.ts';
import { expandNamedRules } from '../analysis/metric-names.ts';
import { BLINDNESS_KEY } from '../analysis/outcome.ts';
import { momentOf, timestamp } from './moments.ts';

/** Names of the metrics that have consequences, in the order of the run's spec. */
function countedMetrics({ spec }: AnalysisRun): readonly string[] {
  const names = spec.metrics.map((metric) => metric.name);
  const { dryRun } = expandNamedRules(names, spec.dryRun ?? [], []);
  return names.filter((name) => !dryRun.has(name));
}

/** Metrics without a successful measurement that was started at or after `since`. No data is no success. */
function unverifiedMetrics(run: AnalysisRun, since: EpochMs): readonly string[] {
  const results = run.status?.metricResults ?? [];
  return countedMetrics(run).filter(
    (name) => !results.some((result) => result.name === name && succeeded(result, since)),
  );
}

function succeeded(result: MetricResult, since: EpochMs): boolean {
  return (result.measurements ?? []).some(
    ({ phase, startedAt }) => phase === 'Successful' && (momentOf(startedAt) ?? Number.NEGATIVE_INFINITY) >= since,
  );
}

/**
 * What is not verified yet, for people; undefined when every metric that counts succeeded at least once.
 *
 * @param since only measurements begun from then on count; undefined: all.
 */
export function missingEvidence(run: AnalysisRun | undefined, since: EpochMs | undefined): string | undefined {
  if (run === undefined) return 'no background AnalysisRun measures yet';
  const name = nameOf(run);
  const missing = unverifiedMetrics(run, since ?? Number.NEGATIVE_INFINITY);
  if (missing.length === 0) return undefined;
  if (isCompleted(run.status?.phase))
    return `AnalysisRun ${name} ended (${run.status?.phase ?? ''}) before it verified all metrics`;
  const [first = ''] = missing;
  const total = countedMetrics(run).length;
  return `AnalysisRun ${name} verified ${total - missing.length} of ${total} metrics${since === undefined ? '' : ` since ${timestamp(since)}`}; ${latest(run, first)}`;
}

/**
 * Why the judge sees nothing at the moment; undefined when every metric that counts was last measured on real data. A
 * blind judge lets nothing go on by itself, and takes nothing back (docs/decisions/0003-no-data.md).
 */
export function blindness(run: AnalysisRun | undefined): string | undefined {
  if (run === undefined || isCompleted(run.status?.phase)) return undefined;
  const blind = countedMetrics(run).find((name) => {
    const result = run.status?.metricResults?.find((candidate) => candidate.name === name);
    return result?.measurements?.at(-1)?.metadata?.[BLINDNESS_KEY] !== undefined;
  });
  return blind === undefined ? undefined : `AnalysisRun ${nameOf(run)} sees nothing; ${latest(run, blind)}`;
}

function latest(run: AnalysisRun, metric: string): string {
  const result = run.status?.metricResults?.find(({ name }) => name === metric);
  const measurement = result?.measurements?.at(-1);
  if (measurement === undefined) return `metric ${metric} was not measured yet`;
  const reason = measurement.message === undefined || measurement.message === '' ? '' : ` (${measurement.message})`;
  return `metric ${metric} last was ${measurement.phase}${reason}`;
}
