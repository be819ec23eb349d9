import { expect, test } from 'vitest';
import type { TinyWorld } from '../support/tiny-world.ts';
import { ending, play } from './ending.ts';
import { type Script, STORIES } from './scripts.ts';

/**
 * The controller dies right after a write of a story, and starts again: at once, and the end is the same; or when a minute
 * and a half has gone by, in which people may have gone on. No invariant breaks. `CRASH_EACH=1` tries every single write
 * of every story, `npm run test:soak -- --stories` does so with the real controllers.
 */
const EACH = Number(process.env['CRASH_EACH'] ?? '25');
const LATER_MS = 90_000;
const TIMEOUT_MS = 120_000;

/** Told with the status that they are about; others tell of a write that has just been made. */
const OF_STATUS =
  /^(RolloutUpdated|RolloutNotCompleted|SkipSteps|RolloutStepCompleted|RolloutPaused|RolloutAborted|RolloutCompleted|CommandIgnored)/;

/** Every story tries other writes than the one before it. */
const CASES = Object.entries(STORIES).map(([name, script], index) => ({ name, script, first: (index % EACH) + 1 }));

test.each(CASES)(
  '$name ends the same',
  ({ script, first }) => {
    const calm = play(script);
    const expected = { violations: [], ...ending(calm) };
    for (const { afterWrite, world } of deaths(script, first, calm.writes, 0)) {
      const { violations } = world;
      expect({ afterWrite, violations, ...ending(world) }).toEqual({ afterWrite, ...expected });
      expect({ afterWrite, events: told(world) }).toEqual({ afterWrite, events: told(calm) });
    }
    expect(calm.violations).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each(CASES)(
  '$name breaks no invariant while nobody is there for a while',
  ({ script, first }) => {
    const calm = play(script);
    const broken = [...deaths(script, first, calm.writes, LATER_MS)].flatMap(({ afterWrite, world }) =>
      world.violations.map((text) => `after write ${afterWrite}: ${text}`),
    );
    expect(broken).toEqual([]);
  },
  TIMEOUT_MS,
);

function* deaths(script: Script, first: number, writes: number, downMs: number) {
  for (let afterWrite = first; afterWrite <= writes; afterWrite += EACH)
    yield { afterWrite, world: play(script, { dies: { afterWrite, downMs } }) };
}

/** Each once: heard, or lost with the process that had stored what they tell of. */
function told({ reasons, unheard }: TinyWorld): readonly string[] {
  return [...reasons, ...unheard].filter((reason) => OF_STATUS.test(reason)).toSorted();
}
