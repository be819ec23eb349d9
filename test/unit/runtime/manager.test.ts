import { beforeEach, expect, test } from 'vitest';
import { ROLLOUTS, SERVICES } from '../../../src/kube/resources.ts';
import { Manager } from '../../../src/runtime/manager.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { type Logger, silentLogger } from '../../../src/telemetry/logger.ts';

let clock: VirtualClock;
let story: string[];
let stop: AbortController;

beforeEach(() => {
  clock = new VirtualClock();
  story = [];
  stop = new AbortController();
});

const tell = (what: string): void => void story.push(what);

async function untilAborted(name: string, signal: AbortSignal): Promise<void> {
  tell(`${name} starts`);
  await new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', resolve);
  });
  tell(`${name} ends`);
}

function informer(resource = ROLLOUTS) {
  const { promise: synced, resolve } = Promise.withResolvers<undefined>();
  const { promise: settled, resolve: settle } = Promise.withResolvers<undefined>();
  const self = {
    hasSynced: false,
    synced,
    settled,
    refusal: undefined as string | undefined,
    options: { resource },
    run: (signal: AbortSignal) => untilAborted(`informer ${resource.plural}`, signal),
    sync: () => {
      self.hasSynced = true;
      resolve(undefined);
      settle(undefined);
    },
    refuse: (refusal: string) => {
      self.refusal = refusal;
      settle(undefined);
    },
  };
  return self;
}

const controller = { name: 'rollout', run: (signal: AbortSignal) => untilAborted('controller', signal) };
const recorder = {
  flush: async () => {
    tell('events flushed');
  },
};

test('caches, then lease, then controllers; and the way back', async () => {
  const cache = informer();
  const lost = new AbortController();
  const elector = {
    run: async (signal: AbortSignal, lead: (leading: AbortSignal) => Promise<void>) => {
      tell('lease taken');
      await lead(AbortSignal.any([signal, lost.signal]));
      tell('lease given back');
      return 'lost' as const;
    },
  };
  const manager = new Manager({
    informers: [cache],
    controllers: [controller],
    elector,
    recorder,
    clock,
    logger: silentLogger,
  });
  const run = manager.run(stop.signal);
  await clock.advanceBy(1000);
  expect(story).toEqual(['informer rollouts starts']);
  expect([manager.ready, manager.leading]).toEqual([false, false]);
  cache.sync();
  await clock.settle();
  expect([manager.ready, manager.leading]).toEqual([true, true]);
  lost.abort(new Error('lost'));
  expect(await run).toBe('lost');
  expect(manager.leading).toBe(false);
  expect(story).toEqual([
    'informer rollouts starts',
    'lease taken',
    'controller starts',
    'controller ends',
    'events flushed',
    'lease given back',
    'informer rollouts ends',
  ]);
});

test('works without an election', async () => {
  const cache = informer();
  const run = new Manager({ informers: [cache], controllers: [controller], clock, logger: silentLogger }).run(
    stop.signal,
  );
  cache.sync();
  await clock.settle();
  stop.abort(new Error('stop'));
  expect(await run).toBe('stopped');
  expect(story).toEqual(['informer rollouts starts', 'controller starts', 'controller ends', 'informer rollouts ends']);
});

test('what only some objects need holds up nothing once it is refused', async () => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_, text) => warnings.push(text) };
  const present = informer();
  const refused = informer(SERVICES);
  const options = { informers: [present], optional: [refused], controllers: [controller], clock, logger };
  const manager = new Manager(options);
  const run = manager.run(stop.signal);
  present.sync();
  await clock.settle();
  expect([manager.ready, manager.leading]).toEqual([false, false]);
  refused.refuse('no services');
  await clock.settle();
  expect([manager.ready, manager.leading]).toEqual([true, true]);
  expect(warnings).toEqual(['going on without what some Rollouts need: no services']);
  stop.abort(new Error('stop'));
  await run;
});

test('what everything needs is waited for, with the reason', async () => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_, text) => warnings.push(text) };
  const refused = informer();
  const manager = new Manager({ informers: [refused], controllers: [controller], clock, logger });
  const run = manager.run(stop.signal);
  refused.refuse('no rollouts');
  await clock.advanceBy(15_000);
  expect(manager.ready).toBe(false);
  expect(warnings).toEqual(['still waiting for the first lists: no rollouts']);
  stop.abort(new Error('stop'));
  await run;
});

test('a start that waits says for what, and can be stopped', async () => {
  const warnings: unknown[] = [];
  const logger: Logger = { ...silentLogger, warn: (fields) => warnings.push(fields['missing']) };
  const present = informer();
  const absent = informer(SERVICES);
  const run = new Manager({ informers: [present, absent], controllers: [controller], clock, logger }).run(stop.signal);
  present.sync();
  await clock.advanceBy(30_000);
  expect(warnings).toEqual([['services'], ['services']]);
  stop.abort(new Error('stop'));
  expect(await run).toBe('stopped');
  expect(story).not.toContain('controller starts');
  expect(clock.nextDue()).toBeUndefined();
});
