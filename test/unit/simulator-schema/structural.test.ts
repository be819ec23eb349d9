import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/simulator/patch/json.ts';
import { type StructuralSchema, summarizeFieldErrors, validate } from '../../../src/simulator/schema/structural.ts';

const spec = (schema: StructuralSchema): StructuralSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties: { x: schema } } },
});

/** What kube-apiserver prints after `is invalid: `; empty when the value is valid. */
function verdict(schema: StructuralSchema, x: Json): string {
  const errors = validate(spec(schema), { spec: { x } });
  return errors.length === 0 ? '' : summarizeFieldErrors(errors);
}

describe('validate', () => {
  test.each<[string, StructuralSchema, Json, string]>([
    [
      'integer',
      { type: 'integer' },
      'abc',
      'spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"',
    ],
    ['whole number', { type: 'integer' }, 2.0, ''],
    [
      'fraction',
      { type: 'integer' },
      1.5,
      '[spec.x: Invalid value: "number": spec.x in body must be of type integer: "number", <nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.x]',
    ],
    [
      'beyond 64 bits',
      { type: 'integer' },
      1e19,
      'spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"',
    ],
    ['integer as number', { type: 'number' }, 3, ''],
    [
      'int32',
      { type: 'integer', format: 'int32' },
      2 ** 31,
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.x',
    ],
    ['int32 limit', { type: 'integer', format: 'int32' }, 2 ** 31 - 1, ''],
    ['int64', { type: 'integer', format: 'int64' }, 2 ** 53, ''],
    ['null', { type: 'string' }, null, 'spec.x: Invalid value: "null": spec.x in body must be of type string: "null"'],
    ['nullable', { type: 'string', nullable: true }, null, ''],
    [
      'object',
      { type: 'object' },
      [],
      'spec.x: Invalid value: "array": spec.x in body must be of type object: "array"',
    ],
    ['int-or-string number', { 'x-kubernetes-int-or-string': true }, 5, ''],
    ['int-or-string text', { 'x-kubernetes-int-or-string': true }, '50%', ''],
    [
      'int-or-string bool',
      { 'x-kubernetes-int-or-string': true },
      true,
      'spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"',
    ],
    ['enum', { type: 'string', enum: ['a', 'b'] }, 'c', 'spec.x: Unsupported value: "c": supported values: "a", "b"'],
    ['number enum', { type: 'integer', enum: [1, 2] }, 3, 'spec.x: Unsupported value: 3: supported values: "1", "2"'],
    [
      'pattern',
      { type: 'string', pattern: '^a+$' },
      'b',
      `spec.x: Invalid value: "b": spec.x in body should match '^a+$'`,
    ],
    ['Go flags in a pattern', { type: 'string', pattern: '(?i)^a+$' }, 'AA', ''],
    ['maxLength', { type: 'string', maxLength: 2 }, 'abc', 'spec.x: Too long: may not be more than 2 bytes'],
    ['maxLength counts code points', { type: 'string', maxLength: 2 }, '😀😀', ''],
    [
      'minLength',
      { type: 'string', minLength: 2 },
      'a',
      'spec.x: Invalid value: "a": spec.x in body should be at least 2 chars long',
    ],
    [
      'minimum',
      { type: 'integer', minimum: 1 },
      0,
      'spec.x: Invalid value: 0: spec.x in body should be greater than or equal to 1',
    ],
    [
      'exclusive minimum',
      { type: 'integer', minimum: 1, exclusiveMinimum: true },
      1,
      'spec.x: Invalid value: 1: spec.x in body should be greater than 1',
    ],
    [
      'maximum',
      { type: 'number', maximum: 100 },
      100.5,
      'spec.x: Invalid value: 100.5: spec.x in body should be less than or equal to 100',
    ],
    [
      'exclusive maximum',
      { type: 'number', maximum: 1, exclusiveMaximum: true },
      1,
      'spec.x: Invalid value: 1: spec.x in body should be less than 1',
    ],
    [
      'multipleOf',
      { type: 'integer', multipleOf: 5 },
      7,
      'spec.x: Invalid value: 7: spec.x in body should be a multiple of 5',
    ],
    ['multipleOf a fraction', { type: 'number', multipleOf: 0.1 }, 0.3, ''],
    [
      'date-time',
      { type: 'string', format: 'date-time' },
      'soon',
      'spec.x: Invalid value: "soon": spec.x in body must be of type date-time: "soon"',
    ],
    ['a right date-time', { type: 'string', format: 'date-time' }, '2026-02-28T23:59:59.5+01:00', ''],
    ['unknown format', { type: 'string', format: 'rhyme' }, 'soon', ''],
    [
      'minItems',
      { type: 'array', minItems: 1 },
      [],
      'spec.x: Invalid value: 0: spec.x in body should have at least 1 items',
    ],
    ['maxItems', { type: 'array', maxItems: 1 }, [1, 2], 'spec.x: Too many: 2: must have at most 1 item'],
    [
      'uniqueItems',
      { type: 'array', uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      `spec.x: Invalid value: "": spec.x in body shouldn't contain duplicates`,
    ],
    [
      'items',
      { type: 'array', items: { type: 'string' } },
      ['a', 1],
      'spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"',
    ],
    ['required', { type: 'object', required: ['y'] }, {}, 'spec.x.y: Required value'],
    [
      'map values',
      { type: 'object', additionalProperties: { type: 'string' } },
      { k: 1 },
      'spec.x.k: Invalid value: "integer": spec.x.k in body must be of type string: "integer"',
    ],
    [
      'maxProperties',
      { type: 'object', maxProperties: 1 },
      { a: 1, b: 2 },
      'spec.x: Too many: 2: must have at most 1 item',
    ],
    [
      'set',
      { type: 'array', 'x-kubernetes-list-type': 'set' },
      ['a', 'b', 'a', 'a'],
      'spec.x[2]: Duplicate value: "a"',
    ],
    [
      'map',
      { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
      [{ name: 'a' }, { name: 'a', v: 1 }],
      'spec.x[1]: Duplicate value: {"name":"a"}',
    ],
    ['not', { not: { type: 'string' } }, 'a', '<nil>: Invalid value: "": "spec.x" must not validate the schema (not)'],
  ])('%s', (_name, schema, value, expected) => {
    expect(verdict(schema, value)).toBe(expected);
  });

  const either: StructuralSchema = { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] };

  test('oneOf reports the best alternative, or how many fit', () => {
    expect(verdict(either, {})).toBe(
      '[<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid, spec.x.a: Required value]',
    );
    expect(verdict(either, { b: 1 })).toBe('');
    expect(verdict(either, { a: 1, b: 1 })).toContain('Found 2 valid alternatives');
  });

  test('anyOf and allOf', () => {
    expect(verdict({ anyOf: [{ type: 'string' }, { type: 'integer' }] }, true)).toContain(
      'must validate at least one schema (anyOf)',
    );
    expect(verdict({ allOf: [{ minimum: 1 }, { maximum: 2 }] }, 3)).toContain('must validate all the schemas (allOf)');
    expect(verdict({ allOf: [{ minimum: 1 }, { maximum: 2 }] }, 2)).toBe('');
  });

  test('an update forgives what was wrong before and did not change', () => {
    const schema = spec({
      type: 'array',
      items: { type: 'object', properties: { w: { type: 'integer', maximum: 100 } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    });
    const old = { spec: { x: [{ name: 'a', w: 200 }] } };
    expect(
      validate(
        schema,
        {
          spec: {
            x: [
              { name: 'b', w: 1 },
              { name: 'a', w: 200 },
            ],
          },
        },
        old,
      ),
    ).toEqual([]);
    expect(validate(schema, { spec: { x: [{ name: 'a', w: 201 }] } }, old)).toHaveLength(1);
    expect(validate(schema, old)).toHaveLength(1);
  });

  test('several errors are listed in brackets', () => {
    const schema: StructuralSchema = { type: 'object', required: ['a', 'b'] };
    expect(summarizeFieldErrors(validate(schema, {}))).toBe('[a: Required value, b: Required value]');
  });
});
