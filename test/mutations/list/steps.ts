import type { Mutation } from '../mutation.ts';

const SPEC_CHANGES = 'scenario/failures/spec-changes.test.ts';

/** How far an update has come. */
export const STEP_MUTATIONS: readonly Mutation[] = [
  {
    id: 'pause-timer-lost-on-restart',
    hurts: 'a release that was in a timed pause when the controller was restarted stands for ever',
    file: 'core/rollout/canary/steps.ts',
    find: "reason: 'the step waits until the pause ends', until: end };",
    replace: "reason: 'the step waits until the pause ends', ...(begin + 1_000 < facts.now ? {} : { until: end }) };",
    caughtBy: {
      scenario: 'scenario/failures/restarts.test.ts',
      test: 'a leader and its successor > F04 lease lost in the middle of a pass: the leader stops before its lease expires',
    },
  },
  {
    id: 'deadline-counts-during-pause',
    hurts: 'whoever waits for a colleague overnight finds the release failed',
    file: 'core/rollout/conditions.ts',
    find: "if (isPaused(standing)) return claimOf('Progressing', 'Unknown', 'RolloutPaused', 'Rollout is paused');",
    replace: '',
    caughtBy: {
      scenario: SPEC_CHANGES,
      test: 'F90 paused longer than progressDeadline: Paused for 48 hours, without a write',
    },
  },
  {
    id: 'deadline-never-passes',
    hurts: 'a version that never starts is retried for ever, and nobody is told',
    file: 'core/rollout/deadline.ts',
    find: 'return deadline !== undefined && deadline < facts.now;',
    replace: 'return deadline !== undefined && deadline < 0;',
    caughtBy: { world: 41 },
  },
];
