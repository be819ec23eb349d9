import type { AnalysisPhase, Metric } from '../../api/analysis.ts';
import type { EpochMs } from '../../api/time.ts';
import { evaluateCondition, hasNoData, NO_DATA_REASON } from '../expr/condition.ts';
import { ExprError } from '../expr/expr-error.ts';
import { type ExprValue, isList } from '../expr/values.ts';
import type { Blindness, Outcome } from './outcome.ts';

/** The phase of a measurement, why, and whether there was anything to judge by. */
export interface Judgement {
  readonly phase: Exclude<AnalysisPhase, 'Pending' | 'Running'>;
  readonly message?: string;
  /** Only with the phase Error. */
  readonly blindness?: Blindness;
}

type Measured = Extract<Outcome, { readonly kind: 'value' }>;

type Conditions = Pick<Metric, 'successCondition' | 'failureCondition'>;

/**
 * Judges what was measured by the conditions of its metric (4.6 of the reference of Argo Rollouts), with one addition:
 * what is missing never counts as success (docs/decisions/0003-no-data.md). Conditions that deal with missing data
 * themselves are taken at their word.
 */
export function judge(metric: Conditions, outcome: Outcome, now: EpochMs): Judgement {
  if (outcome.kind === 'error') {
    const { message, blindness } = outcome;
    return { phase: 'Error', message, ...(blindness === undefined ? {} : { blindness }) };
  }
  const { result, value } = outcome;
  const verdict = applyConditions(metric, result, now);
  if (hasNoData(result)) return judgeEmpty(metric, verdict);
  const numbers = numbersIn(result);
  if (numbers.some(Number.isNaN) && !mentions(metric, 'isNaN')) {
    return judgeNaN(metric, verdict, outcome, now);
  }
  if (verdict.phase === 'Successful' && numbers.some(isInfinite) && !mentions(metric, 'isInf')) {
    return {
      phase: 'Error',
      message: `not finite: the query returned ${value}, as a division by zero does, and a condition that does not ask isInf cannot judge it`,
      blindness: 'infinite',
    };
  }
  return verdict;
}

/** The table of 4.6: what each combination of conditions means. */
function applyConditions(metric: Conditions, result: ExprValue, now: EpochMs): Judgement {
  const failure = check(metric.failureCondition, 'failureCondition', result, now);
  if (failure.kind === 'error') return { phase: 'Error', message: failure.message };
  const success = check(metric.successCondition, 'successCondition', result, now);
  if (success.kind === 'error') return { phase: 'Error', message: success.message };
  if (failure.kind === 'true') return { phase: 'Failed' };
  switch (success.kind) {
    case 'true':
    case 'unset':
      return { phase: 'Successful' };
    case 'false':
      return { phase: failure.kind === 'unset' ? 'Failed' : 'Inconclusive' };
  }
}

type Checked = { readonly kind: 'unset' | 'true' | 'false' } | { readonly kind: 'error'; readonly message: string };

function check(condition: string | undefined, field: keyof Conditions, result: ExprValue, now: EpochMs): Checked {
  if (condition === undefined || condition === '') return { kind: 'unset' };
  try {
    return { kind: evaluateCondition(condition, result, now) ? 'true' : 'false' };
  } catch (error) {
    if (!(error instanceof ExprError)) throw error;
    const reason = hasNoData(result) ? NO_DATA_REASON : error.message;
    return { kind: 'error', message: `could not evaluate ${field} "${condition}": ${reason}` };
  }
}

/** A condition that calls one of these, or says nil, was written with missing data in mind. */
const ASKS_FOR_EMPTINESS = ['len', 'count', 'default', 'isNil'] as const;

function judgeEmpty(metric: Conditions, verdict: Judgement): Judgement {
  const asked = mentions(metric, ...ASKS_FOR_EMPTINESS) || mentionsNil(metric);
  if (verdict.phase !== 'Error' && asked) return verdict;
  const noData = 'no data: the query returned an empty vector (0 series)';
  const message = verdict.message === undefined ? noData : `${verdict.message}; ${noData}`;
  return { phase: 'Error', message, blindness: 'no-data' };
}

/**
 * A comparison with NaN is false whatever was meant by it, so it tells neither success nor failure. Only when the
 * numbers that are there fail by themselves is a failure a failure.
 */
function judgeNaN(metric: Conditions, verdict: Judgement, { result, value }: Measured, now: EpochMs): Judgement {
  if (verdict.phase === 'Error') return verdict;
  const present = isList(result) ? result.filter((item) => !Number.isNaN(item)) : [];
  if (verdict.phase === 'Failed' && present.length > 0 && applyConditions(metric, present, now).phase === 'Failed') {
    return verdict;
  }
  return {
    phase: 'Error',
    message: `no traffic: the query returned ${value}; NaN (such as 0/0) is no measurement, and no condition asks isNaN`,
    blindness: 'not-a-number',
  };
}

function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

/** The numbers of a scalar or a flat list, the results of metric queries. */
function numbersIn(result: ExprValue): readonly number[] {
  const items = isList(result) ? result : [result];
  return items.filter((item): item is number => typeof item === 'number');
}

function mentions(metric: Conditions, ...functions: readonly string[]): boolean {
  const call = new RegExp(`\\b(?:${functions.join('|')})\\s*\\(`);
  return conditionsOf(metric).some((source) => call.test(source));
}

function mentionsNil(metric: Conditions): boolean {
  return conditionsOf(metric).some((source) => /\bnil\b|\?\?/.test(source));
}

/** Both conditions without their string literals, in which a name means nothing. */
function conditionsOf({ successCondition = '', failureCondition = '' }: Conditions): readonly string[] {
  return [successCondition, failureCondition].map((source) =>
    source.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g, '""'),
  );
}
