import type { BinaryNode } from './ast.ts';
import type { StaticType } from './types.ts';
import {
  BOOL,
  BYTES,
  DURATION,
  FLOAT,
  goName,
  INT,
  isAssignable,
  isBool,
  isComparable,
  isDuration,
  isInteger,
  isNumber,
  isString,
  isTime,
  isUnknown,
  listOf,
  mayBoth,
  STRING,
  TIME,
  UNKNOWN,
} from './types.ts';

/** What `left operator right` is, or undefined when no values of the two types allow it. */
export function resultOf(
  operator: BinaryNode['operator'],
  left: StaticType,
  right: StaticType,
): StaticType | undefined {
  const both = (test: (type: StaticType) => boolean) => test(left) && test(right);
  const allows = (result: StaticType, ...tests: readonly ((type: StaticType) => boolean)[]) =>
    tests.some(both) || mayBoth(left, right, ...tests) ? result : undefined;
  switch (operator) {
    case '==':
    case '!=':
      return isComparable(left, right) ? BOOL : undefined;
    case 'or':
    case '||':
    case 'and':
    case '&&':
      return allows(BOOL, isBool);
    case 'in': {
      const container = right.kind === 'list' || right.kind === 'map' || isUnknown(right);
      return container || (isUnknown(left) && isString(right)) ? BOOL : undefined;
    }
    case 'matches':
      return isString(right) && goName(left) === goName(BYTES) ? BOOL : allows(BOOL, isString);
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return allows(BOOL, isString);
    case '..':
      return allows(listOf(INT), isInteger);
    case '+':
    case '-':
    case '*':
      return arithmetic(operator, left, right);
    case '/':
    case '**':
    case '^':
      return allows(FLOAT, isNumber);
    case '%':
      return allows(INT, isInteger);
    case '??':
      if (left.kind === 'nil') return right;
      return right.kind === 'nil' || (isAssignable(right, left) && !isUnknown(right)) ? left : UNKNOWN;
  }
}

function arithmetic(operator: '+' | '-' | '*', left: StaticType, right: StaticType): StaticType | undefined {
  if (isNumber(left) && isNumber(right)) return left.kind === 'float' || right.kind === 'float' ? FLOAT : INT;
  const timely = (type: StaticType) => isTime(type) || isDuration(type);
  if (operator === '*') {
    if (isDuration(left) && (isDuration(right) || isNumber(right))) return DURATION;
    if (isNumber(left) && isDuration(right)) return DURATION;
    return mayBoth(left, right, isNumber, isDuration) ? UNKNOWN : undefined;
  }
  if (operator === '+' && isString(left) && isString(right)) return STRING;
  if (timely(left) && timely(right)) return timeArithmetic(operator, left, right);
  const tests = operator === '+' ? [isNumber, isString, timely] : [isNumber, timely];
  return mayBoth(left, right, ...tests) ? UNKNOWN : undefined;
}

function timeArithmetic(operator: '+' | '-', left: StaticType, right: StaticType): StaticType | undefined {
  if (isDuration(left) && isDuration(right)) return DURATION;
  if (isTime(left) && isTime(right)) return operator === '-' ? DURATION : undefined;
  return operator === '-' && isDuration(left) ? undefined : TIME;
}
