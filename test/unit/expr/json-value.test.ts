import { describe, expect, it } from 'vitest';
import { toExprValue } from '../../../src/core/expr/json-value.ts';

describe('toExprValue', () => {
  it('turns objects into maps and keeps numbers floats', () => {
    expect(toExprValue({ a: [1, 'x', null, true], b: undefined })).toEqual(new Map([['a', [1, 'x', null, true]]]));
    expect(toExprValue(3)).toBe(3);
    expect(toExprValue(undefined)).toBe(null);
  });

  it('copies own properties only', () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}');
    const value = toExprValue(hostile);
    expect(value).toEqual(
      new Map<string, unknown>([
        ['__proto__', new Map([['polluted', 1]])],
        ['constructor', 2],
      ]),
    );
    expect(toExprValue(Object.create({ inherited: 1 }))).toEqual(new Map());
  });

  it('replaces half a surrogate pair, which Go cannot hold either', () => {
    expect(toExprValue('a\ud800')).toBe('a\ufffd');
  });

  it('rejects what is not JSON and what nests too deeply', () => {
    expect(() => toExprValue(() => 1)).toThrow('not a JSON value');
    expect(() => toExprValue(1n)).toThrow('not a JSON value');
    let deep: unknown = 1;
    for (let level = 0; level < 300; level += 1) deep = [deep];
    expect(() => toExprValue(deep)).toThrow('nested deeper');
  });
});
