import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnalysisRunStatus, Metric, MetricResult } from '../../src/api/analysis.ts';
import { substitute } from '../../src/core/analysis/args.ts';
import { assessRun, type RunRules } from '../../src/core/analysis/assess-run.ts';
import { countersOf, countMeasurement, withoutZeros } from '../../src/core/analysis/counters.ts';
import { judge } from '../../src/core/analysis/judge.ts';
import { rulesOf } from '../../src/core/analysis/metric-rules.ts';
import type { Outcome } from '../../src/core/analysis/outcome.ts';
import {
  analysisRun,
  badQuery,
  play,
  prometheusMetric,
  START,
  unreachable,
  vector,
} from '../unit/analysis/fixtures.ts';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  good: vector(1),
  bad: vector(0),
  between: vector(0.7),
  nothing: vector(),
  noNumber: vector(Number.NaN),
  infinite: vector(Infinity),
  unreachable,
  badQuery,
};
const outcome = fc.constantFrom(...Object.values(OUTCOMES));
const small = fc.integer({ min: 0, max: 4 });

/** Metrics that validation accepts, with every combination of limits. */
const metric = (name: string): fc.Arbitrary<Metric> =>
  fc
    .record({
      failureLimit: fc.oneof(small, fc.constant(-1)),
      inconclusiveLimit: small,
      consecutiveErrorLimit: fc.option(small, { nil: undefined }),
      consecutiveSuccessLimit: small,
      extra: small,
      counted: fc.boolean(),
    })
    .map(({ failureLimit, inconclusiveLimit, consecutiveErrorLimit, consecutiveSuccessLimit, extra, counted }) => {
      const successes = failureLimit === -1 ? Math.max(1, consecutiveSuccessLimit) : consecutiveSuccessLimit;
      const count = Math.max(1, Math.max(0, failureLimit) + successes, inconclusiveLimit) + extra;
      return prometheusMetric({
        name,
        interval: '1m',
        successCondition: 'result[0] >= 0.95',
        failureCondition: 'result[0] < 0.5',
        failureLimit,
        inconclusiveLimit,
        consecutiveSuccessLimit: successes,
        ...(consecutiveErrorLimit === undefined ? {} : { consecutiveErrorLimit }),
        ...(counted ? { count } : {}),
      });
    });

interface Story {
  readonly metrics: readonly [Metric, Metric];
  readonly outcomes: readonly Outcome[];
  /** Names of the metrics without consequence. */
  readonly dry: readonly string[];
}

const story: fc.Arbitrary<Story> = fc.record({
  metrics: fc.tuple(metric('a'), metric('b')),
  outcomes: fc.array(outcome, { minLength: 1, maxLength: 30 }),
  dry: fc.constantFrom<readonly string[]>([], [], ['b']),
});

const tell = ({ metrics, outcomes, dry }: Story) =>
  play(
    analysisRun(metrics, { dryRun: dry.map((metricName) => ({ metricName })) }),
    ({ name }, index) => outcomes[(index * 2 + (name === 'a' ? 0 : 1)) % outcomes.length] ?? unreachable,
    START + 900_000,
  );

const resultsOf = (status: AnalysisRunStatus): readonly MetricResult[] => status.metricResults ?? [];

