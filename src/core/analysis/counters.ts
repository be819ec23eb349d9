import type { Measurement, MetricResult } from '../../api/analysis.ts';

/** The numbers of a metric result. Argo Rollouts leaves out those that are 0, and so does everything here. */
export interface Counters {
  readonly count: number;
  readonly successful: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly error: number;
  readonly consecutiveError: number;
  readonly consecutiveSuccess: number;
}

/** Counters of a result, with absent ones as 0. */
export function countersOf(result: MetricResult | undefined): Counters {
  return {
    count: result?.count ?? 0,
    successful: result?.successful ?? 0,
    failed: result?.failed ?? 0,
    inconclusive: result?.inconclusive ?? 0,
    error: result?.error ?? 0,
    consecutiveError: result?.consecutiveError ?? 0,
    consecutiveSuccess: result?.consecutiveSuccess ?? 0,
  };
}

/**
 * Counters after one more completed measurement. An error is no judgement: it does not raise `count`, and so never
 * brings a metric nearer to its end (4.5.5 of the reference of Argo Rollouts).
 */
export function countMeasurement(counters: Counters, phase: Measurement['phase']): Counters {
  switch (phase) {
    case 'Successful':
      return {
        ...judged(counters),
        successful: counters.successful + 1,
        consecutiveSuccess: counters.consecutiveSuccess + 1,
      };
    case 'Failed':
      return { ...judged(counters), failed: counters.failed + 1 };
    case 'Inconclusive':
      return { ...judged(counters), inconclusive: counters.inconclusive + 1 };
    case 'Error':
      return {
        ...counters,
        error: counters.error + 1,
        consecutiveError: counters.consecutiveError + 1,
        consecutiveSuccess: 0,
      };
    case 'Pending':
    case 'Running':
      return counters;
  }
}

function judged(counters: Counters): Counters {
  return { ...counters, count: counters.count + 1, consecutiveError: 0, consecutiveSuccess: 0 };
}

/** An object without the members that are 0. */
export function withoutZeros<T extends object>(numbers: T): Partial<T> {
  const kept: Partial<T> = { ...numbers };
  for (const key in numbers) if (numbers[key] === 0) delete kept[key];
  return kept;
}
