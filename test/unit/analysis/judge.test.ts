import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/core/analysis/judge.ts';
import type { Outcome } from '../../../src/core/analysis/outcome.ts';
import { START, vector } from './fixtures.ts';

const scalar = (result: number): Outcome => ({ kind: 'value', result, value: String(result) });
const NAN = Number.NaN;
const INF = Infinity;

const success = (successCondition: string) => ({ successCondition });
const failure = (failureCondition: string) => ({ failureCondition });

describe('the table of conditions', () => {
  it.each([
    ['none', {}, 1, 'Successful'],
    ['success holds', success('result > 0'), 1, 'Successful'],
    ['success does not hold', success('result > 0'), 0, 'Failed'],
    ['failure holds', failure('result > 0'), 1, 'Failed'],
    ['failure does not hold', failure('result > 0'), 0, 'Successful'],
    ['both hold', { ...success('result > 0'), ...failure('result > 0') }, 1, 'Failed'],
    ['only success holds', { ...success('result > 0'), ...failure('result > 5') }, 1, 'Successful'],
    ['neither holds', { ...success('result > 5'), ...failure('result < 0') }, 1, 'Inconclusive'],
    ['empty texts', { ...success(''), ...failure('') }, 1, 'Successful'],
  ])('%s', (_name, conditions, value, phase) => {
    expect(judge(conditions, scalar(value), START)).toEqual({ phase });
  });

  it('knows the time', () => {
    expect(judge(success('now().Year() == 2026'), scalar(1), START)).toEqual({ phase: 'Successful' });
  });
});

describe('a condition that cannot be evaluated is an Error, with field, text, reason and position', () => {
  it.each([
    [success('result[0] >='), 'could not evaluate successCondition "result[0] >=": '],
    [success('result[3] > 1'), 'could not evaluate successCondition "result[3] > 1": '],
    [success('result'), 'could not evaluate successCondition "result": expected bool, but got []float64 (1:1)'],
    [failure('reslut[0] > 1'), 'could not evaluate failureCondition "reslut[0] > 1": unknown name reslut (1:1)'],
  ])('%j', (conditions, message) => {
    const judgement = judge(conditions, vector(1), START);
    expect(judgement.phase).toBe('Error');
    expect(judgement.message).toContain(message);
    expect(judgement.blindness).toBeUndefined();
  });
});

describe('no data', () => {
  it('is an Error in the words of Argo Rollouts and in plain ones', () => {
    expect(judge(success('result[0] >= 0.95'), vector(), START)).toEqual({
      phase: 'Error',
      blindness: 'no-data',
      message:
        'could not evaluate successCondition "result[0] >= 0.95": metric result is nil or empty: no data returned from the metric provider; no data: the query returned an empty vector (0 series)',
    });
  });

  it.each([
    ['without conditions', {}],
    ['when all of nothing holds', success('all(result, # < 0.05)')],
    ['when none of nothing is too much', failure('any(result, # > 0.05)')],
    ['when the name of a guard is only in a text', success('"len(x)" != "" && all(result, # < 1)')],
  ])('is no success %s', (_name, conditions) => {
    expect(judge(conditions, vector(), START)).toMatchObject({ phase: 'Error', blindness: 'no-data' });
  });

  it.each([
    [success('len(result) == 0 || result[0] < 0.05'), 'Successful'],
    [success('len(result) > 0 && result[0] < 0.05'), 'Failed'],
    [success('count(result, # > 1) == 0'), 'Successful'],
    [failure('(result[0] ?? 1) > 0.5'), 'Error'],
  ])('is what the author says when %j', (conditions, phase) => {
    expect(judge(conditions, vector(), START).phase).toBe(phase);
  });
});

describe('NaN', () => {
  it.each([
    ['no success by a comparison', failure('result[0] > 0.05'), vector(NAN)],
    ['no failure by a comparison', success('result[0] >= 0.95'), vector(NAN)],
    ['no failure by a negated comparison', failure('not (result[0] < 0.05)'), vector(NAN)],
    ['neither for a scalar', success('result >= 0.95'), scalar(NAN)],
    ['nor without conditions', {}, vector(NAN)],
    ['no success beside numbers', success('result[0] < 0.05'), vector(0.01, NAN)],
    ['no failure that the other numbers do not share', success('all(result, # < 0.05)'), vector(0.01, NAN)],
  ])('is %s', (_name, conditions, outcome) => {
    const judgement = judge(conditions, outcome, START);
    expect(judgement).toMatchObject({ phase: 'Error', blindness: 'not-a-number' });
    expect(judgement.message).toMatch(/^no traffic: the query returned .*NaN/);
  });

  it('does not hide a failure that the other numbers show', () => {
    expect(judge(failure('any(result, # > 0.05)'), vector(NAN, 0.9), START)).toEqual({ phase: 'Failed' });
    expect(judge(success('all(result, # < 0.05)'), vector(0.9, NAN), START)).toEqual({ phase: 'Failed' });
  });

  it.each([
    [success('isNaN(result[0]) || result[0] >= 0.95'), 'Successful'],
    [failure('isNaN(result[0])'), 'Failed'],
    [{ ...success('result[0] >= 0.95'), ...failure('not isNaN(result[0]) && result[0] < 0.5') }, 'Inconclusive'],
  ])('is what the author says when %j', (conditions, phase) => {
    expect(judge(conditions, vector(NAN), START)).toEqual({ phase });
  });
});

describe('infinity', () => {
  it('is no success', () => {
    expect(judge(success('result[0] >= 0.95'), vector(INF), START)).toMatchObject({
      phase: 'Error',
      blindness: 'infinite',
      message: expect.stringContaining('not finite'),
    });
    expect(judge(failure('result[0] > 1'), vector(-INF), START)).toMatchObject({ phase: 'Error' });
  });

  it('is a failure when it is one', () => {
    expect(judge(success('result[0] < 0.5'), vector(INF), START)).toEqual({ phase: 'Failed' });
  });

  it('is what the author says when a condition asks isInf', () => {
    expect(judge(success('isInf(result[0]) || result[0] < 1'), vector(INF), START)).toEqual({ phase: 'Successful' });
  });
});
