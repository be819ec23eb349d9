import type { PrometheusMetric } from '../api/metric-provider.ts';
import type { EpochMs } from '../api/time.ts';
import { compile, evaluate } from '../core/expr/expr.ts';
import { ExprError } from '../core/expr/expr-error.ts';
import { GoTime } from '../core/expr/values.ts';
import { ProviderError } from './provider-error.ts';

type RangeQuery = NonNullable<PrometheusMetric['rangeQuery']>;

export interface TimeRange {
  readonly start: EpochMs;
  readonly end: EpochMs;
  /** A duration, or a number of seconds, as Prometheus takes it. */
  readonly step: string;
}

const NANOS_PER_MS = 1_000_000n;

/**
 * The moments that a `rangeQuery` means at `now`. Throws a `ProviderError` that names the field when an expression does
 * not yield a time.
 */
export function timeRangeOf({ start, end, step }: RangeQuery, now: EpochMs): TimeRange {
  if (step === undefined || step === '') throw misconfigured('step', 'is empty; write a duration such as 1m');
  return { start: momentOf('start', start, now), end: momentOf('end', end, now), step };
}

function momentOf(field: string, source: string | undefined, now: EpochMs): EpochMs {
  if (source === undefined || source === '') {
    throw misconfigured(field, 'is empty; write a time such as now() - duration("1h")');
  }
  try {
    const value = evaluate(compile(source), {}, { now });
    if (value instanceof GoTime) return Number(value.nanoseconds / NANOS_PER_MS);
  } catch (error) {
    if (error instanceof ExprError) throw misconfigured(field, `"${source}": ${error.message}`);
    throw error;
  }
  throw misconfigured(field, `"${source}" is not a time; write one such as now() - duration("1h")`);
}

function misconfigured(field: string, problem: string): ProviderError {
  return new ProviderError('misconfigured', `prometheus: rangeQuery.${field} ${problem}`);
}
