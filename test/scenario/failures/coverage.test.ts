import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { unsupportedFeatures } from '../../../src/api/validate/unsupported.ts';
import { PENDING } from './pending.ts';

/** The scenarios that have to be played, by number: first and last of each run. */
const DEMANDED: readonly (readonly [number, number])[] = [
  [1, 34],
  [36, 61],
  [66, 66],
  [74, 75],
  [77, 93],
  [95, 96],
  [99, 99],
  [105, 106],
];

const ALL = DEMANDED.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, offset) => `F${String(first + offset).padStart(2, '0')}`),
);

/** A title begins with its number, and is the first argument of its call, or of its row in a table. */
const TITLE = /(?:^|[([])\s*['"`](F\d{2,3})[ :]/gm;

function numbersIn(directory: string): ReadonlySet<string> {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  );
  const titles = files.flatMap((file) => [...readFileSync(`${directory}/${file}`, 'utf8').matchAll(TITLE)]);
  return new Set(titles.map(([, number = '']) => number));
}

const PLAYED = numbersIn('test/scenario');

it('every scenario is played or pending, and none is both', () => {
  const played = ALL.filter((number) => PLAYED.has(number));
  const pending = ALL.filter((number) => PENDING[number] !== undefined);
  process.stdout.write(`scenarios: ${played.length} played, ${pending.length} pending, ${ALL.length} in all\n`);
  expect(ALL.filter((number) => !PLAYED.has(number) && PENDING[number] === undefined)).toEqual([]);
  expect(pending.filter((number) => PLAYED.has(number))).toEqual([]);
  expect(Object.keys(PENDING).filter((number) => !ALL.includes(number))).toEqual([]);
});

it.each(Object.entries(PENDING))('%s is pending only as long as its feature is missing', (_number, { needs }) => {
  expect(unsupportedFeatures('Rollout', objectWith(needs.split('.')))).toHaveLength(1);
});

/** An object that has the field, and asks for something by it. */
function objectWith([segment = '', ...rest]: readonly string[]): object {
  const value = rest.length === 0 ? { anything: true } : objectWith(rest);
  return segment.endsWith('[]') ? { [segment.slice(0, -2)]: [value] } : { [segment]: value };
}
