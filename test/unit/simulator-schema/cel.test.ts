import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/simulator/patch/json.ts';
import { CelError } from '../../../src/simulator/schema/cel/cel-error.ts';
import { compileRule } from '../../../src/simulator/schema/cel/compile-rule.ts';
import { evaluateRules } from '../../../src/simulator/schema/cel.ts';
import {
  type StructuralSchema,
  summarizeFieldErrors,
  type ValidationRule,
} from '../../../src/simulator/schema/structural.ts';

const self: JsonObject = {
  n: 3,
  half: 0.5,
  two: 2,
  name: 'canary-😀',
  steps: [{ w: 10 }, { w: 50 }],
  tags: ['a', 'b'],
  labels: { app: 'web', 'a-b': 'dash' },
  nothing: null,
};

const schema = (rules: readonly ValidationRule[]): StructuralSchema => ({
  type: 'object',
  properties: {
    n: { type: 'integer' },
    half: { type: 'number' },
    two: { type: 'number' },
    name: { type: 'string' },
    steps: { type: 'array', items: { type: 'object', properties: { w: { type: 'integer' } } } },
    tags: { type: 'array', items: { type: 'string' } },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
  'x-kubernetes-validations': rules,
});

/** What the API server says of a rule that must hold: nothing, or its message. */
function verdict(rule: string, old?: Json, more: Partial<ValidationRule> = {}): string {
  const errors = evaluateRules(schema([{ rule, ...more }]), self, old);
  return errors.length === 0 ? '' : summarizeFieldErrors(errors);
}

function compileError(source: string): CelError {
  try {
    compileRule(source);
  } catch (error) {
    if (error instanceof CelError) return error;
  }
  throw new Error(`${source} compiled`);
}

describe('expressions', () => {
  test.each([
    'self.n == 3 && self.n != 4 && self.n <= 3 && self.n > 2',
    '1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 / 2 == 3 && 7 % 4 == 3 && -7 / 2 == -3 && 10 - 3 - 2 == 5',
    '7.0 / 2.0 == 3.5 && 0x10 == 16 && 1e3 == 1000.0',
    'self.half + self.two == 2.5',
    'self.two == 2 && self.n > self.half && 3 == 3.0',
    'size(self.steps) == 2 && self.tags.size() == 2 && self.name.size() == 8 && size(self.labels) == 2',
    'has(self.n) && !has(self.absent) && has(self.labels.app)',
    'self.nothing == null',
    'self.name.startsWith("can") && self.name.endsWith("😀") && self.name.contains("ary-") && self.name.matches("^[a-z]+-")',
    "'a' in self.tags && !('z' in self.tags) && 'app' in self.labels && 3 in [1, 2, 3]",
    'self.steps.all(s, s.w > 0 && s.w <= 100) && self.steps.exists(s, s.w == 50) && self.steps.exists_one(s, s.w < 20)',
    'self.steps.map(s, s.w) == [10, 50] && self.steps.filter(s, s.w > 20).size() == 1',
    'self.steps.map(s, s.w > 20, s.w * 2) == [100]',
    'self.labels.all(k, size(self.labels[k]) > 0)',
    'self.steps[1].w == 50 && self.labels["app"] == "web" && self.labels.a__dash__b == "dash"',
    'self.n > 5 ? false : self.n > 2 ? true : false',
    '[1, 2] + [3] == [1, 2, 3] && {"a": 1}.a == 1 && {"a": 1}["a"] == 1 && {"x": [1]} == {"x": [1.0]}',
    '"a" + \'b\' == "ab" && r"\\d" == "\\\\d" && "\\u0041\\n".size() == 2 && """a"b""" == "a\\"b"',
    '"b" > "a" && true > false',
    '!(self.n == 4) && !!true && - self.n == -3',
    // A side that decides is enough, even when the other cannot be evaluated.
    'self.absent == 1 || true',
    '!(self.absent == 1 && false)',
    '[0, 1].exists(x, 1 / x == 1)',
    'self.tags.join(",") == "a,b" && "a-b".split("-") == ["a", "b"] && "aXb".replace("X", "$&") == "a$&b"',
    '"héllo".substring(1, 3) == "él" && "😀b".indexOf("b") == 1 && " x ".trim() == "x" && "aB".lowerAscii() == "ab"',
    'int("12") == 12 && double(1) == 1.0 && string(self.n) == "3" && int(3.9) == 3',
    '[3, 1, 2].max() == 3 && [3, 1].min() == 1 && [1, 2].sum() == 3 && [1, 2].isSorted() && ![2, 1].isSorted()',
    '-9223372036854775808 < 0 // the smallest integer',
  ])('%s', (rule) => {
    expect(verdict(rule)).toBe('');
  });

  test.each([
    ['self.n == 4', 'failed rule: self.n == 4'],
    ['self.absent == 1', 'no such key: absent evaluating rule: self.absent == 1'],
    [
      'self.n + "a" == "3a"',
      '\'no such overload\': call arguments did not match a supported operator, function or macro signature for rule: self.n + "a" == "3a"',
    ],
    ['1 / 0 == 1', 'division by zero evaluating rule: 1 / 0 == 1'],
    ['self.tags[2] == "c"', 'index out of bounds: 2 evaluating rule: self.tags[2] == "c"'],
    ['9223372036854775807 + 1 > 0', 'integer overflow evaluating rule: 9223372036854775807 + 1 > 0'],
    ['self.absent == 1 && true', 'no such key: absent evaluating rule: self.absent == 1 && true'],
  ])('%s fails', (rule, message) => {
    expect(verdict(rule)).toContain(`<nil>: Invalid value: `);
    expect(verdict(rule)).toContain(message);
  });
});

describe('compileRule', () => {
  test.each([
    ['self.x ==', 9, 'Syntax error'],
    ['foo == 1', 0, "undeclared reference to 'foo'"],
    ['self.a\n&& bar()', 10, "undeclared reference to 'bar'"],
    ['quantity(self.cpu).isLessThan(quantity("1"))', 0, 'the simulator has no such function'],
    ['self.x.all(y)', 12, "expected ','"],
    ['has(self)', 0, 'invalid argument to has() macro'],
    ['size()', 0, "found no matching overload for 'size'"],
    ['self.x == "a', 10, 'string is not closed'],
    ['self.x # 1', 7, 'token recognition error'],
    ['self.x == 1u', 10, 'unsigned integers'],
    ['self.all(x, true) && x', 21, "undeclared reference to 'x'"],
    ['(1', 2, "expected ')'"],
    ['1 2', 2, 'extraneous input'],
    ['self.package.for == 1 && package', 25, 'reserved identifier'],
    [`${'('.repeat(400)}1${')'.repeat(400)}`, 250, 'nested deeper'],
    [`${'!'.repeat(400)}true`, 250, 'nested deeper'],
  ])('%s is refused at %i', (source, position, reason) => {
    const error = compileError(source);
    expect(error.reason).toContain(reason);
    expect(error.position).toBe(position);
  });

  test('an error names line and column as cel-go does', () => {
    expect(compileError('self.a\n&& bar()').message).toMatch(/^ERROR: <input>:2:4: undeclared reference/);
  });

  test('a transition rule is one that uses oldSelf, wherever it does', () => {
    expect(compileRule('self.all(x, x in oldSelf)').usesOldSelf).toBe(true);
    expect(compileRule('self.oldSelf == "oldSelf"').usesOldSelf).toBe(false);
  });
});

describe('evaluateRules', () => {
  const immutable: StructuralSchema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          selector: {
            type: 'object',
            'x-kubernetes-map-type': 'atomic',
            'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: '.spec.selector is immutable' }],
          },
          steps: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: {
              type: 'object',
              properties: {
                w: {
                  type: 'integer',
                  'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'no way back' }],
                },
              },
            },
          },
        },
      },
    },
  };
  const at = (selector: Json, steps: Json = []): Json => ({ spec: { selector, steps } });

  test('a transition rule is checked on updates alone', () => {
    expect(evaluateRules(immutable, at({ a: '1' }))).toEqual([]);
    expect(evaluateRules(immutable, at({ a: '1' }), at({ a: '1' }))).toEqual([]);
    expect(evaluateRules(immutable, at({ a: '2' }), at({ a: '1' }))).toEqual([
      { type: 'FieldValueInvalid', field: 'spec.selector', message: 'Invalid value: .spec.selector is immutable' },
    ]);
    expect(evaluateRules(immutable, at({ a: '2' }), { spec: {} })).toEqual([]);
  });

  test('items of a map list are compared with the item of the same key', () => {
    const old = at({}, [
      { name: 'a', w: 5 },
      { name: 'b', w: 1 },
    ]);
    expect(
      evaluateRules(
        immutable,
        at({}, [
          { name: 'b', w: 2 },
          { name: 'a', w: 5 },
          { name: 'c', w: 0 },
        ]),
        old,
      ),
    ).toEqual([]);
    const errors = evaluateRules(immutable, at({}, [{ name: 'a', w: 4 }]), old);
    expect(summarizeFieldErrors(errors)).toBe('spec.steps[0].w: Invalid value: 4: no way back');
  });

  test('optional oldSelf', () => {
    const rule = '!oldSelf.hasValue() || oldSelf.value().n <= self.n';
    const optional = { optionalOldSelf: true };
    expect(verdict(rule, undefined, optional)).toBe('');
    expect(verdict(rule, { n: 2 }, optional)).toBe('');
    expect(verdict(rule, { n: 4 }, optional)).toContain('failed rule');
    expect(verdict('oldSelf.?n.orValue(3) == self.n', undefined, optional)).toBe('');
    expect(verdict('oldSelf.optMap(o, o.n + 1).orValue(0) == 5', { n: 4 }, optional)).toBe('');
  });

  test('reason, fieldPath and messageExpression shape the error', () => {
    expect(verdict('false', undefined, { message: ' not so ', reason: 'FieldValueForbidden', fieldPath: '.n' })).toBe(
      'n: Forbidden: not so',
    );
    expect(verdict('false', undefined, { messageExpression: '"n is " + string(self.n)' })).toBe(
      '<nil>: Invalid value: n is 3',
    );
    expect(verdict('false', undefined, { message: 'fallback', messageExpression: 'string(self.absent)' })).toBe(
      '<nil>: Invalid value: fallback',
    );
  });

  test('an update forgives a rule that was broken before and is about nothing that changed', () => {
    expect(verdict('self.n == 4', self)).toBe('');
    expect(verdict('self.n == 4', { ...self, n: 5 })).toContain('failed rule');
  });

  test('rules of allOf, map values and null', () => {
    const rule = [{ rule: 'self != "x"', message: 'no x' }];
    const nested: StructuralSchema = {
      type: 'object',
      properties: {
        m: {
          type: 'object',
          additionalProperties: { type: 'string', nullable: true, 'x-kubernetes-validations': rule },
        },
      },
      allOf: [{ 'x-kubernetes-validations': [{ rule: 'has(self.m)', message: 'm' }] }],
    };
    expect(summarizeFieldErrors(evaluateRules(nested, { m: { a: 'x', b: 'y', c: null } }))).toBe(
      'm[a]: Invalid value: "x": no x',
    );
    expect(evaluateRules(nested, {})).toHaveLength(1);
  });
});
