import { expect, test } from 'vitest';
import { deepEqual } from '../../src/core/values/deep-equal.ts';
import { seededRandom } from '../../src/simulator/random.ts';
import { ending, play, TIMED } from './ending.ts';
import { STORIES } from './scripts.ts';

/**
 * The same stories with actors in random order and writes that fail at random, as if the server refused them: every
 * invariant holds after each write, and the end is the same.
 */
const SEEDS = Number(process.env['CHAOS_SEEDS'] ?? '1');
const FAILURE_CHANCE = 0.25;

test.each(Object.entries(STORIES))('%s ends the same in any order', (name, script) => {
  const expected = ending(play(script));
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const world = play(script, { random: seededRandom(seed), failureChance: FAILURE_CHANCE });
    if (world.violations.length > 0) throw new Error([`seed ${seed}`, ...world.violations, world.story()].join('\n'));
    if (TIMED.has(name) || deepEqual(ending(world), expected)) continue;
    expect({ seed, ...ending(world), story: world.story() }).toEqual(expected);
  }
});
