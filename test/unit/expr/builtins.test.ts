import { describe, expect, it } from 'vitest';
import { show } from './support.ts';

// Each row is a source, and its value as Go prints it with `%T %v`. The environment is in support.ts.

describe('built-in functions', () => {
  it.each([
    ['all(nums, # > 0)', 'bool true'],
    ['all([], false)', 'bool true'],
    ['any(nested, .v > 2)', 'bool true'],
    ['none(nested, {.t == "q"})', 'bool true'],
    ['one(nested, .t == "y")', 'bool true'],
    ['filter(nested, .v in [1, 3]) | map(.t)', '[]interface {} [x x]'],
    ['count(nested, .v > 1)', 'int 2'],
    ['count([true, false, true])', 'int 2'],
    ['sum(nested, .v)', 'float64 6'],
    ['sum([])', 'int 0'],
    ['find(nested, .v > 1).t', 'string y'],
    ['find(nums, # > 9)', '<nil> <nil>'],
    ['findIndex(nums, # == 1)', 'int 1'],
    ['findIndex(nums, # > 9)', '<nil> <nil>'],
    ['findLast(nested, .t == "x").v', 'float64 3'],
    ['findLastIndex(nums, # > 1)', 'int 2'],
    ['map(nested, #.v)', '[]float64 [1 2 3]'],
    ['map(nums, {# ; 1})', '[]interface {} [1 1 1]'],
    ['map([5, 6], #index)', '[]interface {} [0 1]'],
  ])('predicates: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['groupBy(nested, .t)["x"] | len()', 'int 2'],
    ['groupBy(1..5, # % 2)[1]', '[]interface {} [1 3 5]'],
    ['groupBy([duration("1s"), duration("1000ms")], #) | len()', 'int 1'],
    ['sortBy(nested, .v, "desc")[0].v', 'float64 3'],
    ['sortBy(nested, -.v)[0].v', 'float64 3'],
    ['sortBy(nested, .t) | map(.v)', '[]float64 [1 3 2]'],
    ['reduce(1..9, #acc + #)', 'int 45'],
    ['reduce(1..9, #acc + #, 10)', 'int 55'],
    ['reduce(nums, #acc + # * #index, 0)', 'float64 5'],
    ['reduce([1, 2], #acc, nil)', '<nil> <nil>'],
  ])('groupBy, sortBy and reduce: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['upper(s)', 'string HÉLLO WÖRLD'],
    ['lower("ABC")', 'string abc'],
    ['upper("ß")', 'string ß'],
    ['trim("  a ")', 'string a'],
    ['trim("__a__", "_")', 'string a'],
    ['trimPrefix("abc", "a")', 'string bc'],
    ['trimSuffix("abc", "c")', 'string ab'],
    ['trimPrefix(" a")', 'string a'],
    ['split("a,b,c", ",")', '[]interface {} [a b c]'],
    ['split("a,b,c", ",", 2)', '[]interface {} [a b,c]'],
    ['split("abc", "")', '[]interface {} [a b c]'],
    ['split("a,b", ",", 0)', '[]interface {} []'],
    ['splitAfter("a,b,c", ",")', '[]interface {} [a, b, c]'],
    ['splitAfter("a,b,c", ",", 2)', '[]interface {} [a, b,c]'],
    ['replace("aaa", "a", "b")', 'string bbb'],
    ['replace("aaa", "a", "b", 2)', 'string bba'],
    ['replace("ab", "", "-")', 'string -a-b-'],
    ['replace("ab", "", "-", 2)', 'string -a-b'],
    ['repeat("ab", 3)', 'string ababab'],
    ['join(["a", "b"], "-")', 'string a-b'],
    ['join(["a", "b"])', 'string ab'],
    ['indexOf("apple", "q")', 'int -1'],
    ['hasPrefix(s, "h")', 'bool true'],
    ['hasSuffix(s, "d")', 'bool true'],
    ['toBase64("héllo")', 'string aMOpbGxv'],
    ['fromBase64("aMOpbGxv")', 'string héllo'],
    ['toBase64("a")', 'string YQ=='],
    ['fromBase64("YWI=")', 'string ab'],
  ])('text functions: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['max(1, 2.5)', 'float64 2.5'],
    ['min(nums)', 'float64 1'],
    ['max([1, [7, 2]], 3)', 'int 7'],
    ['max([])', '<nil> <nil>'],
    ['mean(nums)', 'float64 2'],
    ['mean(1, 2, 4)', 'float64 2.3333333333333335'],
    ['mean([])', 'float64 0'],
    ['median(nums)', 'float64 2'],
    ['median([1, 2, 3, 4])', 'float64 2.5'],
    ['median([])', 'float64 0'],
    ['abs(-5)', 'int 5'],
    ['abs(-1.5)', 'float64 1.5'],
    ['ceil(1.2)', 'float64 2'],
    ['floor(-1.2)', 'float64 -2'],
    ['floor(2)', 'float64 2'],
    ['round(2.5)', 'float64 3'],
    ['round(-2.5)', 'float64 -3'],
    ['round(0.49999999999999994)', 'float64 0'],
  ])('numbers: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['bitand(6, 3)', 'int 2'],
    ['bitor(6, 3)', 'int 7'],
    ['bitxor(6, 3)', 'int 5'],
    ['bitnand(6, 3)', 'int 4'],
    ['bitnot(5)', 'int -6'],
    ['bitshl(1, 63)', 'int -9223372036854775808'],
    ['bitshl(1, 64)', 'int 0'],
    ['bitshr(-8, 1)', 'int -4'],
    ['bitushr(-5, 2)', 'int 4611686018427387902'],
  ])('bits: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['int("42")', 'int 42'],
    ['int(4.9)', 'int 4'],
    ['int(-4.9)', 'int -4'],
    ['int("-7")', 'int -7'],
    ['float("1e3")', 'float64 1000'],
    ['float(2)', 'float64 2'],
    ['float("-Inf")', 'float64 -Inf'],
    ['string(1.5)', 'string 1.5'],
    ['string(nil)', 'string <nil>'],
    ['string([1, 2.5, "a", nil])', 'string [1 2.5 a <nil>]'],
    ['string({b: 1, a: [1]})', 'string map[a:[1] b:1]'],
    ['string(100000.0)', 'string 100000'],
    ['string(1000000.0)', 'string 1e+06'],
    ['string(0.0001)', 'string 0.0001'],
    ['string(0.00009)', 'string 9e-05'],
    ['string(123456789.0)', 'string 1.23456789e+08'],
    ['string(1e21)', 'string 1e+21'],
    ['string(NaN)', 'string NaN'],
    ['toJSON([])', 'string []'],
    ['toJSON({})', 'string {}'],
    [
      'toJSON({b: 1, a: [1, 2.5, nil, "<x>"]})',
      'string {\n  "a": [\n    1,\n    2.5,\n    null,\n    "\\u003cx\\u003e"\n  ],\n  "b": 1\n}',
    ],
    ['fromJSON("[1, {\\"a\\": null}]")', '[]interface {} [1 map[a:<nil>]]'],
    ['fromJSON("1")', 'float64 1'],
  ])('conversions: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['type(1)', 'string int'],
    ['type(1.5)', 'string float'],
    ['type("a")', 'string string'],
    ['type(true)', 'string bool'],
    ['type(nil)', 'string nil'],
    ['type([1])', 'string array'],
    ['type({})', 'string map'],
    ['type(now())', 'string time.Time'],
    ['type(duration("1s"))', 'string time.Duration'],
    ['type(b"x")', 'string array'],
  ])('types: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['keys({a: 1})', '[]interface {} [a]'],
    ['values({a: 1})', '[]interface {} [1]'],
    ['toPairs({a: 1})', '[]interface {} [[a 1]]'],
    ['fromPairs([["a", 1]]).a', 'int 1'],
    ['fromPairs([[1, 2]])[1]', 'int 2'],
    ['first(nums)', 'float64 3'],
    ['last(nums)', 'float64 2'],
    ['first([])', '<nil> <nil>'],
    ['last([])', '<nil> <nil>'],
    ['get(nums, 9)', '<nil> <nil>'],
    ['get(nums, -1)', 'float64 2'],
    ['get(m, "zz")', '<nil> <nil>'],
    ['take(nums, 2)', '[]float64 [3 1]'],
    ['take(nums, 9)', '[]float64 [3 1 2]'],
    ['reverse(nums)', '[]float64 [2 1 3]'],
    ['uniq([1, 1.0, 2, "a", "a"])', '[]interface {} [1 2 a]'],
    ['concat([1], [2, 3])', '[]interface {} [1 2 3]'],
    ['flatten([1, [2, [3]]])', '[]interface {} [1 2 3]'],
    ['sort(nums)', '[]float64 [1 2 3]'],
    ['sort(nums, "desc")', '[]float64 [3 2 1]'],
    ['sort(["b", "a"])', '[]interface {} [a b]'],
    ['len({a: 1})', 'int 1'],
    ['len([])', 'int 0'],
  ])('lists and maps: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });
});