describe('an AnalysisRun, whatever is measured', () => {
  it('is never Successful without a successful measurement of every metric that counts', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { status } = tell(told);
        const unfounded = resultsOf(status).filter(
          ({ phase, successful }) => phase === 'Successful' && successful === undefined,
        );
        expect(unfounded).toEqual([]);
        const judged = resultsOf(status).filter(({ phase, dryRun }) => phase === 'Successful' && dryRun !== true);
        const counting = told.metrics.length - told.dry.length;
        expect(status.phase !== 'Successful' || judged.length === counting).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is neither Successful nor Failed when nothing could be judged', () => {
    const blind = fc.constantFrom(vector(), vector(Number.NaN), vector(Infinity), unreachable);
    const blindStory = story.chain((told) =>
      fc.array(blind, { minLength: 1, maxLength: 10 }).map((outcomes) => ({ ...told, outcomes })),
    );
    fc.assert(
      fc.property(blindStory, (told) => {
        const { status } = tell(told);
        // Only an author's own limit turns blindness into an Error, which rolls back.
        const explicit = told.metrics.some((candidate) => candidate.consecutiveErrorLimit !== undefined);
        expect(['Running', 'Inconclusive', ...(explicit ? ['Error'] : [])]).toContain(status.phase);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps counters that agree with each other and with what was measured', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { status, log } = tell(told);
        for (const result of resultsOf(status)) {
          const { count, successful, failed, inconclusive, error, consecutiveError, consecutiveSuccess } =
            countersOf(result);
          expect(count).toBe(successful + failed + inconclusive);
          expect(count + error).toBe(log.filter((entry) => entry.metric === result.name).length);
          expect(consecutiveError).toBeLessThanOrEqual(error);
          expect(consecutiveSuccess).toBeLessThanOrEqual(successful);
          expect(Math.min(consecutiveError, consecutiveSuccess)).toBe(0);
          expect(result.measurements?.length ?? 0).toBeLessThanOrEqual(10);
        }
        const summary = status.runSummary ?? {};
        expect(summary.count).toBe(told.metrics.length - told.dry.length);
      }),
      { numRuns: 200 },
    );
  });

  it('has a completedAt if and only if it is complete, and a message unless it is Successful', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { status } = tell(told);
        expect(status.completedAt !== undefined).toBe(status.phase !== 'Running');
        expect(status.message === undefined).toBe(status.phase === 'Successful' || status.phase === 'Running');
      }),
      { numRuns: 100 },
    );
  });

  it('announces each end exactly once', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { events } = tell(told);
        expect(new Set(events).size).toBe(events.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('assessing', () => {
  const results = fc.tuple(fc.array(outcome, { maxLength: 6 }), fc.array(outcome, { maxLength: 6 }));
  const resultOf = (rules: Metric, outcomes: readonly Outcome[]): MetricResult[] => {
    let counters = countersOf(undefined);
    for (const measured of outcomes) counters = countMeasurement(counters, judge(rules, measured, START).phase);
    const measurements = outcomes.map((measured) => ({ phase: judge(rules, measured, START).phase }));
    return outcomes.length === 0
      ? []
      : [{ name: rules.name, phase: 'Running', ...withoutZeros(counters), measurements }];
  };
  const rulesFor = (metrics: readonly Metric[], dry: readonly string[]): RunRules => ({
    metrics: metrics.map(rulesOf),
    dryRun: new Set(dry),
    terminate: false,
  });

  it('twice changes nothing and announces nothing more', () => {
    fc.assert(
      fc.property(story, results, ({ metrics, dry }, [a, b]) => {
        const status: AnalysisRunStatus = {
          phase: 'Running',
          metricResults: [...resultOf(metrics[0], a), ...resultOf(metrics[1], b)],
        };
        const once = assessRun(rulesFor(metrics, dry), status, START);
        const twice = assessRun(rulesFor(metrics, dry), once.status, START + 5_000);
        expect(twice.status).toEqual(once.status);
        expect(twice.events).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order of the results, and its phase not on that of the metrics', () => {
    fc.assert(
      fc.property(story, results, ({ metrics, dry }, [a, b]) => {
        const metricResults = [...resultOf(metrics[0], a), ...resultOf(metrics[1], b)];
        const status: AnalysisRunStatus = { phase: 'Running', metricResults };
        const reversed: AnalysisRunStatus = { phase: 'Running', metricResults: metricResults.toReversed() };
        const assessed = assessRun(rulesFor(metrics, dry), status, START).status;
        expect(assessRun(rulesFor(metrics, dry), reversed, START).status).toEqual(assessed);
        const swapped = assessRun(rulesFor(metrics.toReversed(), dry), status, START).status;
        expect(swapped.phase).toBe(assessed.phase);
        expect(swapped.runSummary).toEqual(assessed.runSummary);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a value inside a PromQL string', () => {
  /** What PromQL's lexer makes of `"…"`: the offset of the closing quote, or -1. */
  const endOfString = (text: string): number => {
    for (let i = 1; i < text.length; i++) {
      if (text[i] === '\\') i += 1;
      else if (text[i] === '\n') return -1;
      else if (text[i] === '"') return i;
    }
    return -1;
  };

  it('never ends it', () => {
    const nasty = fc.string({ unit: fc.constantFrom('"', '\\', '\n', "'", '`', '#', '{', '}', 'a'), maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string()), (value) => {
        const filled = substitute({ prometheus: { query: '"{{args.x}}"' } }, new Map([['x', value]]));
        if (!filled.ok) throw new Error(filled.problem);
        const { prometheus } = filled.value as { prometheus: { query: string } };
        expect(endOfString(prometheus.query)).toBe(prometheus.query.length - 1);
      }),
      { numRuns: 2_000 },
    );
  });
});
