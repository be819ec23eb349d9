import type { BinaryOperator, OrderOperator, UnaryOperator } from './ast.ts';

/** Binding powers of the binary operators, as the grammar of expr v1.17 has them. */
const BINARY: ReadonlyMap<string, number> = new Map([
  ['|', 0],
  ['or', 10],
  ['||', 10],
  ['and', 15],
  ['&&', 15],
  ['==', 20],
  ['!=', 20],
  ['<', 20],
  ['>', 20],
  ['>=', 20],
  ['<=', 20],
  ['in', 20],
  ['matches', 20],
  ['contains', 20],
  ['startsWith', 20],
  ['endsWith', 20],
  ['..', 25],
  ['+', 30],
  ['-', 30],
  ['*', 60],
  ['/', 60],
  ['%', 60],
  ['**', 100],
  ['^', 100],
  ['??', 500],
]);

const UNARY: ReadonlyMap<string, number> = new Map([
  ['not', 50],
  ['!', 50],
  ['-', 90],
  ['+', 90],
]);

export const binaryPower = (operator: string): number | undefined => BINARY.get(operator);
export const unaryPower = (operator: string): number | undefined => UNARY.get(operator);

export const isUnary = (operator: string): operator is UnaryOperator => UNARY.has(operator);

export const isOrder = (operator: string): operator is OrderOperator =>
  operator === '<' || operator === '>' || operator === '<=' || operator === '>=';

/** Operators that become a plain binary node: all but the pipe and the four that may be chained. */
export const isPlainBinary = (operator: string): operator is BinaryOperator =>
  BINARY.has(operator) && operator !== '|' && !isOrder(operator);

export const isRightAssociative = (operator: string): boolean => operator === '**' || operator === '^';

/** Operators that `not` may precede, as in `x not in y`. */
export const isNegatable = (operator: string): boolean =>
  operator === 'in' ||
  operator === 'matches' ||
  operator === 'contains' ||
  operator === 'startsWith' ||
  operator === 'endsWith';

/** Words that the lexer reads as operators rather than names. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  'not',
  'in',
  'or',
  'and',
  'matches',
  'contains',
  'startsWith',
  'endsWith',
  'let',
  'if',
  'else',
]);
