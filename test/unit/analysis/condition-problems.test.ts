import { expect, test } from 'vitest';
import type { Metric } from '../../../src/api/analysis.ts';
import { conditionProblems } from '../../../src/core/analysis/condition-problems.ts';

function problems(metric: Partial<Metric>, dryRun: readonly string[] = []): readonly string[] {
  const metrics = [{ name: 'errors', provider: {}, ...metric }];
  const templates = new Map([['AnalysisTemplate/rate', { metadata: { name: 'rate' }, spec: { metrics } }]]);
  return conditionProblems(
    templates,
    dryRun.map((metricName) => ({ metricName })),
  );
}

test.each<[string, Partial<Metric>, string]>([
  [
    'does not parse',
    { successCondition: 'result[0] >=' },
    'successCondition "result[0] >=": unexpected end of expression (1:12)',
  ],
  ['asks for a name that there is none of', { failureCondition: 'results > 1' }, 'failureCondition "results > 1": '],
  ['is no question', { failureCondition: '1 + 1' }, 'failureCondition "1 + 1": expected bool, but got int (1:1)'],
])('a condition that %s is named with its template, metric, field and place', (_title, metric, expected) => {
  expect(problems(metric)).toEqual([
    expect.stringContaining(`AnalysisTemplate/rate: metric 'errors': ${expected}`) as string,
  ]);
});

test('both conditions are looked at', () => {
  expect(problems({ successCondition: '>', failureCondition: '<' })).toHaveLength(2);
});

test.each<[string, Partial<Metric>, readonly string[]]>([
  ['none', {}, []],
  ['empty ones', { successCondition: '', failureCondition: ' ' }, []],
  ['sound ones', { successCondition: 'len(result) == 0 || result[0] < 1', failureCondition: 'isNaN(result)' }, []],
  ['those with arguments still to come', { successCondition: 'result {{args.operator}} 1' }, []],
  ['those of metrics without consequence', { successCondition: 'result >' }, ['err.*']],
])('nothing is wrong with %s', (_title, metric, dryRun) => {
  expect(problems(metric, dryRun)).toEqual([]);
});
