import { describe, expect, it } from 'vitest';
import { checkCondition, evaluateCondition, hasNoData } from '../../../src/core/expr/condition.ts';
import { ExprError } from '../../../src/core/expr/expr-error.ts';
import { toExprValue } from '../../../src/core/expr/json-value.ts';

const NOW = 1_795_291_476_000;
const decide = (source: string, result: unknown): boolean => evaluateCondition(source, toExprValue(result), NOW);

function reasonOf(source: string, result: unknown): string {
  try {
    decide(source, result);
  } catch (error) {
    if (error instanceof ExprError) return error.reason;
    throw error;
  }
  throw new Error('no error was thrown');
}

describe('conditions as they are written for Argo Rollouts', () => {
  it.each([
    ['result[0] >= 0.95', [0.97], true],
    ['result[0] >= 0.95', [0.9], false],
    ['result[0] >= 1', [1], true],
    ['default(result, 0) < 5', null, true],
    ['default(result, 0) < 5', 7, false],
    ['len(result) == 0 || result[0] < 1', [], true],
    ['all(result, # < 3)', [1, 2], true],
    ['all(result.a.b, {asFloat(.value) >= 9900})', { a: { b: [{ value: '9950' }, { value: '9900.5' }] } }, true],
    ['all(result.a.b, {asFloat(.value) >= 9900})', { a: { b: [{ value: '9899' }] } }, false],
    ['len(result[0].Values) >= 5 and all(result[0].Values, {# <= 0.01})', [{ Values: [0, 0.01, 0, 0, 0] }], true],
    ['isNaN(result) || result < 0.05', Number.NaN, true],
    ['isNaN(result) || result < 0.05', 0.2, false],
    ['result.ok && result.successPercent >= 0.95', { ok: true, successPercent: 0.96 }, true],
    ['result == "true"', 'true', true],
    ['max(result) < 0.05', [0.01, 0.04], true],
    ['result == true', true, true],
    ['result > 1', 5, true],
    ['2 in result', [2, 2], true],
    ['result', true, true],
    [
      'all(result.service_apdex.values.values, {# > 1})',
      { service_apdex: { label: null, values: { values: [2, 2] } } },
      true,
    ],
    ['(result.items[0].status?.phase ?? "none") == "none"', { items: [{}] }, true],
    ['asInt(result) == 1', '1', true],
    ['asInt(result) == 1', 1.9, true],
    ['asInt(result) == -1', -1.9, true],
    ['asFloat(result) >= 1.1', '1.1', true],
    ['asFloat(result) == 1', 1, true],
    ['isInf(result)', Number.NEGATIVE_INFINITY, true],
    ['isInf(result)', 1, false],
    ['isNaN(1)', 0, false],
    ['now() - date("2026-11-21T20:04:36Z") == duration("0s")', 0, true],
  ])('%s of %j', (source, result, expected) => {
    expect(decide(source, result)).toBe(expected);
  });

  it.each(['<', '<=', '>', '>=', '=='])('NaN %s anything is false', (operator) => {
    expect(decide(`result ${operator} 1`, Number.NaN)).toBe(false);
    expect(decide(`result[0] ${operator} 1`, [Number.NaN])).toBe(false);
  });

  it('asks isNil and default about the result, whatever their argument is, as Argo Rollouts does', () => {
    expect(decide('isNil(result)', null)).toBe(true);
    expect(decide('isNil(result.a)', { a: null })).toBe(false);
    expect(decide('default(result.a, 3) == 3', { a: null })).toBe(false);
    expect(decide('result.a == nil and (result.a ?? 3) == 3', { a: null })).toBe(true);
  });
});

describe('conditions that fail', () => {
  it.each([
    ['1', true, 'expected bool, but got int'],
    ['result', 1.5, 'expected bool, but got float64'],
    ['result', 'x', 'expected bool, but got string'],
    ['result', [1], 'expected bool, but got []float64'],
    ['result', ['a'], 'expected bool, but got []interface {}'],
    ['result', { a: 1 }, 'expected bool, but got map[string]interface {}'],
    ['result', null, 'expected bool, but got <nil>'],
    ['now()', 1, 'expected bool, but got time.Time'],
    ['invalidVariable', true, 'unknown name invalidVariable'],
    ['result > 1', [1], 'invalid operation: > (mismatched types []float64 and int)'],
    ['result == 1', [1], 'invalid operation: == (mismatched types []float64 and int)'],
    ['result > 1', null, 'invalid operation: > (mismatched types unknown and int)'],
    ['result == 1', 'a', 'invalid operation: == (mismatched types string and int)'],
    ['asFloat(result) == "1.1"', '1.1', 'invalid operation: == (mismatched types float64 and string)'],
    ['result.Name() == "hi"', true, 'type bool has no field Name'],
    ['result[0] > 1', [], 'index out of range: 0 (length is 0)'],
    ['asInt(result) == 1', '1.1', 'asInt: invalid syntax: "1.1" is not a number'],
    ['asFloat(result) == 1', 'NotANum', 'asFloat: invalid syntax: "NotANum" is not a number'],
    ['asFloat(result) == 1', null, 'asFloat() not supported on <nil> <nil>'],
    ['asInt(result) == 1', [1], 'asInt() not supported on []float64 [1]'],
    ['isNaN(result)', 'x', 'cannot use string as argument (type float64) to call isNaN'],
    ['isNaN(result.v)', { v: 'x' }, 'cannot use string as argument (type float64) to call isNaN'],
    ['isNaN()', 1, 'not enough arguments to call isNaN'],
  ])('%s of %j', (source, result, expected) => {
    expect(reasonOf(source, result)).toBe(expected);
  });

  it('calls nil and the empty list no data, and nothing else', () => {
    expect([null, []].map(hasNoData)).toEqual([true, true]);
    expect([0, '', false, [0], new Map()].map(hasNoData)).toEqual([false, false, false, false, false]);
  });
});

describe('checking a condition without a measurement', () => {
  it.each([
    'result[0] >= 0.95',
    'result.a.b == "x" or isNaN(result)',
    'default(result, 0) < 1',
    'all(result, {asFloat(.value) > 1})',
    'result',
    'asInt(result) > 1 ? true : false',
  ])('accepts %s', (source) => {
    expect(checkCondition(source)).toBeUndefined();
  });

  it.each([
    ['', 'unexpected end of expression (1:1)'],
    ['result[0] >= ', 'unexpected end of expression (1:13)'],
    ['reslt > 1', 'unknown name reslt (1:1)'],
    ['result > 1 and foo(result)', 'unknown name foo (1:16)'],
    ['isNaN(result, 1)', 'too many arguments to call isNaN (1:1)'],
    ['default(result) > 1', 'not enough arguments to call default (1:1)'],
    ['len(result, 1) > 1', 'too many arguments to call len (1:1)'],
    ['asFloat(result) == "1"', 'invalid operation: == (mismatched types float64 and string) (1:17)'],
    ['len(result)', 'expected bool, but got int (1:1)'],
    ['nil', 'expected bool, but got nil (1:1)'],
    [
      'result matches "(?<=a)b"',
      'error parsing regexp: look-around and unknown groups are not supported: `(?<=a)b` (1:8)',
    ],
  ])('rejects %j', (source, expected) => {
    expect(checkCondition(source)?.message).toBe(expected);
  });
});
