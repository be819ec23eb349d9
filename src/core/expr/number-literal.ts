import type { Node } from './ast.ts';
import { ExprError } from './expr-error.ts';
import type { Token } from './lexer.ts';
import { isInt64 } from './values.ts';

const INTEGER = /^(?:\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/;
const FLOAT = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const LEADING_ZEROS = /^0+(?=\d)/;

/** The node of a number token: an integer unless it has a point or an exponent. */
export function parseNumber({ value, at }: Token, source: string): Node {
  const digits = value.replaceAll('_', '');
  if (INTEGER.test(digits)) {
    const integer = BigInt(digits.replace(LEADING_ZEROS, ''));
    if (isInt64(integer)) return { kind: 'int', at, value: integer };
    throw new ExprError(`integer literal ${value} is out of range (64 bits)`, source, at);
  }
  if (!FLOAT.test(digits)) throw new ExprError(`invalid number literal ${value}`, source, at);
  const float = Number(digits);
  if (Number.isFinite(float)) return { kind: 'float', at, value: float };
  throw new ExprError(`float literal ${value} is out of range`, source, at);
}
