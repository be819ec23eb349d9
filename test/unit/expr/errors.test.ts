import { describe, expect, it } from 'vitest';
import { compile, evaluate } from '../../../src/core/expr/expr.ts';
import { ExprError } from '../../../src/core/expr/expr-error.ts';
import { UNKNOWN } from '../../../src/core/expr/types.ts';
import { HostFunction } from '../../../src/core/expr/values.ts';
import { environment, run } from './support.ts';

function errorOf(work: () => unknown): ExprError {
  try {
    work();
  } catch (error) {
    if (error instanceof ExprError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

const messageOf = (source: string): string => errorOf(() => run(source)).message;

describe('errors of syntax', () => {
  it.each([
    ['', 'unexpected end of expression (1:1)'],
    ['1 2', 'unexpected token number "2" (1:3)'],
    ['(1', 'unexpected end of expression (1:2)'],
    ['[1', 'unexpected end of expression (1:2)'],
    ['true and', 'unexpected end of expression (1:8)'],
    ['{a}', 'unexpected token bracket "}" (1:3)'],
    ['{[1]: 2}', 'a map key must be a name, a number, a string or an expression in parentheses (1:2)'],
    ['1()', 'unexpected token bracket "(" (1:2)'],
    ['nil.x', 'unexpected token operator "." (1:4)'],
    ['not in', 'unexpected token operator "in" (1:5)'],
    ['1 not + 2', 'unexpected token operator "+" (1:7)'],
    ['let x = 1 x', 'unexpected token identifier "x" (1:11)'],
    ['ok.+', 'expected a name (1:4)'],
    ['#', 'unexpected token operator "#" (1:1)'],
    ['.a', 'unexpected token operator "." (1:1)'],
    ['"abc', 'literal not terminated (1:5)'],
    ['`abc', 'literal not terminated (1:5)'],
    ['"a\nb"', 'literal not terminated (1:3)'],
    ['"\\q"', 'invalid char escape (1:3)'],
    ['b"\\u0041"', 'invalid char escape (1:4)'],
    ['1 /* 2', 'unclosed comment (1:7)'],
    ['1a', 'bad number syntax: "1a" (1:2)'],
    ['0x', 'invalid number literal 0x (1:1)'],
    ['1e', 'invalid number literal 1e (1:1)'],
    ['1e400', 'float literal 1e400 is out of range (1:1)'],
    ['9223372036854775808', 'integer literal 9223372036854775808 is out of range (64 bits) (1:1)'],
    ['a @ b', "unrecognized character: U+0040 '@' (1:3)"],
    ['n ?? 1 == 1.5', 'operators == and ?? cannot be mixed: put one of them in parentheses (1:8)'],
    ['all()', 'not enough arguments to call all (1:5)'],
    ['all(nums)', 'not enough arguments to call all (1:9)'],
    ['map(nums, # ; 1)', 'put the predicate between { and } to use several statements (1:13)'],
  ])('%j', (source, expected) => {
    expect(errorOf(() => compile(source)).message).toBe(expected);
  });
});

describe('errors of types and names, found before anything is computed', () => {
  it.each([
    ['foo > 1', 'unknown name foo (1:1)'],
    ['false and foo', 'unknown name foo (1:11)'],
    ['foo(1)', 'unknown name foo (1:1)'],
    ['$env["q"]', 'unknown name q (1:5)'],
    ['floats == 1', 'invalid operation: == (mismatched types []float64 and int) (1:8)'],
    ['floats > 1', 'invalid operation: > (mismatched types []float64 and int) (1:8)'],
    ['1 < s < 3', 'invalid operation: < (mismatched types int and string) (1:3)'],
    ['floats[0] == "x"', 'invalid operation: == (mismatched types float64 and string) (1:11)'],
    ['"a" in floats', 'cannot use string as type float64 in array (1:5)'],
    ['5 in m', 'cannot use int as type string in map key (1:3)'],
    ['"a" in s', 'invalid operation: in (mismatched types string and string) (1:5)'],
    ['n == "1.5"', 'invalid operation: == (mismatched types float64 and string) (1:3)'],
    ['z > 1', 'invalid operation: > (mismatched types unknown and int) (1:3)'],
    ['m + 1', 'invalid operation: + (mismatched types map[string]interface {} and int) (1:3)'],
    ['7.5 % 2', 'invalid operation: % (mismatched types float64 and int) (1:5)'],
    ['not 1', 'invalid operation: not (mismatched type int) (1:1)'],
    ['-"a"', 'invalid operation: - (mismatched type string) (1:1)'],
    ['true and 1', 'invalid operation: and (mismatched types bool and int) (1:6)'],
    ['if 1 {2} else {3}', 'non-bool expression (type int) used as condition (1:4)'],
    ['any(l, 1)', 'predicate should return boolean (got int) (1:8)'],
    ['all(5, true)', 'builtin all takes only array (got int) (1:5)'],
    ['sortBy(nums, #, 1)', 'sortBy order argument must be a string (got int) (1:17)'],
    ['map([1], #foo)', 'unknown pointer #foo (1:10)'],
    ['filter(nums, #acc > 1)', 'unknown pointer #acc (1:14)'],
    ['s[0]', 'type string[int] is undefined (1:2)'],
    ['s.x', 'type string has no field x (1:3)'],
    ['z.x', 'type nil has no field x (1:3)'],
    ['nums["a"]', 'array elements can only be selected using an integer (got string) (1:6)'],
    ['m[1]', 'cannot use int to get an element from map[string]interface {} (1:3)'],
    ['n[1:2]', 'cannot slice float64 (1:2)'],
    ['l[1:1.5]', 'non-integer slice index float64 (1:5)'],
    ['s()', 'string is not callable (1:1)'],
    ['len()', 'not enough arguments to call len (1:1)'],
    ['upper("a", "b")', 'too many arguments to call upper (1:1)'],
    ['upper(1)', 'cannot use int as argument (type string) to call upper (1:7)'],
    ['upper(nil)', 'cannot use nil as argument (type string) to call upper (1:7)'],
    ['let len = 1; len', 'cannot redeclare len (1:5)'],
    ['let x = 1; let x = 2; x', 'cannot redeclare x (1:16)'],
    ['date("2023-08-14").Month() == 8', 'invalid operation: == (mismatched types time.Month and int) (1:28)'],
    ['-duration("1h")', 'invalid operation: - (mismatched type time.Duration) (1:1)'],
    ['duration("1h").Foo()', 'type time.Duration has no field Foo (1:16)'],
    ['s matches "("', 'error parsing regexp: missing closing ): `(` (1:3)'],
  ])('%j', (source, expected) => {
    expect(messageOf(source)).toBe(expected);
  });
});

describe('errors of evaluation', () => {
  it.each([
    ['l[9]', 'index out of range: 9 (length is 4) (1:2)'],
    ['m.zz.y', 'cannot fetch y from <nil> (1:6)'],
    ['m.a.x', 'cannot fetch x from float64 (1:5)'],
    ['m.a()', 'invalid operation: cannot call non-function of type float64 (1:3)'],
    ['l[0] + "a"', 'invalid operation: float64 + string (1:6)'],
    ['any(nested, .zz > 1)', 'invalid operation: <nil> > int (1:17)'],
    ['10 % 0', 'integer divide by zero (1:4)'],
    ['sum(["a"])', 'invalid operation: string + int (1:1)'],
    ['sort(l)', 'invalid operation: string < float64 (1:1)'],
    ['reduce([], #acc)', 'reduce of empty array with no initial value (1:1)'],
    ['int("4.9")', 'invalid operation: int(4.9) (1:1)'],
    ['fromJSON("{")', 'fromJSON: the text is not valid JSON (1:1)'],
    ['fromBase64("!")', 'illegal base64 data (1:1)'],
    ['toJSON(NaN)', 'toJSON: NaN has no JSON form (1:1)'],
    ['groupBy([[1]], #)', 'cannot use []interface {} as a key for groupBy: type is not comparable (1:1)'],
    ['bitshl(1, -1)', 'invalid operation: negative shift count -1 (1:1)'],
    ['repeat("a", -1)', 'invalid argument for repeat (expected a positive integer, got -1) (1:1)'],
    ['sort(nums, "up")', 'invalid order for sort: expected "asc" or "desc" (1:1)'],
    ['duration("5 minutes")', 'invalid duration "5 minutes": write it like "90s", "5m" or "1h30m" (1:1)'],
    ['date("2023-02-30")', 'invalid date "2023-02-30" (1:1)'],
    [
      'timezone("Europe/Zurich")',
      'unknown time zone "Europe/Zurich": only UTC and fixed offsets such as "+02:00" are known here (1:1)',
    ],
  ])('%j', (source, expected) => {
    expect(messageOf(source)).toBe(expected);
  });

  it('shows the place below its source line', () => {
    const error = errorOf(() => run('true and\n  nums > 1'));
    expect(error.position).toEqual({ line: 2, column: 8, offset: 16 });
    expect(error.describe()).toBe(
      'invalid operation: > (mismatched types []float64 and int) (2:8)\n |   nums > 1\n | .......^',
    );
  });

  it('counts columns in characters and cuts a long line around the place', () => {
    expect(errorOf(() => run('"😀" + foo')).position.column).toBe(7);
    const long = errorOf(() => run(`${'1 + '.repeat(100)}foo`));
    expect(long.position.column).toBe(401);
    const [shown = '', caret = ''] = long.snippet.split('\n');
    expect(shown.length).toBeLessThan(130);
    expect(shown.slice(caret.indexOf('^'), caret.indexOf('^') + 3)).toBe('foo');
  });

  it('has now() only when it is told the time', () => {
    expect(run('now()')).toMatchObject({ nanoseconds: 1_795_291_476_000_000_000n });
    expect(errorOf(() => evaluate(compile('now()'), {})).reason).toBe('now() is not available in this expression');
  });
});

describe('host functions and lenient evaluation', () => {
  const failing = new HostFunction('lookup', [UNKNOWN], UNKNOWN, () => {
    throw new Error('the host said no');
  });

  it('turns the error of a host function into an ExprError at the call', () => {
    expect(errorOf(() => evaluate(compile('1 + lookup(2)'), { lookup: failing })).message).toBe(
      'the host said no (1:5)',
    );
  });

  it('calls functions inside maps, as notification triggers do', () => {
    const twice = new HostFunction('Twice', [UNKNOWN], UNKNOWN, ([value = null]) =>
      typeof value === 'bigint' ? value * 2n : null,
    );
    expect(evaluate(compile('math.Twice(21)'), { math: new Map([['Twice', twice]]) }, { lenient: true })).toBe(42n);
    expect(errorOf(() => evaluate(compile('math.Twice()'), { math: new Map([['Twice', twice]]) })).reason).toBe(
      'invalid number of arguments to Twice: expected 1, got 0',
    );
  });

  it('takes an unknown name for nil only when lenient', () => {
    expect(evaluate(compile('missing?.status ?? "none"'), {}, { lenient: true })).toBe('none');
    expect(errorOf(() => evaluate(compile('missing'), {})).reason).toBe('unknown name missing');
  });
});

describe('bounds', () => {
  it.each([
    ['nesting', `${'('.repeat(500)}1${')'.repeat(500)}`, 'nested deeper than 200'],
    ['unary operators', `${'-'.repeat(500)}1`, 'nested deeper than 200'],
    ['member chains', `m${'.a'.repeat(500)}`, 'nested deeper than 200'],
    ['pipes', `nums${' | map(#)'.repeat(500)}`, 'nested deeper than 200'],
    ['mixed chains', `1${' < 2 == true'.repeat(500)}`, 'nested deeper than 200'],
    ['negated chains', `1${' not in nums'.repeat(500)}`, 'nested deeper than 200'],
    ['nodes', Array.from({ length: 6000 }, () => '1').join('+'), 'exceeds 10000 nodes'],
    ['length', ' '.repeat(70_000), 'longer than 65536 characters'],
    ['steps', 'all(1..2000, {let x = #; all(1..2000, # + x > 0)})', 'step budget exceeded'],
    ['list memory', '[1..600000, 1..600000]', 'memory budget exceeded'],
    ['huge ranges', '0..9223372036854775807', 'memory budget exceeded'],
    ['text memory', 'reduce(1..60, #acc + #acc, "ab")', 'memory budget exceeded'],
    ['repeat', 'repeat("abc", 999999)', 'memory budget exceeded'],
    ['shared structure', 'string(reduce(1..60, [#acc, #acc], [1]))', 'budget exceeded'],
    [
      'comparing shared structure',
      'let a = reduce(1..60, [#acc, #acc], [1]); let b = reduce(1..60, [#acc, #acc], [1]); a == b',
      'budget exceeded',
    ],
    ['deep values', 'flatten(reduce(1..500, [#acc], [1]))', 'nested deeper than 200'],
  ])('%s', (_, source, expected) => {
    const started = performance.now();
    expect(messageOf(source)).toContain(expected);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it.each(['result[5:6] == "q"', 'result < result', 'len(result) == 1', 'result contains "z"'])(
    'charges %s for the length of a text that a provider returned',
    (predicate) => {
      const program = compile(`any(1..100000, ${predicate})`);
      expect(errorOf(() => evaluate(program, { result: 'é'.repeat(1_000_000) })).reason).toContain('step budget');
    },
  );

  it('takes long flat chains of operators, which do not nest', () => {
    expect(run(Array.from({ length: 4000 }, () => '1').join(' + '))).toBe(4000n);
    expect(run(Array.from({ length: 4000 }, () => 'false').join(' or '))).toBe(false);
  });

  it('never reaches a prototype', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(run(`m.${name}`)).toBe(null);
      expect(run(`"${name}" in m`)).toBe(false);
      expect(run(`"${name}" in $env`)).toBe(false);
      expect(messageOf(name)).toBe(`unknown name ${name} (1:1)`);
      expect(messageOf(`${name}(1)`)).toBe(`unknown name ${name} (1:1)`);
      expect(messageOf(`nums.${name}`)).toContain('array elements can only be selected using an integer');
    }
    expect(Object.hasOwn(environment, '__proto__')).toBe(false);
    expect(evaluate(compile('{"__proto__": 1}["__proto__"]'), {})).toBe(1n);
  });
});
