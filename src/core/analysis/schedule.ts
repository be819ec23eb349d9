import type { Measurement, MetricResult } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import type { EpochMs } from '../../api/time.ts';
import { parseTimestamp } from '../values/rfc3339.ts';
import type { MetricRules } from './metric-rules.ts';
import { BLINDNESS_KEY } from './outcome.ts';

/** Argo Rollouts measures again this long after an error, whatever the interval. */
const ERROR_RETRY_MS = 10_000;

/** Timestamps have whole seconds; a shorter interval would measure without a pause. */
const SHORTEST_INTERVAL_MS = 1_000;

/**
 * When a metric is to be measured next; undefined when it is complete. A moment in the past means now.
 *
 * A provider that *answered* that there is nothing is not asked more often than the interval says (nor more often than
 * every 10 s): traffic does not come sooner by asking, and a low-traffic service needs the time.
 *
 * A measurement that lies ahead of `now` was taken before the clock was set back. Its interval would leave the version
 * unjudged for as long as the clock was set back, so the next one is due.
 */
export function nextMeasurementAt(
  rules: MetricRules,
  result: MetricResult | undefined,
  runStartedAt: EpochMs,
  now: EpochMs,
): EpochMs | undefined {
  if (isCompleted(result?.phase)) return undefined;
  const last = result?.measurements?.at(-1);
  if (last === undefined) return runStartedAt + rules.initialDelayMs;
  if (rules.count !== undefined && (result?.count ?? 0) >= rules.count) return undefined;
  const finishedAt = momentOf(last.finishedAt) ?? momentOf(last.startedAt) ?? runStartedAt;
  if (finishedAt > now) return now;
  const due = finishedAt + waitAfter(last, rules);
  return Math.max(due, momentOf(last.resumeAt) ?? due);
}

function waitAfter(last: Measurement, rules: MetricRules): number {
  const intervalMs = Math.max(rules.intervalMs ?? 0, SHORTEST_INTERVAL_MS);
  if (last.phase !== 'Error') return intervalMs;
  return providerAnswered(last) ? Math.max(ERROR_RETRY_MS, intervalMs) : ERROR_RETRY_MS;
}

function providerAnswered(measurement: Measurement): boolean {
  const blindness = measurement.metadata?.[BLINDNESS_KEY];
  return blindness !== undefined && blindness !== 'unreachable';
}

/**
 * Until when an overloaded provider is left alone: as long as it asks for, but no longer than the interval (or the usual
 * wait after an error), so that an absurd `Retry-After` does not end the judging.
 */
export function postponedUntil(finishedAt: EpochMs, retryAfterMs: number, rules: MetricRules): EpochMs {
  const longestMs = Math.max(ERROR_RETRY_MS, rules.intervalMs ?? 0);
  return finishedAt + Math.min(Math.max(retryAfterMs, ERROR_RETRY_MS), longestMs);
}

function momentOf(timestamp: string | undefined): EpochMs | undefined {
  return timestamp === undefined ? undefined : parseTimestamp(timestamp);
}
