import { compile, evaluate } from '../../../src/core/expr/expr.ts';
import { formatValue } from '../../../src/core/expr/format.ts';
import { toExprValue } from '../../../src/core/expr/json-value.ts';
import { Budget } from '../../../src/core/expr/limits.ts';
import { goTypeOf } from '../../../src/core/expr/type-of.ts';
import type { Environment, ExprValue } from '../../../src/core/expr/values.ts';

const json: Readonly<Record<string, unknown>> = {
  n: 1.5,
  s: 'héllo wörld',
  l: [1, 'a', null, [2, 3]],
  m: { a: 1, b: null, c: { d: 'x' } },
  ok: true,
  nums: [3, 1, 2],
  nested: [
    { v: 1, t: 'x' },
    { v: 2, t: 'y' },
    { v: 3, t: 'x' },
  ],
  z: null,
  floats: [0.5, 1, 2.25],
};

/** The names that the tables use. */
export const environment: Environment = {
  ...Object.fromEntries(Object.entries(json).map(([name, value]) => [name, toExprValue(value)])),
  NaN,
};

/** 2026-11-21T20:04:36Z, what `now()` yields in the tables. */
const NOW = 1_795_291_476_000;

export const run = (source: string): ExprValue => evaluate(compile(source), environment, { now: NOW });

/** Type and value as Go prints them. */
export function show(source: string): string {
  const value = run(source);
  return `${goTypeOf(value)} ${formatValue(value, new Budget())}`;
}
