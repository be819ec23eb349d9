import { describe, expect, it } from 'vitest';
import { planAnalysisRun } from '../../../src/core/analysis/plan-analysis-run.ts';
import { analysisRun, badQuery, play, prometheusMetric, SECOND, START, unreachable, vector } from './fixtures.ts';

const at = (log: readonly { at: number }[]): number[] => log.map((entry) => entry.at);

describe('a run with one measurement', () => {
  it('succeeds', () => {
    const { status, events } = play(analysisRun([prometheusMetric()]), () => vector(0.99));
    expect(status).toEqual({
      phase: 'Successful',
      startedAt: '2026-11-21T20:00:00Z',
      completedAt: '2026-11-21T20:00:00Z',
      metricResults: [
        {
          name: 'success-rate',
          phase: 'Successful',
          count: 1,
          successful: 1,
          consecutiveSuccess: 1,
          measurements: [
            {
              phase: 'Successful',
              startedAt: '2026-11-21T20:00:00Z',
              finishedAt: '2026-11-21T20:00:00Z',
              value: '[0.99]',
            },
          ],
        },
      ],
      runSummary: { count: 1, successful: 1 },
      dryRunSummary: {},
    });
    expect(events).toEqual([
      "Metric 'success-rate' Completed. Result: Successful",
      'Analysis Completed. Result: Successful',
    ]);
  });

  it('fails at the first failure, and says why', () => {
    const { status } = play(analysisRun([prometheusMetric()]), () => vector(0.5));
    expect(status.phase).toBe('Failed');
    expect(status.message).toBe('Metric "success-rate" assessed Failed due to failed (1) > failureLimit (0)');
  });
});

describe('when measurements are taken', () => {
  it('follows the interval until the count is reached', () => {
    const { log, status } = play(analysisRun([prometheusMetric({ interval: '1m', count: 3 })]), () => vector(1));
    expect(at(log)).toEqual([0, 60, 120]);
    expect(status.phase).toBe('Successful');
  });

  it('waits for initialDelay', () => {
    const run = analysisRun([prometheusMetric({ initialDelay: '90s' }), prometheusMetric({ name: 'other' })]);
    expect(play(run, () => vector(1)).log).toEqual([
      { at: 0, metric: 'other' },
      { at: 90, metric: 'success-rate' },
    ]);
  });

  it('tries again 10 s after an error, whatever the interval', () => {
    const run = analysisRun([prometheusMetric({ interval: '5m', count: 2 })]);
    const { log } = play(run, (_metric, index) => (index === 0 ? unreachable : vector(1)));
    expect(at(log)).toEqual([0, 10, 310]);
  });

  it('does not ask a provider that has nothing more often than the interval says', () => {
    const run = analysisRun([prometheusMetric({ interval: '5m', count: 1 })]);
    expect(at(play(run, (_metric, index) => (index === 0 ? vector() : vector(1))).log)).toEqual([0, 300]);
  });

  it('goes on without end when there is an interval and no count', () => {
    const { log, status } = play(analysisRun([prometheusMetric({ interval: '10s' })]), () => vector(1));
    expect(log).toHaveLength(361);
    expect(status.phase).toBe('Running');
    expect(status.metricResults?.[0]?.measurements).toHaveLength(10);
  });

  it('leaves an overloaded provider alone as long as it asks for, within the interval', () => {
    const overloaded = (retryAfterMs: number) => ({ ...unreachable, retryAfterMs });
    const run = analysisRun([prometheusMetric({ interval: '1m', count: 1 })]);
    const times = (retryAfterMs: number) =>
      at(play(run, (_metric, index) => (index === 0 ? overloaded(retryAfterMs) : vector(1))).log);
    expect(times(25 * SECOND)).toEqual([0, 25]);
    expect(times(1 * SECOND)).toEqual([0, 10]);
    expect(times(86_400 * SECOND)).toEqual([0, 60]);
  });

  it('does not wait for a clock that was set back', () => {
    const run = analysisRun([prometheusMetric({ interval: '1m', count: 3 })]);
    const { status } = play(run, () => vector(1), START + 30 * SECOND);
    const afterwards = planAnalysisRun({ ...run, status }, START - 600 * SECOND);
    expect(afterwards.tasks.map(({ metric }) => metric.name)).toEqual(['success-rate']);
  });

  it('never measures without a pause', () => {
    const run = analysisRun([prometheusMetric({ interval: '1ms', count: 3 })]);
    expect(at(play(run, () => vector(1)).log)).toEqual([0, 1, 2]);
  });
});

