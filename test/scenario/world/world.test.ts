import { describe, expect, it } from 'vitest';
import { MUTATION_VARIABLE } from '../../mutations/mutation.ts';
import { drawScenario } from './draw.ts';
import { failureReport } from './failure-report.ts';
import { runScenario, runSeed } from './run-seed.ts';
import { WORLD_SEEDS } from './seeds.ts';
import { shrink } from './shrink.ts';

/** Loaded machines are slow; nothing here depends on it. */
const TIMEOUT_MS = 180_000;
/** A test has to end; `npm run test:soak -- --seed N` shortens further. A bug put in on purpose needs no explanation. */
const MAX_TRIALS = process.env[MUTATION_VARIABLE] === undefined ? 12 : 0;

describe('a world drawn from a seed', () => {
  it.each(WORLD_SEEDS)(
    'seed %i',
    async (seed) => {
      const result = await runSeed(seed);
      expect(result.violations.length === 0 ? '' : await failureReport(result, MAX_TRIALS)).toBe('');
      expect(result.stats.checks).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );

  it(
    'happens in the same way every time',
    async () => {
      const scenario = drawScenario(52);
      expect(drawScenario(52)).toEqual(scenario);
      const first = await runScenario(scenario, { narrate: true });
      const second = await runScenario(JSON.parse(JSON.stringify(scenario)), { narrate: true });
      expect(first.narrative.length).toBeGreaterThan(20);
      expect(second.narrative).toEqual(first.narrative);
      expect(second.digest).toBe(first.digest);
      expect(second.stats).toEqual(first.stats);
    },
    TIMEOUT_MS,
  );
});

describe('shrinking', () => {
  it('leaves the entries that matter, with their ids', async () => {
    const scenario = drawScenario(2);
    expect(scenario.entries.length).toBeGreaterThan(8);
    const needed = [scenario.entries[2]!.id, scenario.entries[7]!.id];
    const shortest = await shrink({ ...scenario, rollouts: scenario.rollouts.slice(0, 1) }, ({ entries }) =>
      Promise.resolve(needed.every((id) => entries.some((entry) => entry.id === id))),
    );
    expect(shortest.entries.map(({ id }) => id)).toEqual(needed);
  });
});
