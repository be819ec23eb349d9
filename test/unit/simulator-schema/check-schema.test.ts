import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../../src/simulator/schema/check-schema.ts';
import { customResourceErrors } from '../../../src/simulator/schema/custom-resource-errors.ts';
import { type StructuralSchema, summarizeFieldErrors } from '../../../src/simulator/schema/structural.ts';

const crd = (spec: StructuralSchema): StructuralSchema => ({ type: 'object', properties: { spec } });

describe('checkSchema', () => {
  test.each<[string, StructuralSchema, string]>([
    [
      'a rule beyond the subset',
      { type: 'string', 'x-kubernetes-validations': [{ rule: 'true' }, { rule: 'url(self).getHost() == ""' }] },
      `s.properties[spec].x-kubernetes-validations[1]: Invalid value: "url(self).getHost() == \\"\\"": compilation failed: ERROR: <input>:1:1: undeclared reference to 'url'`,
    ],
    [
      'a rule in items of map values',
      {
        type: 'object',
        additionalProperties: {
          type: 'array',
          items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self ==' }] },
        },
      },
      's.properties[spec].additionalProperties.items.x-kubernetes-validations[0]: Invalid value: "self ==": compilation failed',
    ],
    [
      'a pattern',
      { type: 'string', pattern: '[' },
      `s.properties[spec].pattern: Invalid value: "[": must be a valid regular expression, but isn't`,
    ],
    [
      'no type',
      { description: 'x' },
      's.properties[spec].type: Required value: must not be empty for specified object fields',
    ],
    [
      'a map list without keys',
      { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
      's.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
    ],
    [
      'a key that need not be there',
      {
        type: 'array',
        items: { type: 'object', properties: { n: { type: 'string' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['n'],
      },
      's.properties[spec].items.properties[n].default: Required value: this property is in x-kubernetes-list-map-keys',
    ],
    [
      'a default of the wrong type',
      { type: 'integer', default: 'x' },
      's.properties[spec].default: Invalid value: "string":  in body must be of type integer: "string"',
    ],
  ])('refuses %s', (_name, spec, message) => {
    const errors = checkSchema(crd(spec), 's');
    expect(errors).toHaveLength(1);
    expect(summarizeFieldErrors(errors)).toContain(message);
  });

  test('accepts what is right', () => {
    const item: StructuralSchema = {
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string', pattern: '(?i)^x$' }, b: { type: 'string', default: 'd' } },
      anyOf: [{ required: ['b'] }],
    };
    const list: StructuralSchema = {
      type: 'array',
      items: item,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'b'],
      'x-kubernetes-validations': [{ rule: 'self.all(x, x.a != x.b)' }],
    };
    const free: StructuralSchema = { 'x-kubernetes-preserve-unknown-fields': true };
    expect(
      checkSchema({ type: 'object', properties: { list, free, port: { 'x-kubernetes-int-or-string': true } } }, 's'),
    ).toEqual([]);
  });
});

describe('customResourceErrors', () => {
  const schema: StructuralSchema = {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 1 } },
    'x-kubernetes-validations': [{ rule: 'self.n > 2', message: 'too small' }],
  };
  const text = (n: number | string): string => summarizeFieldErrors(customResourceErrors(schema, { n }));

  test('rules are checked unless the types cannot be trusted', () => {
    expect(customResourceErrors(schema, { n: 3 })).toEqual([]);
    expect(text(2)).toBe('<nil>: Invalid value: too small');
    expect(text(0)).toBe(
      '[n: Invalid value: 0: n in body should be greater than or equal to 1, <nil>: Invalid value: too small]',
    );
    expect(text('x')).toBe(
      '[n: Invalid value: "string": n in body must be of type integer: "string", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
    );
  });
});
