import { expect, test } from 'vitest';
import { deepEqual } from '../../src/core/values/deep-equal.ts';
import { TinyWorld } from '../support/tiny-world.ts';
import { type Script, STORIES } from './scripts.ts';

/**
 * The same stories with actors in random order and writes that fail at random, as if the controller were killed
 * between any two of them: every invariant holds after each write, and the end is the same.
 */
const SEEDS = Number(process.env['CHAOS_SEEDS'] ?? '1');
const FAILURE_CHANCE = 0.25;

/** Stories whose end depends on the second at which a command arrives. */
const TIMED: ReadonlySet<string> = new Set([
  'abort-too-late',
  'v3-during-cutover',
  'rollback-during-cutover',
  'delay-zero-and-v3-during-cutover',
]);

test.each(Object.entries(STORIES))('%s ends the same in any order', (name, script) => {
  const expected = ending(play(script));
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const world = play(script, { random: randomFrom(seed), failureChance: FAILURE_CHANCE });
    if (world.violations.length > 0) throw new Error([`seed ${seed}`, ...world.violations, world.story()].join('\n'));
    if (TIMED.has(name) || deepEqual(ending(world), expected)) continue;
    expect({ seed, ...ending(world), story: world.story() }).toEqual(expected);
  }
});

/** Mulberry32: equal seeds give equal runs. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function play(
  { options, play: act }: Script,
  chaos: { random?: () => number; failureChance?: number } = {},
): TinyWorld {
  const world = new TinyWorld({ ...options, ...chaos });
  act(world);
  return world;
}

/** Where a world came to, apart from when. */
function ending(world: TinyWorld): object {
  const { phase, currentStepIndex, stableRS, currentPodHash } = world.rollout.status ?? {};
  const sizes = [...world.replicaSets.values()].map((replicaSet) => replicaSet.spec?.replicas);
  const selectors = [...world.services.values()].map((service) => service.spec?.selector);
  return { phase, currentStepIndex, stableRS, currentPodHash, sizes, selectors, weight: world.routeWeight };
}
