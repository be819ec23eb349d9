import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestWord, editDistance } from '../../../src/api/validate/edit-distance.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['pause', 'pause', 0],
    ['puase', 'pause', 1],
    ['stratgy', 'strategy', 1],
    ['kitten', 'sitting', 3],
  ])('from %j to %j is %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it('is the same both ways, zero only for equal words, and at most the longer word', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });
    fc.assert(
      fc.property(word, word, (from, to) => {
        const distance = editDistance(from, to);
        expect(distance).toBe(editDistance(to, from));
        expect(distance === 0).toBe(from === to);
        expect(distance).toBeLessThanOrEqual(Math.max(from.length, to.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(from.length - to.length));
      }),
    );
  });
});

describe('closestWord', () => {
  const fields = ['setWeight', 'pause', 'analysis', 'plugin'];
  it.each([
    ['setweight', 'setWeight'],
    ['analyses', 'analysis'],
    ['pauze', 'pause'],
    ['plug', undefined],
    ['weight', undefined],
    ['x', undefined],
  ])('to %j is %j', (word, expected) => {
    expect(closestWord(word, fields)).toBe(expected);
  });
});
