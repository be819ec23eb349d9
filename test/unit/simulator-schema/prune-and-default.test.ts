import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyDefaults, prune, type StructuralSchema } from '../../../src/simulator/schema/structural.ts';
import { arbitraryObject } from '../simulator-patch/arbitrary-json.ts';

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer', default: 1 },
        strategy: { type: 'object', default: {}, properties: { maxSurge: { type: 'string', default: '25%' } } },
        steps: { type: 'array', items: { type: 'object', properties: { weight: { type: 'integer', default: 5 } } } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { known: { type: 'object' } },
        },
        template: { type: 'object', 'x-kubernetes-embedded-resource': true },
        note: { type: 'string', nullable: true, default: 'n' },
      },
    },
  },
};

describe('prune', () => {
  test('removes what the schema does not name and says where', () => {
    const { value, removed } = prune(
      {
        apiVersion: 'v1',
        metadata: { anything: 1 },
        extra: 1,
        spec: { replicas: 2, typo: 1, steps: [{ weight: 1, w: 2 }], labels: { any: 'x' } },
      },
      schema,
    );
    expect(value).toEqual({
      apiVersion: 'v1',
      metadata: { anything: 1 },
      spec: { replicas: 2, steps: [{ weight: 1 }], labels: { any: 'x' } },
    });
    expect(removed).toEqual(['extra', 'spec.typo', 'spec.steps[0].w']);
  });

  test('keeps unknown fields where they are preserved, but prunes known members of them', () => {
    const free = { any: { deep: 1 }, known: { pruned: 1 } };
    const { value, removed } = prune({ spec: { free } }, schema);
    expect(value).toEqual({ spec: { free: { any: { deep: 1 }, known: {} } } });
    expect(removed).toEqual(['spec.free.known.pruned']);
  });

  test('keeps the identity of an embedded resource', () => {
    const template = { kind: 'Pod', metadata: { name: 'x' }, spec: {} };
    expect(prune({ spec: { template } }, schema).removed).toEqual(['spec.template.spec']);
  });
});

describe('applyDefaults', () => {
  test('fills in at every level, a defaulted object included', () => {
    expect(applyDefaults({ spec: { steps: [{}, { weight: 7 }] } }, schema)).toEqual({
      spec: { replicas: 1, strategy: { maxSurge: '25%' }, steps: [{ weight: 5 }, { weight: 7 }], note: 'n' },
    });
  });

  test('null takes the default, goes when there is none, and stays where it is allowed', () => {
    const spec = { replicas: null, labels: null, note: null, strategy: { maxSurge: '1' } };
    expect(applyDefaults({ spec }, schema)).toEqual({ spec: { replicas: 1, note: null, strategy: { maxSurge: '1' } } });
  });

  test('an absent parent without a default stays absent', () => {
    expect(applyDefaults({}, schema)).toEqual({});
  });
});

test('pruning and defaulting once is enough, whatever the object', () => {
  const keys: StructuralSchema = {
    type: 'object',
    properties: {
      a: { type: 'object', default: { b: null }, properties: { b: { type: 'integer', default: 3 } } },
      b: { type: 'array', items: { type: 'object', properties: { c: { default: 'x' } } } },
      c: { type: 'object', additionalProperties: { type: 'object', properties: { a: {} } } },
    },
  };
  fc.assert(
    fc.property(arbitraryObject, (object) => {
      const before = JSON.stringify(object);
      const pruned = prune(object, keys);
      expect(prune(pruned.value, keys)).toEqual({ value: pruned.value, removed: [] });
      const defaulted = applyDefaults(object, keys);
      expect(applyDefaults(defaulted, keys)).toEqual(defaulted);
      expect(JSON.stringify(object)).toBe(before);
    }),
  );
});