describe('limits', () => {
  it('tolerate failureLimit failures', () => {
    const run = analysisRun([prometheusMetric({ interval: '1m', count: 5, failureLimit: 2 })]);
    expect(play(run, (_metric, index) => vector(index < 2 ? 0 : 1)).status.phase).toBe('Successful');
    const failed = play(run, (_metric, index) => vector(index < 3 ? 0 : 1));
    expect(failed.status.message).toBe('Metric "success-rate" assessed Failed due to failed (3) > failureLimit (2)');
    expect(failed.log).toHaveLength(3);
  });

  it('end in Inconclusive when neither condition holds', () => {
    const run = analysisRun([prometheusMetric({ failureCondition: 'result[0] < 0.5' })]);
    const { status } = play(run, () => vector(0.7));
    expect(status.phase).toBe('Inconclusive');
    expect(status.message).toBe(
      'Metric "success-rate" assessed Inconclusive due to inconclusive (1) > inconclusiveLimit (0)',
    );
  });

  it('end in success after consecutiveSuccessLimit successes in a row', () => {
    const metric = prometheusMetric({ interval: '1m', consecutiveSuccessLimit: 3, failureLimit: -1 });
    const { log, status } = play(analysisRun([metric]), (_metric, index) => vector(index === 2 ? 0 : 1));
    expect(log).toHaveLength(6);
    expect(status.phase).toBe('Successful');
  });

  it.each([
    { failureLimit: 1, phase: 'Inconclusive' },
    { failureLimit: -1, phase: 'Failed' },
  ])('at the count, without enough successes in a row and with failureLimit $failureLimit: $phase', (example) => {
    const { failureLimit, phase } = example;
    const metric = prometheusMetric({ interval: '1m', consecutiveSuccessLimit: 2, count: 3, failureLimit });
    const { status } = play(analysisRun([metric]), (_metric, index) => vector(index === 1 ? 0 : 1));
    expect(status.phase).toBe(phase);
    expect(status.message).toContain('consecutiveSuccessLimit (2) not reached in 3 measurements');
  });

  it('count mistakes of the author towards Error', () => {
    const { status, log } = play(analysisRun([prometheusMetric()]), () => badQuery);
    expect(at(log)).toEqual([0, 10, 20, 30, 40]);
    expect(status.phase).toBe('Error');
    expect(status.message).toBe(
      'Metric "success-rate" assessed Error due to consecutiveErrors (5) > consecutiveErrorLimit (4): "Error Message: bad_data: parse error"',
    );
  });

  it('do not count an error as a judgement', () => {
    const run = analysisRun([prometheusMetric({ interval: '10s', count: 2 })]);
    const { status } = play(run, (_metric, index) => (index % 2 === 0 ? unreachable : vector(1)));
    expect(status.phase).toBe('Successful');
    expect(status.metricResults?.[0]).toMatchObject({ count: 2, error: 2, successful: 2 });
    expect(status.metricResults?.[0]).not.toHaveProperty('consecutiveError');
  });
});

describe('without data to judge by', () => {
  it.each([
    ['an unreachable provider', unreachable, 'connection refused'],
    ['an empty vector', vector(), 'no data: the query returned an empty vector (0 series)'],
    ['NaN', vector(Number.NaN), 'no traffic: the query returned [NaN]'],
  ])('a run neither succeeds nor fails: %s', (_name, outcome, message) => {
    const { status } = play(analysisRun([prometheusMetric()]), () => outcome);
    expect(status.phase).toBe('Inconclusive');
    expect(status.message).toContain(
      'Metric "success-rate" assessed Inconclusive due to consecutiveErrors (5) > consecutiveErrorLimit (4) without data to judge by: "Error Message: ',
    );
    expect(status.message).toContain(message);
  });

  it('ends in Error, as in Argo Rollouts, when the author set consecutiveErrorLimit', () => {
    const { status } = play(analysisRun([prometheusMetric({ consecutiveErrorLimit: 1 })]), () => vector());
    expect(status.phase).toBe('Error');
  });

  it('no metric succeeds by never having succeeded', () => {
    const metric = prometheusMetric({ interval: '1m', count: 2, failureLimit: 2 });
    const { status } = play(analysisRun([metric]), () => vector(0));
    expect(status.phase).toBe('Inconclusive');
    expect(status.message).toBe('Metric "success-rate" assessed Inconclusive due to no successful measurement');
  });
});

