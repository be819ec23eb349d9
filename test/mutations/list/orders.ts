import type { Mutation } from '../mutation.ts';

const COMMANDS = 'scenario/failures/commands.test.ts';

/** What people order, and what they are told. */
export const ORDER_MUTATIONS: readonly Mutation[] = [
  {
    id: 'abort-waits-for-analysis',
    hurts: 'who aborts while Prometheus is down waits for it',
    file: 'core/rollout/canary/course.ts',
    find: "if (order === 'abort') return aborted(facts, start, undefined);",
    replace:
      "if (order === 'abort' && start.run?.status?.phase !== 'Running') return aborted(facts, start, undefined);",
    caughtBy: { world: 44 },
  },
  {
    id: 'promote-full-beats-abort',
    hurts: 'a promotion that was clicked a second before takes a bad version to everybody in spite of the abort',
    file: 'core/rollout/abort.ts',
    find: 'if (status.promoteFull === true && (!abort || wasCarriedOut))',
    replace: 'if (status.promoteFull === true)',
    caughtBy: {
      scenario: COMMANDS,
      test: 'F77 abort after promote-full: > wins 4 s later, as long as the stable version was not replaced',
    },
  },
  {
    id: 'order-fires-for-next-version',
    hurts: 'a promotion that was meant for the last version skips all steps of the next one',
    file: 'core/rollout/canary/course.ts',
    find: 'if (!isNewUpdate) return orderOf(facts);',
    replace: 'if (!isNewUpdate || facts.rollout !== undefined) return orderOf(facts);',
    caughtBy: {
      scenario: COMMANDS,
      test: 'F80 a command is for the revision that it was given for: > a promoteFull that the controller sees together with the next version is dropped',
    },
  },
  {
    id: 'promote-full-ignores-capacity',
    hurts: 'a version becomes the stable one with a fraction of its pods',
    file: 'core/rollout/canary/promotion.ts',
    find: 'if (facts.newest === undefined || available < facts.desired) {',
    replace: 'if (facts.newest === undefined || available < 1) {',
    caughtBy: {
      scenario: 'golden/stories.test.ts',
      test: 'basic-canary-rolling-update > reads as approved and breaks no invariant',
    },
  },
  {
    id: 'retry-not-understood',
    hurts: 'a retry, which sets the order to abort to false, does nothing',
    file: 'core/rollout/abort.ts',
    find: "return status.abort !== true && typeof status.abortedAt === 'string';",
    replace: "return status.abort === undefined && typeof status.abortedAt === 'string';",
    caughtBy: {
      scenario: 'scenario/failures/commands.test.ts',
      test: 'F82 retry after abort: never by itself; judged anew, on the pods that still run',
    },
  },
  {
    id: 'notified-again-after-restart',
    hurts: 'each restart posts every message again',
    file: 'controllers/notifications/outlook.ts',
    find: 'new Map([...handled, ...stored.sent])',
    replace: 'new Map([...stored.sent])',
    caughtBy: {
      scenario: 'scenario/notifications/notifications.test.ts',
      test: 'Slack down for five minutes, a restart meanwhile, and no change is lost or told twice',
    },
  },
  {
    id: 'moment-ahead-trusted',
    hurts: 'a clock that is set back by ten minutes holds up an abort for as long',
    file: 'core/rollout/moments.ts',
    find: 'return Math.min(stored ?? latest, latest);',
    replace: 'return stored ?? latest;',
    caughtBy: {
      scenario: 'scenario/failures/platform.test.ts',
      test: 'F96 the clock of the whole cluster is set back by 10 min: > an abort waits for what the router may not know yet, not for the clock',
    },
  },
  {
    id: 'machine-clock-trusted',
    hurts: 'pauses and waits are off by as much as the clock of the machine is wrong or jumps',
    file: 'kube/server-clock.ts',
    find: 'return Math.floor(this.#machine.monotonic() + this.#offsetMs);',
    replace: 'return this.#machine.now();',
    caughtBy: {
      scenario: 'scenario/failures/platform.test.ts',
      test: "F96 clock jump of NTP on the controller's machine, 10 min back: a pause ends once, and in time",
    },
  },
  {
    id: 'server-clock-ignored',
    hurts: 'a replica whose clock is wrong ends pauses early or late once it leads',
    file: 'kube/server-clock.ts',
    find: 'this.#offsetMs = Math.min(Math.max(before, least), most);',
    replace: 'this.#offsetMs = before + 0 * (least + most);',
    caughtBy: {
      scenario: 'scenario/failures/platform.test.ts',
      test: 'F96 clock skew, the leader 5 min ahead and its successor 5 min behind: a pause ends once, and in time',
    },
  },
  {
    id: 'nodes-tell-the-time',
    hurts: 'beside nodes whose clocks are behind, a restart takes the last pod that users reach',
    file: 'core/rollout/serving.ts',
    find: 'const written = statusWrittenAt(metadata) ?? momentOf(ready.lastTransitionTime) ?? 0;',
    replace: 'const written = momentOf(ready.lastTransitionTime) ?? statusWrittenAt(metadata) ?? 0;',
    caughtBy: {
      scenario: 'scenario/failures/platform.test.ts',
      test: 'F96 the clocks of the nodes are 10 min behind: a restart takes pod by pod, and no longer',
    },
  },
  {
    id: 'next-pass-by-two-clocks',
    hurts: 'when the clock is set during a pass, the next one comes ten minutes late',
    file: 'runtime/controller-loop.ts',
    find: '(result) => this.#succeeded(item, result, now()),',
    replace: '(result) => this.#succeeded(item, result, clock.now() + 0 * now()),',
    caughtBy: {
      scenario: 'unit/runtime/controller-loop.test.ts',
      test: 'a clock that is set during a pass makes the next one neither late nor early',
    },
  },
];
