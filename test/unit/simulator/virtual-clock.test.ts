import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

const START = Date.UTC(2026, 0, 1);

test('timers run in the order of their due time, then of their creation', async () => {
  const clock = new VirtualClock(START);
  const seen: string[] = [];
  for (const [name, delay] of [
    ['c', 20],
    ['a', 10],
    ['d', 20],
    ['b', 10],
    ['now', 0],
  ] as const) {
    clock.schedule(delay, () => seen.push(`${name}@${clock.monotonic()}`));
  }
  await clock.advanceBy(15);
  expect(seen).toEqual(['now@0', 'a@10', 'b@10']);
  expect(clock.now()).toBe(START + 15);
  await clock.advanceBy(5);
  expect(seen.slice(3)).toEqual(['c@20', 'd@20']);
});

test('async code settles between two timers, so what it schedules comes before what is later', async () => {
  const clock = new VirtualClock(START);
  const seen: string[] = [];
  clock.schedule(10, () => {
    void (async () => {
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      await clock.sleep(5);
      seen.push(`inner@${clock.monotonic()}`);
    })();
  });
  clock.schedule(20, () => seen.push('outer@20'));
  await clock.advanceBy(100);
  expect(seen).toEqual(['inner@15', 'outer@20']);
});

test('many timers keep their order through the heap', async () => {
  const clock = new VirtualClock(START);
  const seen: number[] = [];
  const delays = Array.from({ length: 500 }, (_, index) => (index * 7919) % 501);
  for (const delay of delays) clock.schedule(delay, () => seen.push(delay));
  await clock.advanceBy(600);
  expect(seen).toEqual(delays.toSorted((left, right) => left - right));
});

test('a cancelled timer never runs and holds up nothing', async () => {
  const clock = new VirtualClock(START);
  let ran = false;
  clock.schedule(10, () => (ran = true)).cancel();
  expect(clock.nextDue()).toBeUndefined();
  await clock.advanceBy(20);
  expect(ran).toBe(false);
});

test('sleep rejects with the reason of its signal and leaves no timer', async () => {
  const clock = new VirtualClock(START);
  const controller = new AbortController();
  const sleeping = clock.sleep(1000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
  expect(clock.nextDue()).toBeUndefined();
  await expect(clock.sleep(1, controller.signal)).rejects.toThrow('enough');
});

test('runUntilIdle stops at the last timer within the horizon', async () => {
  const clock = new VirtualClock(START);
  const tick = (): void => {
    clock.schedule(1000, tick);
  };
  tick();
  await clock.runUntilIdle(10_500);
  expect(clock.monotonic()).toBe(10_000);
});

test('runUntil stops as soon as the condition holds, and complains when it never does', async () => {
  const clock = new VirtualClock(START);
  let count = 0;
  const tick = (): void => {
    count++;
    clock.schedule(1000, tick);
  };
  clock.schedule(1000, tick);
  await clock.runUntil(() => count === 3, 60_000);
  expect(clock.monotonic()).toBe(3000);
  await expect(clock.runUntil(() => count === 100, 5000)).rejects.toThrow('within 5000 ms');
});

test('timers that never let time pass are reported', async () => {
  const clock = new VirtualClock(START);
  const again = (): void => {
    clock.schedule(0, again);
  };
  again();
  await expect(clock.advanceBy(1)).rejects.toThrow('timers at one moment');
});

test('whoever sets the clock moves no timer', async () => {
  const clock = new VirtualClock(START);
  const seen: number[] = [];
  for (const delay of [1_000, 2_000, 3_000])
    clock.schedule(delay, () => {
      seen.push(clock.monotonic());
      clock.set(-3_600_000);
    });
  await clock.advanceBy(2_500);
  expect(seen).toEqual([1_000, 2_000]);
  expect(clock.now()).toBe(START + 2_500 - 2 * 3_600_000);
  expect(clock.nextDue()).toBe(clock.now() + 500);
  await clock.advanceTo(clock.now() + 500);
  expect(seen).toEqual([1_000, 2_000, 3_000]);
});
