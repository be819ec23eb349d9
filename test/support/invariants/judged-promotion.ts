import type { AnalysisRun } from '../../../src/api/analysis.ts';

/** A version that became stable in the ordinary way: neither the first one, nor by a full promotion, nor a rollback. */
export interface Promotion {
  readonly hash: string;
  /** AnalysisRuns of its update. */
  readonly runs: readonly AnalysisRun[];
}

/**
 * Promises 2.4 and 2.7 of the charter: no traffic, no promotion, and what was analysed is what is promoted. A Rollout with
 * background analysis promotes a version only when a run of that version has measured every metric well at least once.
 */
export function judgedPromotion({ hash, runs }: Promotion): readonly string[] {
  const hasSuccess = runs.some(({ status, spec }) =>
    spec.metrics.every((metric) =>
      status?.metricResults?.some(({ name, successful }) => name === metric.name && (successful ?? 0) > 0),
    ),
  );
  return hasSuccess ? [] : [`${hash} was promoted and no analysis of it ever succeeded (${runs.length} runs)`];
}
