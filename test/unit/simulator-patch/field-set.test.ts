import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  difference,
  EMPTY,
  type FieldSet,
  formatPath,
  fromFieldsV1,
  intersection,
  isEmpty,
  paths,
  place,
  toFieldsV1,
  union,
} from '../../../src/simulator/patch/field-set.ts';

const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1'), { minLength: 1, maxLength: 3 });
const set = fc.array(path, { maxLength: 6 }).map((all) => union(EMPTY, ...all.map((one) => place(...one))));
const keys = (of: FieldSet): string[] => paths(of).map((one) => one.join('/'));

describe('field sets', () => {
  test('fieldsV1 round trip', () => {
    const fields = {
      'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {} } }, 'f:replicas': {} },
    };
    const parsed = fromFieldsV1(fields);
    expect(toFieldsV1(parsed)).toEqual(fields);
    expect(paths(parsed).map(formatPath)).toEqual([
      '.spec.containers[name="web"]',
      '.spec.containers[name="web"].image',
      '.spec.replicas',
    ]);
    fc.assert(
      fc.property(set, (any) => {
        expect(keys(fromFieldsV1(toFieldsV1(any)))).toEqual(keys(any));
      }),
    );
  });

  test('paths are printed as kubectl prints them', () => {
    expect(formatPath(['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}'])).toBe(
      '.spec.ports[port=80,protocol="TCP"]',
    );
    expect(formatPath(['f:metadata', 'f:finalizers', 'v:"x"'])).toBe('.metadata.finalizers[="x"]');
  });

  test('set laws', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const [inA, inB] = [keys(a), keys(b)];
        expect(new Set(keys(union(a, b)))).toEqual(new Set([...inA, ...inB]));
        expect(keys(intersection(a, b))).toEqual(inA.filter((one) => inB.includes(one)));
        expect(keys(difference(a, b))).toEqual(inA.filter((one) => !inB.includes(one)));
        expect(isEmpty(difference(a, a))).toBe(true);
      }),
    );
  });
});
