import { describe, expect, test } from 'vitest';
import {
  formatLabelSelector,
  formatRequirements,
  fulfils,
  matchesLabelSelector,
} from '../../../src/core/values/labels.ts';
import { parseSelector } from '../../../src/core/values/selector-parser.ts';

const labels = { app: 'web', tier: 'front', size: '5', 'example.com/role': 'edge' };

describe('matchesLabelSelector', () => {
  const matches = (...matchExpressions: { key: string; operator: string; values?: string[] }[]): boolean =>
    matchesLabelSelector({ matchExpressions }, labels);

  test('an absent selector matches nothing, an empty one everything', () => {
    expect(matchesLabelSelector(undefined, labels)).toBe(false);
    expect(matchesLabelSelector({}, labels)).toBe(true);
    expect(matchesLabelSelector({}, undefined)).toBe(true);
  });

  test('all labels and all expressions must hold', () => {
    expect(matchesLabelSelector({ matchLabels: { app: 'web', tier: 'front' } }, labels)).toBe(true);
    expect(matchesLabelSelector({ matchLabels: { app: 'web', tier: 'back' } }, labels)).toBe(false);
    expect(matches({ key: 'app', operator: 'In', values: ['api', 'web'] }, { key: 'tier', operator: 'Exists' })).toBe(
      true,
    );
    expect(matches({ key: 'app', operator: 'NotIn', values: ['web'] })).toBe(false);
    expect(matches({ key: 'absent', operator: 'NotIn', values: ['web'] })).toBe(true);
    expect(matches({ key: 'absent', operator: 'DoesNotExist' })).toBe(true);
    expect(matches({ key: 'app', operator: 'DoesNotExist' })).toBe(false);
    expect(matches({ key: 'constructor', operator: 'Exists' })).toBe(false);
  });

  test('an invalid expression matches nothing', () => {
    expect(matches({ key: 'app', operator: 'Near', values: ['web'] })).toBe(false);
    expect(matches({ key: 'app', operator: 'In', values: [] })).toBe(false);
  });
});

describe('formatLabelSelector', () => {
  test('sorts by key and values, as metav1.FormatLabelSelector', () => {
    const selector = {
      matchLabels: { tier: 'front', app: 'web' },
      matchExpressions: [
        { key: 'env', operator: 'In', values: ['prod', 'dev'] },
        { key: 'zone', operator: 'NotIn', values: ['a'] },
        { key: 'canary', operator: 'Exists' },
        { key: 'legacy', operator: 'DoesNotExist' },
      ],
    };
    expect(formatLabelSelector(selector)).toBe('app=web,canary,env in (dev,prod),!legacy,tier=front,zone notin (a)');
  });

  test('nothing to select by', () => {
    expect(formatLabelSelector({})).toBe('<none>');
    expect(formatLabelSelector(undefined)).toBe('<none>');
    expect(formatLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] })).toBe('<error>');
  });
});

describe('parseSelector', () => {
  test.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    [' app = web , tier in ( front , back ) ', true],
    ['app!=web', false],
    ['absent!=web', true],
    ['tier notin (front)', false],
    ['!absent', true],
    ['!app', false],
    ['example.com/role', true],
    ['absent', false],
    ['size>4,size<6', true],
    ['size>5', false],
    ['app=', false],
    ['app in (,web)', true],
    ['in in (a)', false],
  ])('%j', (text, expected) => {
    expect(fulfils(parseSelector(text), labels)).toBe(expected);
  });

  test.each([
    ['app=web,', 'character 9: found the end, expected a label key'],
    ['app web', 'character 5: found "web", expected one of'],
    ['tier in front', `character 9: found "front", expected '('`],
    ['tier in (a', `found the end, expected ',' or ')'`],
    ['-app=web', 'character 1: "-app" is not a valid label key'],
    ['app=we$b', '"we$b" is not a valid label value'],
    ['size>big', '"big" is not an integer'],
    ['a=b=c', `character 4: found "=", expected ',' or the end`],
  ])('refuses %j', (text, message) => {
    expect(() => parseSelector(text)).toThrow(message);
  });

  test('formats back', () => {
    const text = 'a=1,b!=2,c in (x,y),!d,e,f>3,g<4,h notin (z)';
    expect(formatRequirements(parseSelector(text))).toBe('a=1,b!=2,c in (x,y),!d,e,f>3,g<4,h notin (z)');
  });
});
