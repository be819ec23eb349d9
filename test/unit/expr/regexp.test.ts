import { describe, expect, it } from 'vitest';
import { compileRegExp } from '../../../src/core/expr/regexp/go-regexp.ts';

describe('Go regular expressions', () => {
  it.each([
    ['abc', 'xabcx', true],
    ['^abc$', 'xabcx', false],
    ['^h.*d$', 'héllo wörld', true],
    ['a(b|x)c', 'axc', true],
    ['^(?:ab|cd)+$', 'abcdab', true],
    ['^(?P<n>a)(?<m>b)$', 'ab', true],
    ['^a{2}$', 'aaa', false],
    ['^a{2,}$', 'aaa', true],
    ['^a{1,2}$', 'aaa', false],
    ['^a{0}$', '', true],
    ['a{,2}', 'a{,2}', true],
    ['^a*?b+?c??$', 'aabb', true],
    ['(?i)HÉLLO', 'héllo', true],
    ['(?i:A)b', 'aB', false],
    ['(?i)[a-c]+$', 'ABC', true],
    ['(?i)a(?-i)b', 'AB', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^b$', 'a\nb\nc', false],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['^.$', '😀', true],
    ['\\bfoo\\b', 'a foo b', true],
    ['\\bfoo\\b', 'afoo', false],
    ['o\\Bo', 'foo', true],
    ['\\A\\d+\\z', '123', true],
    ['^\\d$', '٣', false],
    ['^[\\d\\-x]+$', '1-x', true],
    ['[^a-z]', 'abc', false],
    ['^[]a]+$', ']a', true],
    ['^[a-]+$', 'a-', true],
    ['[[:alpha:]]+\\s\\w', 'ab 1', true],
    ['^[[:^digit:]]$', '1', false],
    ['^\\p{L}+$', 'éΩ', true],
    ['^\\p{Greek}+$', 'Ω', true],
    ['^\\PL$', '1', true],
    ['^\\p{^L}$', 'a', false],
    ['^\\x41\\x{1F600}\\101$', 'A😀A', true],
    ['^\\Qa.b\\E$', 'a.b', true],
    ['^\\Qa.b\\E$', 'axb', false],
    ['\\.', 'a', false],
    ['', '', true],
    ['a|', 'b', true],
    ['^(a|b|)$', '', true],
    ['(a*)*$', 'aaa', true],
    ['()+x', 'x', true],
  ])('%s on %j is %s', (pattern, text, expected) => {
    expect(compileRegExp(pattern).test(text)).toBe(expected);
  });

  it.each([
    ['(', 'missing closing )'],
    [')', 'unexpected )'],
    ['[a', 'missing closing ]'],
    ['[z-a]', 'invalid character class range'],
    ['*a', 'missing argument to repetition operator'],
    ['a**', 'invalid nested repetition operator'],
    ['a{1001}', 'invalid repeat count'],
    ['a{3,2}', 'invalid repeat count'],
    ['(?=a)', 'look-around'],
    ['(?<!a)b', 'look-around'],
    ['(a)\\1', 'back-references are not supported'],
    ['\\y', 'invalid escape'],
    ['a\\', 'trailing backslash'],
    ['\\p{Nope}', 'unknown character class'],
    ['[[:nope:]]', 'unknown character class'],
    ['\\x{110000}', 'invalid character'],
    ['((a{100}){100}){100}', 'too large'],
    ['((){1000}){1000}', 'too large'],
    ['('.repeat(300) + ')'.repeat(300), 'nests too deeply'],
  ])('rejects %s', (pattern, expected) => {
    expect(() => compileRegExp(pattern)).toThrow(expected);
  });

  it('matches in time linear in the text where a backtracking engine would hang', () => {
    const work = (length: number): number => {
      let steps = 0;
      const matched = compileRegExp('^(a+)+$').test(`${'a'.repeat(length)}b`, (count) => {
        steps += count;
      });
      expect(matched).toBe(false);
      return steps;
    };
    expect(work(4000) / work(2000)).toBeCloseTo(2, 1);
  });
});
