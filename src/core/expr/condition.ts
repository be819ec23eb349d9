import type { EpochMs } from '../../api/time.ts';
import type { Program } from './expr.ts';
import { check, compile, evaluate } from './expr.ts';
import { ExprError } from './expr-error.ts';
import { formatValue } from './format.ts';
import { parseFloat64, parseInteger } from './go-number.ts';
import { Budget, Fault } from './limits.ts';
import { goTypeOf, typeOf } from './type-of.ts';
import type { StaticType } from './types.ts';
import { BOOL, FLOAT, goName, INT64, isBool, isUnknown, UNKNOWN } from './types.ts';
import type { Environment, ExprValue } from './values.ts';
import { floatToInt, HostFunction, isList } from './values.ts';

/** What replaces the text of an evaluation error when the provider returned nothing; see {@link hasNoData}. */
export const NO_DATA_REASON = 'metric result is nil or empty: no data returned from the metric provider';

/** Whether a result is nil or an empty list, which Argo Rollouts calls no data. An empty map or text is data. */
export const hasNoData = (result: ExprValue): boolean => result === null || (isList(result) && result.length === 0);

/**
 * Decides a successCondition or failureCondition on a measurement, with the functions that Argo Rollouts adds:
 * `asInt`, `asFloat`, `isNaN`, `isInf`, `isNil` and `default`.
 *
 * `isNil(x)` and `default(x, d)` ignore `x` and always look at `result`, as in Argo Rollouts, so that a condition
 * means the same here. That is a hazard for `isNil(result.a)`; `result.a == nil` and `result?.a ?? d` say it safely.
 *
 * Throws ExprError for bad syntax, unknown names, operations that the type of `result` does not allow, failures during
 * evaluation, and a value that is not a bool (`expected bool, but got T`). Comparisons with NaN are false.
 */
export function evaluateCondition(source: string, result: ExprValue, now: EpochMs): boolean {
  return evaluateCompiled(compile(source), result, now);
}

function evaluateCompiled(program: Program, result: ExprValue, now: EpochMs): boolean {
  const value = evaluate(program, conditionEnvironment(result), { now });
  if (typeof value === 'boolean') return value;
  throw new ExprError(`expected bool, but got ${goTypeOf(value)}`, program.source, 0);
}

/**
 * What is wrong with a condition whatever the measurement turns out to be: syntax, unknown names and functions, wrong
 * arguments, a result that can never be a bool. For validation and lint; undefined when nothing is.
 */
export function checkCondition(source: string): ExprError | undefined {
  try {
    const type = check(compile(source), CONDITION_NAMES);
    if (isBool(type) || isUnknown(type)) return undefined;
    return new ExprError(`expected bool, but got ${type.kind === 'nil' ? 'nil' : goName(type)}`, source, 0);
  } catch (error) {
    if (error instanceof ExprError) return error;
    throw error;
  }
}

const isNaNFunction = new HostFunction('isNaN', [FLOAT], BOOL, ([value = null]) =>
  Number.isNaN(floatOf('isNaN', value)),
);

const isInfFunction = new HostFunction(
  'isInf',
  [FLOAT],
  BOOL,
  ([value = null]) => Math.abs(floatOf('isInf', value)) === Infinity,
);

function floatOf(name: string, value: ExprValue): number {
  if (typeof value === 'number') return value;
  throw new Fault(`cannot use ${goTypeOf(value)} as argument (type float64) to call ${name}`);
}

/** Numbers are cut off towards zero, texts must be whole numbers: `asInt("1.1")` fails. */
const asInt = new HostFunction('asInt', [UNKNOWN], INT64, ([value = null]) => {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return floatToInt(value);
  const parsed = typeof value === 'string' ? parseInteger(value) : undefined;
  return parsed ?? notConvertible('asInt', value);
});

const asFloat = new HostFunction('asFloat', [UNKNOWN], FLOAT, ([value = null]) => {
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  const parsed = typeof value === 'string' ? parseFloat64(value) : undefined;
  return parsed ?? notConvertible('asFloat', value);
});

function notConvertible(name: string, value: ExprValue): never {
  if (typeof value === 'string') throw new Fault(`${name}: invalid syntax: "${value}" is not a number`);
  throw new Fault(`${name}() not supported on ${goTypeOf(value)} ${formatValue(value, new Budget())}`);
}

function conditionEnvironment(result: ExprValue): Environment {
  return {
    result,
    asInt,
    asFloat,
    isNaN: isNaNFunction,
    isInf: isInfFunction,
    isNil: new HostFunction('isNil', [UNKNOWN], BOOL, () => result === null),
    default: new HostFunction('default', [UNKNOWN, UNKNOWN], UNKNOWN, ([, fallback = null]) => result ?? fallback),
  };
}

const CONDITION_NAMES: ReadonlyMap<string, StaticType> = new Map(
  Object.entries(conditionEnvironment(null)).map(([name, value]) => [
    name,
    name === 'result' ? UNKNOWN : typeOf(value),
  ]),
);
