import { existsSync, readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { WORLD_SEEDS } from '../scenario/world/seeds.ts';
import { MUTATIONS } from './list.ts';
import { type Mutation, mutated, type Net } from './mutation.ts';

/** The list cannot rot: what it changes is there, and what it names exists. `npm run test:mutations` runs it. */

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const exists = (net: Net): boolean =>
  'world' in net ? WORLD_SEEDS.includes(net.world) : existsSync(new URL(`../${net.scenario}`, import.meta.url));
const sourceOf = ({ file }: Mutation): string => read(`../../src/${file}`);

it('has mutations enough, each with a name of its own', () => {
  const ids = MUTATIONS.map(({ id }) => id);
  expect(ids.length).toBeGreaterThanOrEqual(35);
  expect(new Set(ids).size).toBe(ids.length);
  expect(MUTATIONS.filter(({ caughtBy }) => 'world' in caughtBy).length).toBeGreaterThanOrEqual(8);
});

describe.each(MUTATIONS.map((mutation) => [mutation.id, mutation] as const))('%s', (_id, mutation) => {
  it('changes one place of its file, and what comes out can be parsed', () => {
    const source = sourceOf(mutation);
    const changed = mutated(source, mutation);
    expect(changed).not.toBe(source);
    expect(() => transformSync(changed, { loader: 'ts' })).not.toThrow();
  });

  it('names a net that exists', () => {
    expect(exists(mutation.caughtBy)).toBe(true);
  });
});

describe('a mutation', () => {
  const mutation: Mutation = {
    id: 'example',
    hurts: '',
    file: 'example.ts',
    find: 'a < b',
    replace: 'a > b',
    caughtBy: { world: 1 },
  };

  it('whose text is not there, or twice, is refused', () => {
    expect(mutated('if (a < b) go();', mutation)).toBe('if (a > b) go();');
    expect(() => mutated('if (a <= b) go();', mutation)).toThrow(
      'mutation example: its text has to occur once in src/example.ts, not 0 times',
    );
    expect(() => mutated('a < b; a < b', mutation)).toThrow('not 2 times');
  });
});
