import type { Metric } from '../../api/analysis.ts';
import { parseDuration } from '../values/go-duration.ts';
import { ValueError } from '../values/value-error.ts';

/** How often a metric is measured and how it is assessed, with Argo Rollouts' defaults filled in (4.2 of its reference). */
export interface MetricRules {
  readonly name: string;
  /** Undefined when there is one measurement only. */
  readonly intervalMs: number | undefined;
  readonly initialDelayMs: number;
  /** Judged measurements after which the metric is complete; undefined when there is no end. */
  readonly count: number | undefined;
  /** Undefined when any number of failures is tolerated (-1). */
  readonly failureLimit: number | undefined;
  readonly inconclusiveLimit: number;
  readonly consecutiveErrorLimit: number;
  /** Whether the author wrote `consecutiveErrorLimit`, and so wants errors to end in Error whatever their cause. */
  readonly errorLimitIsExplicit: boolean;
  /** Undefined when off. */
  readonly consecutiveSuccessLimit: number | undefined;
}

/** Of Argo Rollouts: the fifth error in a row ends the metric. */
const DEFAULT_CONSECUTIVE_ERROR_LIMIT = 4;

/**
 * Reads the rules of a metric whose arguments are filled in.
 * @throws ValueError when a number or duration cannot be read, naming the field.
 */
export function rulesOf(metric: Metric): MetricRules {
  const intervalMs = durationOf(metric, 'interval');
  const count = integerOf(metric, 'count') ?? 0;
  const failureLimit = integerOf(metric, 'failureLimit') ?? 0;
  const consecutiveSuccessLimit = integerOf(metric, 'consecutiveSuccessLimit') ?? 0;
  const errorLimit = integerOf(metric, 'consecutiveErrorLimit');
  return {
    name: metric.name,
    intervalMs,
    initialDelayMs: durationOf(metric, 'initialDelay') ?? 0,
    count: effectiveCount(count, intervalMs),
    failureLimit: failureLimit < 0 ? undefined : failureLimit,
    inconclusiveLimit: integerOf(metric, 'inconclusiveLimit') ?? 0,
    consecutiveErrorLimit: errorLimit ?? DEFAULT_CONSECUTIVE_ERROR_LIMIT,
    errorLimitIsExplicit: errorLimit !== undefined,
    consecutiveSuccessLimit: consecutiveSuccessLimit > 0 ? consecutiveSuccessLimit : undefined,
  };
}

function effectiveCount(count: number, intervalMs: number | undefined): number | undefined {
  if (count > 0) return count;
  return intervalMs === undefined ? 1 : undefined;
}

type NumberField = 'count' | 'failureLimit' | 'inconclusiveLimit' | 'consecutiveErrorLimit' | 'consecutiveSuccessLimit';

function integerOf(metric: Metric, field: NumberField): number | undefined {
  const value = metric[field];
  if (value === undefined || typeof value === 'number') return value;
  if (/^[+-]?\d{1,10}$/.test(value)) return Number(value);
  throw new ValueError(`${field}: ${JSON.stringify(value)} is not an integer`);
}

function durationOf(metric: Metric, field: 'interval' | 'initialDelay'): number | undefined {
  const text = metric[field];
  if (text === undefined || text === '') return undefined;
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof ValueError) throw new ValueError(`${field}: ${error.message}`);
    throw error;
  }
}
