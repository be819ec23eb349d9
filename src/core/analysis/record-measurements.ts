import type { AnalysisRun, AnalysisRunStatus, Measurement, MetricResult } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import type { EpochMs, Timestamp } from '../../api/time.ts';
import { formatTimestamp } from '../values/rfc3339.ts';
import type { AnalysisPlan } from './analysis-plan.ts';
import { countersOf, countMeasurement, withoutZeros } from './counters.ts';
import { type Judgement, judge } from './judge.ts';
import { rulesOf } from './metric-rules.ts';
import { BLINDNESS_KEY, type TakenMeasurement } from './outcome.ts';
import { NEW_STATUS, planAnalysisRun, planOpen } from './plan-analysis-run.ts';
import { prepareRun } from './prepare-run.ts';
import { retain, shortText, shortValue } from './retention.ts';
import { postponedUntil } from './schedule.ts';

/**
 * Judges measurements and plans anew with them. A measurement of a metric that has been completed meanwhile is dropped.
 * Every text that comes from outside goes through `redact`, so that no secret argument gets into the status.
 */
export function recordMeasurements(
  run: AnalysisRun,
  taken: readonly TakenMeasurement[],
  now: EpochMs,
  redact: (text: string) => string,
): AnalysisPlan {
  const prepared = prepareRun(run);
  if (prepared.kind !== 'ready' || isCompleted(run.status?.phase)) return planAnalysisRun(run, now);
  let status: AnalysisRunStatus = { startedAt: firstStart(taken, now), ...(run.status ?? NEW_STATUS) };
  for (const measurement of taken) {
    const { name } = measurement.metric;
    const before = status.metricResults?.find((result) => result.name === name);
    if (isCompleted(before?.phase)) continue;
    const after = addMeasurement(before, measurement, prepared.retention.get(name), redact);
    const others = (status.metricResults ?? []).filter((result) => result.name !== name);
    status = { ...status, metricResults: [...others, after] };
  }
  return planOpen(run, prepared.rules, status, now);
}

/** The run begins with its first measurements, not when they are stored. */
function firstStart(taken: readonly TakenMeasurement[], now: EpochMs): Timestamp {
  return formatTimestamp(Math.min(now, ...taken.map(({ startedAt }) => startedAt)));
}

function addMeasurement(
  before: MetricResult | undefined,
  taken: TakenMeasurement,
  retention: number | undefined,
  redact: (text: string) => string,
): MetricResult {
  const judgement = judge(taken.metric, taken.outcome, taken.finishedAt);
  const measurement = measurementOf(taken, judgement, redact);
  const metadata = mapTexts(taken.metricMetadata ?? before?.metadata ?? {}, redact);
  return {
    name: taken.metric.name,
    phase: 'Running',
    ...withoutZeros({ ...before, ...countMeasurement(countersOf(before), judgement.phase) }),
    measurements: retain([...(before?.measurements ?? []), measurement], retention),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}

function measurementOf(taken: TakenMeasurement, judgement: Judgement, redact: (text: string) => string): Measurement {
  const { outcome, finishedAt } = taken;
  const blindness = judgement.blindness === undefined ? {} : { [BLINDNESS_KEY]: judgement.blindness };
  const metadata = mapTexts({ ...outcome.metadata, ...blindness }, redact);
  const retryAfterMs = outcome.kind === 'error' ? outcome.retryAfterMs : undefined;
  return {
    phase: judgement.phase,
    ...(judgement.message === undefined ? {} : { message: shortText(redact(judgement.message)) }),
    startedAt: formatTimestamp(taken.startedAt),
    finishedAt: formatTimestamp(finishedAt),
    ...(outcome.kind === 'value' ? { value: shortValue(redact(outcome.value)) } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(retryAfterMs === undefined
      ? {}
      : { resumeAt: formatTimestamp(postponedUntil(finishedAt, retryAfterMs, rulesOf(taken.metric))) }),
  };
}

function mapTexts(texts: Readonly<Record<string, string>>, redact: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, shortText(redact(text))]));
}