describe('several metrics', () => {
  const metrics = [
    prometheusMetric({ name: 'a', interval: '1m', count: 10 }),
    prometheusMetric({ name: 'b', interval: '1m', count: 10, failureCondition: 'result[0] < 0.5' }),
  ];

  it('end together when one fails', () => {
    const { status, log } = play(analysisRun(metrics), ({ name }, index) =>
      vector(name === 'b' && index === 1 ? 0 : 1),
    );
    expect(log).toHaveLength(4);
    expect(status.phase).toBe('Failed');
    expect(status.metricResults?.map(({ phase }) => phase)).toEqual(['Successful', 'Failed']);
    expect(status.runSummary).toEqual({ count: 2, successful: 1, failed: 1 });
  });

  it('name the metric that ended the run, not one that was ended by it', () => {
    const { status } = play(analysisRun([prometheusMetric({ name: 'late', initialDelay: '1m' }), metrics[1]!]), () => ({
      kind: 'value',
      result: [0.7],
      value: '[0.7]',
    }));
    expect(status.message).toContain('Metric "b" assessed');
  });

  it('a dry run has no consequence', () => {
    const run = analysisRun(metrics, { dryRun: [{ metricName: '^b$' }] });
    const { status } = play(run, ({ name }) => vector(name === 'b' ? 0 : 1));
    expect(status.phase).toBe('Successful');
    expect(status.runSummary).toEqual({ count: 1, successful: 1 });
    expect(status.dryRunSummary).toEqual({ count: 1, failed: 1 });
    expect(status.metricResults?.[1]).toMatchObject({
      dryRun: true,
      phase: 'Failed',
      message: 'Metric assessed Failed due to failed (1) > failureLimit (0)',
    });
  });

  it('a run of dry metrics only is Successful', () => {
    const run = analysisRun(metrics, { dryRun: [{ metricName: '.*' }] });
    expect(play(run, () => vector(0)).status.phase).toBe('Successful');
  });
});

describe('a run that Argo Rollouts began', () => {
  const measured = {
    phase: 'Successful',
    startedAt: '2026-11-21T19:59:40Z',
    finishedAt: '2026-11-21T19:59:40Z',
    value: '[1]',
  } as const;
  const run = {
    ...analysisRun([prometheusMetric({ interval: '1m', count: 2 })]),
    status: {
      phase: 'Running',
      startedAt: '2026-11-21T19:59:40Z',
      metricResults: [
        {
          name: 'success-rate',
          phase: 'Running',
          count: 1,
          successful: 1,
          consecutiveSuccess: 1,
          measurements: [measured],
          metadata: { ResolvedPrometheusQuery: 'up' },
        },
      ],
      runSummary: { count: 1 },
      dryRunSummary: {},
    },
  } as const;

  it('is left as it is until its next measurement is due, and then carried on', () => {
    expect(planAnalysisRun(run, START)).toMatchObject({
      status: run.status,
      requeueAt: START + 40 * SECOND,
      tasks: [],
    });
    const { status, log } = play(run, () => vector(1));
    expect(at(log)).toEqual([40]);
    expect(status).toMatchObject({ phase: 'Successful', startedAt: run.status.startedAt });
  });
});

