import { describe, expect, it } from 'vitest';
import { show } from './support.ts';

// Each row is a source, and its value as Go prints it with `%T %v`. The environment is in support.ts.

describe('the language', () => {
  it.each([
    ['1 + 2 * 3', 'int 7'],
    ['7 / 2', 'float64 3.5'],
    ['7 % 3', 'int 1'],
    ['-7 % 3', 'int -1'],
    ['2 ** 3', 'float64 8'],
    ['2 ** -1', 'float64 0.5'],
    ['1 + 1.5', 'float64 2.5'],
    ['n + 1', 'float64 2.5'],
    ['1 / 0', 'float64 +Inf'],
    ['-1 / 0', 'float64 -Inf'],
    ['0 / 0', 'float64 NaN'],
    ['9223372036854775807 + 1', 'int -9223372036854775808'],
    ['-9223372036854775807 - 2', 'int 9223372036854775807'],
    ['2 - -1', 'int 3'],
    ['- -1', 'int 1'],
    ['"a" + "b"', 'string ab'],
  ])('arithmetic keeps ints and floats apart: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['1 + 2 * 3 ** 2 ^ 2', 'float64 163'],
    ['-2 ** 2', 'float64 -4'],
    ['(1 + 2) * 3', 'int 9'],
    ['not true == false', 'bool true'],
    ['not ok and false', 'bool false'],
    ['true or false and false', 'bool true'],
    ['1 + 1 .. 3', '[]interface {} [2 3]'],
    ['2 * 3 == 6 and 7 - 1 == 6', 'bool true'],
    ['10 - 2 - 3', 'int 5'],
    ['2 ** 3 ** 2', 'float64 512'],
    ['ok ? 1 : false ? 2 : 3', 'int 1'],
    ['(z ?? 1) + 1', 'int 2'],
    ['not (1 in [1])', 'bool false'],
  ])('precedence and associativity: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['1 == 1.0', 'bool true'],
    ['[1, 2] == [1.0, 2]', 'bool true'],
    ['[1, [2, 3]] == [1, [2.0, 3]]', 'bool true'],
    ['{a: 1} == {a: 1}', 'bool true'],
    ['{a: 1} == {a: 1.0}', 'bool false'],
    ['[{a: 1}] == [{a: 1.0}]', 'bool false'],
    ['{a: 1} == {b: 1}', 'bool false'],
    ['z == nil', 'bool true'],
    ['l[0] == "x"', 'bool false'],
    ['m.a == "x"', 'bool false'],
    ['nil == nil', 'bool true'],
    ['b"abc" == b"abc"', 'bool true'],
  ])('comparison by value, strict only inside maps: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['1 < 2 < 3', 'bool true'],
    ['3 > 2 > 2', 'bool false'],
    ['1 <= 1 < 2 >= 2', 'bool true'],
    ['0 < n <= 1.5', 'bool true'],
  ])('chained comparisons: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['NaN > 1', 'bool false'],
    ['NaN < 1', 'bool false'],
    ['NaN >= NaN', 'bool false'],
    ['NaN == NaN', 'bool false'],
    ['NaN != NaN', 'bool true'],
    ['[NaN] == [NaN]', 'bool false'],
    ['any([NaN], # < 1)', 'bool false'],
  ])('NaN is equal to nothing and in no order: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['len(s)', 'int 11'],
    ['indexOf(s, "w")', 'int 7'],
    ['lastIndexOf(s, "l")', 'int 11'],
    ['s[7:]', 'string wörld'],
    ['s[:1]', 'string h'],
    ['"abc"[-2:]', 'string bc'],
    ['"é" < "z"', 'bool false'],
    ['"😀" > "￿"', 'bool true'],
    ['l[1][0]', 'int 97'],
  ])('strings are bytes except for len: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['s contains "wör"', 'bool true'],
    ['s startsWith "hé"', 'bool true'],
    ['s endsWith "ld"', 'bool true'],
    ['s not contains "q"', 'bool true'],
    ['m.b contains "x"', 'bool false'],
    ['l[2] startsWith l[1]', 'bool false'],
  ])('text operators: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['0x2A + 0o52 + 0b101010', 'int 126'],
    ['1_000', 'int 1000'],
    ['.5', 'float64 0.5'],
    ['1.', 'float64 1'],
    ['1e3', 'float64 1000'],
    ['1.5e-3', 'float64 0.0015'],
    ['"\\u00e9\\x41\\101"', 'string éAA'],
    ['"\\u{1F600}"', 'string 😀'],
    ["'it\\'s'", "string it's"],
    ['`raw \\n`', 'string raw \\n'],
    ['`a``b`', 'string a`b'],
    ['b"a\\xff"', '[]uint8 [97 255]'],
    ['len(b"abc")', 'int 3'],
    ['[1, 2, 3,]', '[]interface {} [1 2 3]'],
    ['{a: 1, "b": 2, 3: 4, ("x" + "y"): 5}', 'map[string]interface {} map[3:4 a:1 b:2 xy:5]'],
    ['{a: 1, a: 2}', 'map[string]interface {} map[a:1]'],
    ['/* c */ 1 // d', 'int 1'],
    ['nil', '<nil> <nil>'],
  ])('literals: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['m.c.d', 'string x'],
    ['m["c"]["d"]', 'string x'],
    ['m.zz', '<nil> <nil>'],
    ['l[-1]', '[]float64 [2 3]'],
    ['l[3][0]', 'float64 2'],
    ['nums[1:]', '[]float64 [1 2]'],
    ['nums[:-1]', '[]float64 [3 1]'],
    ['nums[5:2]', '[]interface {} []'],
    ['nums[-9:9]', '[]float64 [3 1 2]'],
    ['nums[:]', '[]float64 [3 1 2]'],
    ['{"a": 1}["a"]', 'int 1'],
    ['(1..3)[1]', 'int 2'],
    ['m.in', '<nil> <nil>'],
    ['m.not', '<nil> <nil>'],
  ])('members, indices and slices: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['m.zz?.y.z', '<nil> <nil>'],
    ['m?.c.d', 'string x'],
    ['m.c?.d', 'string x'],
    ['m.zz?.[0]', '<nil> <nil>'],
    ['m?.["c"]["d"]', 'string x'],
    ['m.zz?.y() ?? "none"', 'string none'],
    ['m.c.zz?.x ?? 5', 'int 5'],
  ])('optional chains end as a whole: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['z ?? 5', 'int 5'],
    ['m.b ?? "d"', 'string d'],
    ['z ?? nil ?? 3', 'int 3'],
    ['false ?? true', 'bool false'],
  ])('nil coalescing: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['ok ? 1 : 2', 'int 1'],
    ['z == nil ? "y" : "n"', 'string y'],
    ['ok ?: false', 'bool true'],
    ['if n > 1 { "big" } else { "small" }', 'string big'],
    ['if n > 2 { "big" } else if n > 1 { "mid" } else { "small" }', 'string mid'],
    ['ok or m.a', 'bool true'],
    ['false and m.a', 'bool false'],
  ])('conditions: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['let x = 2; let y = x * 2; x + y', 'int 6'],
    ['let x = nums; sum(x) / len(x)', 'float64 2'],
    ['1; 2; 3', 'int 3'],
    ['1;', 'int 1'],
    ['any(nested, {let v = .v; any(nums, # == v)})', 'bool true'],
  ])('let and sequences: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['1 in nums', 'bool true'],
    ['4 not in nums', 'bool true'],
    ['"a" in m', 'bool true'],
    ['"zz" not in m', 'bool true'],
    ['1 in 1..3', 'bool true'],
    ['z in nums', 'bool false'],
    ['nums in [nums]', 'bool true'],
    ['2 in floats', 'bool false'],
  ])('membership: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['1..3', '[]interface {} [1 2 3]'],
    ['3..1', '[]interface {} []'],
    ['len(1..100)', 'int 100'],
    ['sum(1..10)', 'int 55'],
  ])('ranges: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['l | len()', 'int 4'],
    ['nums | map(# + 1) | filter(# > 2) | len()', 'int 2'],
    ['"abc" | upper() | len()', 'int 3'],
    ['filter(nested, .t == "x") | map(.v) | sum()', 'float64 4'],
    ['5 | string()', 'string 5'],
    ['s | hasPrefix("h")', 'bool true'],
  ])('pipes: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['$env.n', 'float64 1.5'],
    ['$env["n"]', 'float64 1.5'],
    ['"n" in $env', 'bool true'],
    ['"q" in $env', 'bool false'],
    ['$env?.q', '<nil> <nil>'],
    ['$env["" + "z"]', '<nil> <nil>'],
  ])('the environment as a map: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });

  it.each([
    ['::len(s)', 'int 11'],
    ['::upper("a")', 'string A'],
  ])('builtins by ::: %s', (source, expected) => {
    expect(show(source)).toBe(expected);
  });
});
