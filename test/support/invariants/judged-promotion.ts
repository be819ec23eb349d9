import type { AnalysisRun } from '../../../src/api/analysis.ts';

/** A version that became stable in the ordinary way: neither the first one, nor by a full promotion, nor a rollback. */
export interface Promotion {
  readonly hash: string;
  /** AnalysisRuns of its update, the newest last. */
  readonly runs: readonly AnalysisRun[];
  /** For how long nothing has kept the controller from knowing that the newest run has ended. */
  readonly endedForMs: number;
  readonly boundMs: number;
  /** Whether the provider ever had a number for it. */
  readonly hasData: boolean;
}

/**
 * Promises 2.4 and 2.7 of the charter: no traffic, no promotion, and what was analysed is what is promoted. A Rollout with
 * background analysis promotes a version only when a run of that version has measured every metric well at least once,
 * which takes data, whatever the run says, and never against the verdict of the newest run.
 */
export function judgedPromotion(promotion: Promotion): readonly string[] {
  const { hash, runs, endedForMs, boundMs, hasData } = promotion;
  if (!hasData) return [`${hash} was promoted and nobody ever had data about it (${runs.length} runs)`];
  const verdict = runs.at(-1)?.status?.phase;
  if ((verdict === 'Failed' || verdict === 'Error') && endedForMs > boundMs)
    return [`${hash} was promoted and its newest analysis had ended as ${verdict} ${endedForMs} ms before`];
  const hasSuccess = runs.some(({ status, spec }) =>
    spec.metrics.every((metric) =>
      status?.metricResults?.some(({ name, successful }) => name === metric.name && (successful ?? 0) > 0),
    ),
  );
  return hasSuccess ? [] : [`${hash} was promoted and no analysis of it ever succeeded (${runs.length} runs)`];
}
