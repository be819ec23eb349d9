import { describe, expect, it } from 'vitest';
import { expandNamedRules } from '../../../src/core/analysis/metric-names.ts';
import { retain, shortText, shortValue } from '../../../src/core/analysis/retention.ts';
import { analysisRun, play, prometheusMetric, SECOND, START, vector } from './fixtures.ts';

describe('retention', () => {
  const measurements = Array.from({ length: 12 }, (_, i) => ({ phase: 'Successful' as const, value: String(i) }));

  it.each([
    [undefined, 10],
    [0, 10],
    [3, 3],
    [50, 12],
  ])('limit %s keeps the newest %d', (limit, kept) => {
    expect(retain(measurements, limit)).toEqual(measurements.slice(-kept));
  });

  it('follows the rule of the spec', () => {
    const run = analysisRun([prometheusMetric({ interval: '1s' })], {
      measurementRetention: [{ metricName: 'rate', limit: 2 }],
    });
    const { status } = play(run, () => vector(1), START + 20 * SECOND);
    expect(status.metricResults?.[0]).toMatchObject({ count: 21, measurements: [{}, {}] });
    expect(status.metricResults?.[0]?.measurements).toHaveLength(2);
  });

  it('bounds the status of a long run with huge values', () => {
    const metrics = Array.from({ length: 5 }, (_, i) => prometheusMetric({ name: `m${i}`, interval: '10m' }));
    const wide = vector(...Array.from({ length: 600 }, () => 1));
    const { status } = play(analysisRun(metrics), () => wide, START + 86_400 * SECOND);
    expect(JSON.stringify(status).length).toBeLessThan(100_000);
  });
});

describe('shortening', () => {
  it('leaves short texts alone', () => {
    expect(shortValue('[1,2]')).toBe('[1,2]');
    expect(shortText('x'.repeat(2048))).toHaveLength(2048);
  });

  it('marks the cut and never cuts a character in two', () => {
    expect(shortValue('x'.repeat(5_000))).toBe(`${'x'.repeat(1_023)}…`);
    const emoji = shortValue(`${'x'.repeat(1_022)}🐦🐦`);
    expect(emoji.isWellFormed()).toBe(true);
    expect(emoji).toBe(`${'x'.repeat(1_022)}…`);
  });
});

describe('rules by metric name', () => {
  const names = ['test', 'latest', 'other'];

  it('match anywhere in the name', () => {
    const rules = expandNamedRules(names, [{ metricName: 'test' }], [{ metricName: '^o', limit: 3 }]);
    expect([...rules.dryRun]).toEqual(['test', 'latest']);
    expect([...rules.retention]).toEqual([['other', 3]]);
    expect(rules.problem).toBeUndefined();
  });

  it.each(['*', 'nothing', '(?=x)'])('that match nothing are a problem: %s', (metricName) => {
    expect(expandNamedRules(names, [], [{ metricName, limit: 3 }]).problem).toBe(
      "measurementRetention[0]: Rule didn't match any metric name(s)",
    );
  });
});
