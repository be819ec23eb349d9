import type { AnalysisRun, Metric } from '../../api/analysis.ts';
import type { Measurement, MetricResult } from '../../api/analysis-status.ts';

/** How one metric of a run stands. */
export interface MetricState {
  readonly name: string;
  /** `Pending` before the first measurement. */
  readonly phase: string;
  readonly dryRun: boolean;
  readonly successful: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly errors: number;
  readonly last: Measurement | undefined;
  /** The rule by which measurements are judged, for people. */
  readonly condition: string;
}

export function metricStates(run: AnalysisRun): readonly MetricState[] {
  const results = run.status?.metricResults ?? [];
  return run.spec.metrics.map((metric) =>
    stateOf(
      metric,
      results.find(({ name }) => name === metric.name),
    ),
  );
}

function stateOf(metric: Metric, result: MetricResult | undefined): MetricState {
  return {
    name: metric.name,
    phase: result?.phase ?? 'Pending',
    dryRun: result?.dryRun ?? false,
    successful: result?.successful ?? 0,
    failed: result?.failed ?? 0,
    inconclusive: result?.inconclusive ?? 0,
    errors: result?.error ?? 0,
    last: result?.measurements?.at(-1),
    condition: conditionOf(metric),
  };
}

function conditionOf({ successCondition, failureCondition }: Metric): string {
  const parts = [
    ...(given(successCondition) ? [`success: ${successCondition}`] : []),
    ...(given(failureCondition) ? [`failure: ${failureCondition}`] : []),
  ];
  return parts.length === 0 ? 'any value' : parts.join('; ').replaceAll(/\s+/g, ' ');
}

function given(condition: string | undefined): condition is string {
  return condition !== undefined && condition.trim() !== '';
}

/** Whether a person who wonders why a release stopped should look at this metric. */
export function isTroubled(metric: MetricState): boolean {
  return ['Failed', 'Error', 'Inconclusive'].some((phase) => phase === metric.phase || phase === metric.last?.phase);
}

/** Longest measured value in a line; a longer one says little to a person. */
const LONGEST_VALUE = 60;

/** The last measurement in a few words: what was measured, or why there is nothing. */
export function lastValue({ last }: MetricState): string {
  if (last === undefined) return 'not measured yet';
  const { value = '', message = '' } = last;
  const text = value === '' ? message : value;
  if (text === '') return 'no value';
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST_VALUE ? `${line.slice(0, LONGEST_VALUE - 1)}…` : line;
}
