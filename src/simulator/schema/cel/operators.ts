import type { BinaryOperator } from './ast.ts';
import { CelEvaluationError, noSuchOverload } from './cel-error.ts';
import { type CelKey, type CelValue, celEqual, isCelList, isCelMap, isNumeric } from './values.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Evaluates an operator both of whose operands are known; `&&` and `||` are not among them. */
export function applyOperator(
  operator: Exclude<BinaryOperator, '&&' | '||'>,
  left: CelValue,
  right: CelValue,
): CelValue {
  switch (operator) {
    case '==':
      return celEqual(left, right);
    case '!=':
      return !celEqual(left, right);
    case '<':
      return compare(left, right) < 0;
    case '<=':
      return compare(left, right) <= 0;
    case '>':
      return compare(left, right) > 0;
    case '>=':
      return compare(left, right) >= 0;
    case 'in':
      return contains(right, left);
    case '+':
      return add(left, right);
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(operator, left, right);
  }
}

/** Negative, zero or positive; NaN when the operands are doubles without an order. */
export function compare(left: CelValue, right: CelValue): number {
  const ordered =
    (isNumeric(left) && isNumeric(right)) ||
    (typeof left === 'string' && typeof right === 'string') ||
    (typeof left === 'boolean' && typeof right === 'boolean');
  if (!ordered) throw noSuchOverload();
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}

function contains(range: CelValue, value: CelValue): boolean {
  if (isCelList(range)) return range.some((item) => celEqual(item, value));
  if (isCelMap(range)) return isKey(value) && range.has(value);
  throw noSuchOverload();
}

export function isKey(value: CelValue): value is CelKey {
  return typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean';
}

function add(left: CelValue, right: CelValue): CelValue {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (isCelList(left) && isCelList(right)) return [...left, ...right];
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (typeof left === 'bigint' && typeof right === 'bigint') return int64(left + right);
  throw noSuchOverload();
}

function arithmetic(operator: '-' | '*' | '/' | '%', left: CelValue, right: CelValue): CelValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') return integerArithmetic(operator, left, right);
  if (typeof left !== 'number' || typeof right !== 'number' || operator === '%') throw noSuchOverload();
  return operator === '-' ? left - right : operator === '*' ? left * right : left / right;
}

function integerArithmetic(operator: '-' | '*' | '/' | '%', left: bigint, right: bigint): bigint {
  switch (operator) {
    case '-':
      return int64(left - right);
    case '*':
      return int64(left * right);
    case '/':
      if (right === 0n) throw new CelEvaluationError('division by zero');
      return int64(left / right);
    case '%':
      if (right === 0n) throw new CelEvaluationError('modulus by zero');
      return left % right;
  }
}

/** @throws CelEvaluationError when the result does not fit 64 bits. */
export function int64(value: bigint): bigint {
  if (value < INT64_MIN || value > INT64_MAX) throw new CelEvaluationError('integer overflow');
  return value;
}
