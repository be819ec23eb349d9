import { beforeEach, describe, expect, test } from 'vitest';
import { Workqueue } from '../../../src/runtime/workqueue.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';

let clock: VirtualClock;
let queue: Workqueue;
let metrics: MetricsRegistry;

beforeEach(() => {
  clock = new VirtualClock();
  metrics = new MetricsRegistry();
  queue = new Workqueue({ name: 'test', clock, metrics });
});

/** Takes what waits now. */
async function takeAll(): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) {
    const item = await queue.take();
    keys.push(item!.key);
    queue.done(item!.key);
  }
  return keys;
}

test('a key waits once, in the order of its first add', async () => {
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  expect(await takeAll()).toEqual(['a', 'b', 'c']);
});

test('abort before normal before resync, and a key moves up but never down', async () => {
  queue.add('resync', 'resync');
  queue.add('normal');
  queue.add('promoted', 'resync');
  queue.add('abort', 'abort');
  queue.add('promoted', 'abort');
  queue.add('abort', 'resync');
  expect(await takeAll()).toEqual(['abort', 'promoted', 'normal', 'resync']);
});

test('a key is never handed out twice at a time, and comes back when it was added meanwhile', async () => {
  queue.add('a');
  expect(await queue.take()).toEqual({ key: 'a', priority: 'normal', selfRequested: false });
  queue.add('a', 'resync');
  queue.add('a', 'abort');
  expect(queue.length).toBe(0);
  queue.done('a');
  expect(await queue.take()).toEqual({ key: 'a', priority: 'abort', selfRequested: false });
  queue.done('a');
  expect(queue.length).toBe(0);
});

test('a pass that an event asked for meanwhile is not the key’s own', async () => {
  queue.add('a');
  await queue.take();
  queue.addAfter('a', 0);
  queue.done('a');
  expect(await queue.take()).toMatchObject({ selfRequested: true });
  queue.addAfter('a', 0);
  queue.add('a');
  queue.done('a');
  expect(await queue.take()).toMatchObject({ selfRequested: false });
});

test('a worker that waits gets the key at once', async () => {
  const waiting = queue.take();
  queue.add('a');
  expect((await waiting)?.key).toBe('a');
});

describe('addAfter', () => {
  test('of several delays the earliest counts, with the highest priority', async () => {
    queue.addAfter('a', 1000, 'abort');
    queue.addAfter('a', 500);
    queue.addAfter('a', 2000);
    await clock.advanceBy(499);
    expect(queue.length).toBe(0);
    await clock.advanceBy(1);
    expect(await queue.take()).toEqual({ key: 'a', priority: 'abort', selfRequested: true });
    queue.done('a');
    await clock.advanceBy(10_000);
    expect(queue.length).toBe(0);
  });

  test('no delay is an add; an event beside it makes the pass one that somebody asked for', async () => {
    queue.addAfter('a', 0);
    queue.add('a');
    expect(await queue.take()).toMatchObject({ selfRequested: false });
  });
});

describe('addRateLimited', () => {
  test('doubles from 5 ms to what is asked for, until forgotten', async () => {
    const delays: number[] = [];
    const retry = async (maxMs: number) => {
      const since = clock.monotonic();
      queue.addRateLimited('a', 'normal', maxMs);
      await clock.runUntil(() => queue.length === 1, 2_000_000);
      delays.push(clock.monotonic() - since);
      await takeAll();
    };
    for (let i = 0; i < 20; i += 1) await retry(30_000);
    await retry(5_000);
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.slice(-3)).toEqual([30_000, 30_000, 5_000]);
    queue.forget('a');
    expect(queue.failuresOf('a')).toBe(0);
    const since = clock.monotonic();
    queue.addRateLimited('a', 'normal', 30_000);
    await clock.runUntil(() => queue.length === 1, 1000);
    expect(clock.monotonic() - since).toBe(5);
  });

  test('all keys together retry a hundred times at once and then ten times a second', async () => {
    for (let i = 0; i < 120; i += 1) queue.addRateLimited(`k${i}`, 'normal', 30_000);
    await clock.advanceBy(50);
    expect(queue.length).toBe(100);
    await clock.advanceBy(1000);
    expect(queue.length).toBe(110);
    await clock.advanceBy(1000);
    expect(queue.length).toBe(120);
  });
});

test('shutting down drops what waits, releases the workers and lets work in progress end', async () => {
  queue.add('working');
  await queue.take();
  const waiting = queue.take();
  queue.addAfter('later', 10);
  queue.add('working');
  queue.shutDown();
  expect(await waiting).toBeUndefined();
  let idle = false;
  const idleness = queue.idle().then(() => (idle = true));
  await clock.advanceBy(1000);
  expect(idle).toBe(false);
  queue.done('working');
  await idleness;
  queue.add('too late');
  queue.addAfter('too late', 1);
  await clock.advanceBy(1000);
  expect(queue.length).toBe(0);
  expect(await queue.take()).toBeUndefined();
});

test('the metrics are those of client-go', async () => {
  queue.add('a');
  queue.add('a');
  queue.add('b');
  await clock.advanceBy(2000);
  await queue.take();
  await clock.advanceBy(500);
  const during = metrics.expose();
  expect(during).toContain('workqueue_adds_total{name="test"} 2');
  expect(during).toContain('workqueue_depth{name="test"} 1');
  expect(during).toContain('workqueue_unfinished_work_seconds{name="test"} 0.5');
  expect(during).toContain('workqueue_longest_running_processor_seconds{name="test"} 0.5');
  expect(during).toContain('workqueue_queue_duration_seconds_sum{name="test"} 2');
  queue.done('a');
  queue.addRateLimited('a', 'normal', 30_000);
  const after = metrics.expose();
  expect(after).toContain('workqueue_work_duration_seconds_sum{name="test"} 0.5');
  expect(after).toContain('workqueue_retries_total{name="test"} 1');
});
