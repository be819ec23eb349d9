import { expect, it } from 'vitest';
import { DurationMetrics, secondsOf } from '../../../src/controllers/rollout/duration-metrics.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';

const ATTEMPT = {
  rolloutStartedAt: '2026-01-01T00:00:00Z',
  finishedAt: '2026-01-01T00:10:00Z',
  totalManualPauseDurationSeconds: 480,
  completionStatus: 'Aborted',
} as const;

it('divides the time between progress and people', () => {
  expect(secondsOf(ATTEMPT)).toEqual({ total: 600, manualPause: 480, progression: 120 });
  const { totalManualPauseDurationSeconds: _pause, ...straight } = ATTEMPT;
  expect(secondsOf(straight)).toEqual({ total: 600, manualPause: 0, progression: 600 });
});

it('is never negative, whatever the clock did', () => {
  expect(secondsOf({ ...ATTEMPT, finishedAt: '2025-12-31T23:59:00Z' })).toEqual({
    total: 0,
    manualPause: 480,
    progression: 0,
  });
});

it.each([
  ['without begin', { rolloutStartedAt: undefined }],
  ['that goes on', { finishedAt: undefined }],
  ['whose outcome nobody knows', { completionStatus: undefined }],
])('does not count an attempt %s', (_title, change) => {
  const metrics = new MetricsRegistry();
  const attempt = Object.fromEntries(Object.entries({ ...ATTEMPT, ...change }).filter(([, value]) => value));
  new DurationMetrics(metrics).observe(attempt);
  expect(metrics.expose()).not.toContain('duration_seconds');
});

it('has the names, the label and the buckets of Argo Rollouts', () => {
  const metrics = new MetricsRegistry();
  new DurationMetrics(metrics).observe(ATTEMPT);
  const boundsOf = (name: string): readonly string[] =>
    [...metrics.expose().matchAll(new RegExp(`^${name}_bucket{status="Aborted",le="(.*)"}`, 'gm'))].map(
      ([, bound]) => bound!,
    );
  expect(boundsOf('rollout_duration_seconds').join(' ')).toBe('30 60 120 300 600 1200 1800 3600 7200 14400 28800 +Inf');
  expect(boundsOf('rollout_progression_duration_seconds').join(' ')).toBe('30 60 120 300 600 900 1800 3600 +Inf');
  expect(boundsOf('rollout_manual_pause_duration_seconds').join(' ')).toBe(
    '0 60 300 600 1800 3600 7200 14400 28800 +Inf',
  );
});
