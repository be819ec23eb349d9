import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TinyWorld } from '../support/tiny-world.ts';
import { STORIES } from './scripts.ts';

/**
 * Stories of rollouts, written by the planner in a tiny cluster and compared with what people have read and approved.
 * `UPDATE_GOLDEN=1` writes them anew; read the difference before committing it.
 */
describe.each(Object.entries(STORIES))('%s', (name, { options, play }) => {
  test('reads as approved and breaks no invariant', () => {
    const world = new TinyWorld(options);
    play(world);
    const file = new URL(`stories/${name}.txt`, import.meta.url);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, world.story());
    const approved = existsSync(file) ? readFileSync(file, 'utf8') : 'no approved story yet: run with UPDATE_GOLDEN=1';
    expect(world.story()).toBe(approved);
    expect(world.violations).toEqual([]);
  });
});
