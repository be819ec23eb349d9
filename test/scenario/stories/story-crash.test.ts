import { expect, it } from 'vitest';
import type { Fault } from './cluster-stage.ts';
import { tryFault } from './crash-story.ts';
import { playStory } from './play-story.ts';

/**
 * Golden stories with the real controllers: killing the controller after a write, or losing the answer to one, changes
 * nothing but time. A sample; `npm run test:soak -- --stories` tries every write of every story.
 */
const SAMPLE: readonly (readonly [string, readonly Fault[]])[] = [
  [
    'abort-at-10',
    [
      { kind: 'dies', afterWrite: 5 },
      { kind: 'answer-lost', afterWrite: 29 },
    ],
  ],
  [
    'promote-full',
    [
      { kind: 'answer-lost', afterWrite: 14 },
      { kind: 'dies', afterWrite: 37 },
    ],
  ],
  [
    'inconclusive-analysis-pauses',
    [
      { kind: 'dies', afterWrite: 23 },
      { kind: 'answer-lost', afterWrite: 31 },
    ],
  ],
  [
    'basic-canary-with-services',
    [
      { kind: 'answer-lost', afterWrite: 11 },
      { kind: 'dies', afterWrite: 22 },
    ],
  ],
];

/** Loaded machines are slow; nothing here depends on it. */
const TIMEOUT_MS = 120_000;

it.each(SAMPLE)(
  '%s ends the same',
  async (story, faults) => {
    const calm = await playStory(story);
    expect(calm.writes).toBeGreaterThan(Math.max(...faults.map(({ afterWrite }) => afterWrite)));
    expect(calm.violations).toEqual([]);
    for (const fault of faults) expect([fault, await tryFault(story, calm, fault)]).toEqual([fault, undefined]);
  },
  TIMEOUT_MS,
);
