import type { AnalysisRun, Metric, MetricResult } from '../../api/analysis.ts';
import type { AnalysisPhase } from '../../api/analysis-phase.ts';
import { nameOf } from '../../api/object-name.ts';

/** Which measurement ended an analysis. Texts are empty where there is nothing to say. */
export interface AnalysisFailure {
  readonly run: string;
  readonly phase: AnalysisPhase;
  readonly metric: string;
  /** What was measured; empty when nothing was. */
  readonly value: string;
  /** How the value stands to the condition, e.g. `does not meet`. */
  readonly relation: string;
  /** Which condition decided, e.g. `successCondition: result[0] >= 0.95`. */
  readonly condition: string;
  readonly message: string;
}

/** Digits of a measured number that people read. */
const DIGITS = 6;

/** The metric that ended the newest of `runs` that did not succeed; undefined when none did so. */
export function failureOf(runs: readonly AnalysisRun[]): AnalysisFailure | undefined {
  const run = runs.find(({ status }) => isBad(status?.phase));
  const phase = run?.status?.phase;
  if (run === undefined || phase === undefined) return undefined;
  const results = (run.status?.metricResults ?? []).filter((result) => result.dryRun !== true && isBad(result.phase));
  const result = results.find((candidate) => candidate.phase === phase) ?? results[0];
  if (result === undefined) return undefined;
  const metric = run.spec.metrics.find(({ name }) => name === result.name);
  const measurement = result.measurements?.findLast((candidate) => candidate.phase === result.phase);
  return {
    run: nameOf(run),
    phase,
    metric: result.name,
    value: readable(measurement?.value ?? ''),
    ...(metric === undefined ? UNDECIDED : decidingCondition(metric, result)),
    message: measurement?.message ?? result.message ?? '',
  };
}

function isBad(phase: AnalysisPhase | undefined): boolean {
  return phase === 'Failed' || phase === 'Error' || phase === 'Inconclusive';
}

type Decision = Pick<AnalysisFailure, 'relation' | 'condition'>;

const UNDECIDED: Decision = { relation: '', condition: '' };

/** A failureCondition decides alone whether a measurement failed; without one, a successCondition that does not hold does. */
function decidingCondition(
  { successCondition = '', failureCondition = '' }: Metric,
  { phase }: MetricResult,
): Decision {
  const success = successCondition === '' ? [] : [`successCondition: ${successCondition}`];
  const failure = failureCondition === '' ? [] : [`failureCondition: ${failureCondition}`];
  const [decisive] = [...failure, ...success];
  if (decisive === undefined || phase === 'Error') return UNDECIDED;
  if (phase === 'Inconclusive') return { relation: 'meets neither', condition: [...success, ...failure].join('; ') };
  return { relation: failure.length > 0 ? 'meets' : 'does not meet', condition: decisive };
}

/** A list of one number, as Prometheus' instant queries give, is that number. */
function readable(value: string): string {
  const [, inner = value] = /^\[([^[\],]*)\]$/.exec(value) ?? [];
  const number = Number(inner);
  return inner.trim() === '' || !Number.isFinite(number) ? value : String(Number(number.toPrecision(DIGITS)));
}
