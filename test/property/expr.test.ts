import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilFromDays, daysFromCivil } from '../../src/core/expr/calendar.ts';
import { checkCondition, evaluateCondition } from '../../src/core/expr/condition.ts';
import { compile, evaluate } from '../../src/core/expr/expr.ts';
import { ExprError } from '../../src/core/expr/expr-error.ts';
import { formatDuration, parseDuration } from '../../src/core/expr/go-duration.ts';
import { toExprValue } from '../../src/core/expr/json-value.ts';
import { compileRegExp } from '../../src/core/expr/regexp/go-regexp.ts';
import { compareBytes } from '../../src/core/expr/utf8.ts';

/** Longest that one evaluation may take on a slow, shared machine; the step budget makes most end in milliseconds. */
const TIME_LIMIT = 5000;

/** Pieces of the language. */
const FRAGMENTS = `
  result result.a result[0] 1 2.5 "a" nil true [1,2] {a:1} 1..50 # .a #acc $env x
  + - * / % ** == != < >= and or not in matches ?? ?. | .. ( ) [ ] { } , ; : ? . :: if else
  "(a+)+$" "\\x41" all( any( map( filter( reduce( sortBy( groupBy( sum( len( string( toJSON( max(
  repeat( split( join( now() date( duration("1h") asInt( default( isNaN(`
  .trim()
  .split(/\s+/)
  .concat('let x =', '`');

/** Mostly well-formed text: fragments of the language in any order, and any text at all. */
const anySource = fc.oneof(
  fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 25 }).map((parts) => parts.join(' ')),
  fc.string({ maxLength: 60, unit: 'binary' }),
);

/** Trees of the grammar that always parse. */
const { expression: validSource } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('result', 'result.a', '1', '2.5', '"a"', 'nil', 'true', '[3, 1]', '{a: 1}', '(1..4)'),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '*', '/', '==', '<', 'and', 'or', 'in', '..'),
        tie('expression'),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(
        fc.constantFrom('len', 'string', 'sum', 'max', 'toJSON', 'type', 'first', 'uniq', 'flatten'),
        tie('expression'),
      )
      .map(([name, argument]) => `${name}(${argument})`),
    fc
      .tuple(
        fc.constantFrom('map', 'filter', 'all', 'groupBy', 'sortBy', 'reduce'),
        tie('expression'),
        tie('expression'),
      )
      .map(([name, list, body]) => `${name}(${list}, {${body}})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`),
  ),
}));

/** The ExprError that `work` throws, if any; every other error passes through and fails the property. */
function exprErrorOf(work: () => unknown): ExprError | undefined {
  const started = performance.now();
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ExprError) return error;
    throw error;
  } finally {
    expect(performance.now() - started).toBeLessThan(TIME_LIMIT);
  }
}

const isPlaced = (error: ExprError | undefined, source: string): boolean =>
  error === undefined || (error.position.offset <= source.length && error.position.line >= 1);

describe('expressions', () => {
  it('throw nothing but ExprError and end, whatever the source and the measurement', () => {
    fc.assert(
      fc.property(anySource, fc.jsonValue(), (source, result) => {
        const error = exprErrorOf(() => evaluateCondition(source, toExprValue(result), 0));
        expect(isPlaced(error, source)).toBe(true);
        expect(isPlaced(checkCondition(source), source)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('that are well-formed always parse, and still throw nothing but ExprError', () => {
    fc.assert(
      fc.property(validSource, fc.jsonValue({ maxDepth: 2 }), (source, result) => {
        const environment = { result: toExprValue(result) };
        const error = exprErrorOf(() => evaluate(compile(source), environment, { now: 0, lenient: true }));
        expect(error?.reason ?? '').not.toMatch(/unexpected (?:token|end)/);
      }),
      { numRuns: 800 },
    );
  });

  it('that pass the check never fail for a name or a number of arguments', () => {
    fc.assert(
      fc.property(anySource, fc.jsonValue(), (source, result) => {
        if (checkCondition(source) !== undefined) return;
        const error = exprErrorOf(() => evaluateCondition(source, toExprValue(result), 0));
        expect(error?.reason ?? '').not.toMatch(/unknown name|arguments to call/);
      }),
      { numRuns: 2000 },
    );
  });

  it('give back integers as they were written, wrapped to 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 62n), 2n ** 62n), fc.bigInt(-(2n ** 62n), 2n ** 62n), (a, b) => {
        expect(evaluate(compile(`(${a}) + (${b})`), {})).toBe(BigInt.asIntN(64, a + b));
        expect(evaluate(compile(`(${a}) * (${b})`), {})).toBe(BigInt.asIntN(64, a * b));
        expect(evaluate(compile(`(${a}) < (${b})`), {})).toBe(a < b);
      }),
    );
  });
});

describe('the parts below', () => {
  it('compare strings as their UTF-8 bytes', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 4 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('read back every duration that they print', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n), (nanoseconds) => {
        expect(parseDuration(formatDuration(nanoseconds))).toBe(nanoseconds);
      }),
    );
  });

  it('know the calendar as JavaScript does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (days) => {
        const date = new Date(days * 86_400_000);
        const civil = civilFromDays(days);
        expect(civil).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
        expect(daysFromCivil(civil)).toBe(days);
      }),
    );
  });

  it('match simple patterns as JavaScript does', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', '\\w', '\\bb', '^', '$');
    const quantifier = fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}');
    const piece = fc.tuple(atom, quantifier).map(([a, q]) => (/^[\\^$]/.test(a) && a !== '\\w' ? a : a + q));
    const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 8 }), (source, text) => {
        expect(compileRegExp(source).test(text)).toBe(new RegExp(source).test(text));
      }),
      { numRuns: 2000 },
    );
  });
});