describe('termination', () => {
  it('keeps what was measured', () => {
    const run = analysisRun([prometheusMetric({ interval: '1m' })]);
    const { status } = play(run, () => vector(1), START + 70 * SECOND);
    const ended = planAnalysisRun({ ...run, spec: { ...run.spec, terminate: true }, status }, START + 80 * SECOND);
    expect(ended.status.phase).toBe('Successful');
    expect(ended.status.message).toBe('Run Terminated');
    expect(ended.status.completedAt).toBe('2026-11-21T20:01:20Z');
    expect(ended.tasks).toEqual([]);
  });

  it('is no success for a metric that was never measured', () => {
    const { status } = play(analysisRun([prometheusMetric()], { terminate: true }), () => vector(1));
    expect(status.phase).toBe('Inconclusive');
    expect(status.message).toBe('Metric "success-rate" assessed Inconclusive due to no successful measurement');
  });
});

describe('a spec that cannot be measured', () => {
  it.each([
    ['no metric', analysisRun([]), 'Analysis spec invalid: metrics: no metrics specified'],
    [
      'a count without interval',
      analysisRun([prometheusMetric({ count: 2 })]),
      'Analysis spec invalid: metrics[0].interval: interval must be specified when count > 1',
    ],
    [
      'an unknown argument',
      analysisRun([prometheusMetric({ successCondition: 'result[0] > {{args.limit}}' })]),
      'failed to resolve {{args.limit}}',
    ],
    [
      'an argument without value',
      analysisRun([prometheusMetric()], { args: [{ name: 'x' }] }),
      'args.x was not resolved',
    ],
    [
      'a dry-run rule for nothing',
      analysisRun([prometheusMetric()], { dryRun: [{ metricName: '*' }] }),
      "dryRun[0]: Rule didn't match any metric name(s)",
    ],
    [
      'a number that is none',
      analysisRun([prometheusMetric({ count: '{{args.n}}' })], { args: [{ name: 'n', value: 'many' }] }),
      'Analysis spec invalid: metrics[0].count: must be a whole number, or an argument such as "{{args.count}}": "many"',
    ],
    [
      'a provider that there is not',
      analysisRun([{ name: 'm', provider: { web: { url: 'http://x' } } }]),
      'Analysis spec invalid: metrics[0].provider.web: measuring with the web provider is not supported by this version of Linnet; use provider.prometheus',
    ],
  ])('%s', (_name, run, message) => {
    const { status, events } = play(run, () => vector(1));
    expect(status).toMatchObject({ phase: 'Error', message, completedAt: '2026-11-21T20:00:00Z' });
    expect(events).toEqual(['Analysis Completed. Result: Error']);
  });
});

it('a run of a Rollout with a provider that there is not belongs to Argo Rollouts', () => {
  const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web', uid: 'u', controller: true };
  const run = analysisRun([{ name: 'm', provider: { web: { url: 'http://x' } } }]);
  const owned = { ...run, metadata: { ...run.metadata, ownerReferences: [owner] } };
  expect(planAnalysisRun(owned, START)).toMatchObject({ status: { phase: 'Pending' }, tasks: [], events: [] });
  const running = { ...owned, status: { phase: 'Running', startedAt: '2026-11-21T19:59:40Z' } } as const;
  expect(planAnalysisRun(running, START).status).toEqual(running.status);
});

describe('a completed run', () => {
  const ttl = { secondsAfterCompletion: 100, secondsAfterSuccess: 50 };
  const completed = (phase: 'Successful' | 'Failed') => ({
    ...analysisRun([prometheusMetric()], { ttlStrategy: ttl }),
    status: { phase, completedAt: '2026-11-21T20:00:00Z' } as const,
  });

  it('is left as it is until its time is over', () => {
    const run = completed('Successful');
    expect(planAnalysisRun(run, START + 49 * SECOND)).toMatchObject({
      status: run.status,
      expired: false,
      requeueAt: START + 50 * SECOND,
      tasks: [],
      events: [],
    });
    expect(planAnalysisRun(run, START + 50 * SECOND).expired).toBe(true);
  });

  it('is kept by the strategy for its own outcome', () => {
    expect(planAnalysisRun(completed('Failed'), START + 99 * SECOND)).toMatchObject({
      expired: false,
      requeueAt: START + 100 * SECOND,
    });
  });

  it('is kept for ever without a strategy', () => {
    const run = { ...completed('Failed'), spec: { metrics: [prometheusMetric()] } };
    expect(planAnalysisRun(run, START + 1e9)).not.toHaveProperty('requeueAt');
  });
});
