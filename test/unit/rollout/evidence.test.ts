import { expect, test } from 'vitest';
import type { AnalysisPhase, AnalysisRun } from '../../../src/api/analysis.ts';
import { blindness, missingEvidence } from '../../../src/core/rollout/evidence.ts';

const SINCE = Date.UTC(2026, 0, 1, 0, 1);
const BEFORE = '2026-01-01T00:00:59Z';
const EXACTLY = '2026-01-01T00:01:00Z';

function run(
  measured: Readonly<Record<string, readonly (readonly [AnalysisPhase, string])[]>>,
  more: object = {},
): AnalysisRun {
  const metrics = ['errors', 'latency'].map((name) => ({ name, provider: {} }));
  const metricResults = Object.entries(measured).map(([name, measurements]) => ({
    name,
    phase: 'Running' as const,
    measurements: measurements.map(([phase, startedAt]) => ({ phase, startedAt })),
  }));
  return { metadata: { name: 'run' }, spec: { metrics, ...more }, status: { phase: 'Running', metricResults } };
}

test('every metric needs a success begun at or after the moment', () => {
  expect(
    missingEvidence(run({ errors: [['Successful', EXACTLY]], latency: [['Successful', EXACTLY]] }), SINCE),
  ).toBeUndefined();
  expect(missingEvidence(run({ errors: [['Successful', EXACTLY]], latency: [['Successful', BEFORE]] }), SINCE)).toBe(
    'AnalysisRun run verified 1 of 2 metrics since 2026-01-01T00:01:00Z; metric latency last was Successful',
  );
});

test.each(['Failed', 'Inconclusive', 'Error', 'Running'] as const)('%s is no success', (phase) => {
  expect(missingEvidence(run({ errors: [['Successful', EXACTLY]], latency: [[phase, EXACTLY]] }), SINCE)).toContain(
    '1 of 2',
  );
});

test('a metric that was never measured is missing', () => {
  expect(missingEvidence(run({ errors: [['Successful', EXACTLY]] }), SINCE)).toContain('latency was not measured yet');
});

test('dry-run metrics do not count; their rule is a regular expression', () => {
  const dryRun = { dryRun: [{ metricName: 'late' }] };
  expect(missingEvidence(run({ errors: [['Successful', EXACTLY]] }, dryRun), SINCE)).toBeUndefined();
});

test('a rule that is no regular expression excuses nothing', () => {
  const dryRun = { dryRun: [{ metricName: '*' }] };
  expect(missingEvidence(run({ errors: [['Successful', EXACTLY]] }, dryRun), SINCE)).toContain('1 of 2');
});

test('a later success is not undone by what follows it', () => {
  const mixed = run({
    errors: [
      ['Successful', EXACTLY],
      ['Error', '2026-01-01T00:02:00Z'],
    ],
    latency: [['Successful', EXACTLY]],
  });
  expect(missingEvidence(mixed, SINCE)).toBeUndefined();
});

test('without a run nothing is verified', () => {
  expect(missingEvidence(undefined, SINCE)).toBe('no background AnalysisRun measures yet');
});

test('a run that ended can verify no more, and says so', () => {
  const ended = run({ errors: [['Successful', BEFORE]], latency: [['Successful', BEFORE]] });
  const status = { ...ended.status!, phase: 'Successful' as const };
  expect(missingEvidence({ ...ended, status }, SINCE)).toBe(
    'AnalysisRun run ended (Successful) before it verified all metrics',
  );
});

test('a judge whose last measurement found no data is blind, whatever it saw before', () => {
  const measurements = (last: object) => [{ phase: 'Successful' as const }, last];
  const judged = (last: object): AnalysisRun => ({
    ...run({}),
    status: {
      phase: 'Running',
      metricResults: [{ name: 'errors', phase: 'Running', measurements: measurements(last) as never }],
    },
  });
  const blind = { phase: 'Error', message: 'no data: 0 series', metadata: { 'linnet.dev/blind': 'no-data' } };
  expect(blindness(judged(blind))).toBe(
    'AnalysisRun run sees nothing; metric errors last was Error (no data: 0 series)',
  );
  expect(blindness(judged({ phase: 'Error', message: 'a typing mistake' }))).toBeUndefined();
  expect(blindness(judged({ phase: 'Successful' }))).toBeUndefined();
  expect(blindness(undefined)).toBeUndefined();
});
