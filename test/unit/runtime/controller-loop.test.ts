import { beforeEach, expect, test } from 'vitest';
import { ApiError } from '../../../src/kube/api-error.ts';
import { ControllerLoop, type Reconcile } from '../../../src/runtime/controller-loop.ts';
import { Workqueue } from '../../../src/runtime/workqueue.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import type { LogFields, Logger } from '../../../src/telemetry/logger.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';

let clock: VirtualClock;
let queue: Workqueue;
let stop: AbortController;
let passes: string[];
let lines: string[];
let metrics: MetricsRegistry;

beforeEach(() => {
  clock = new VirtualClock();
  queue = new Workqueue({ name: 'test', clock });
  stop = new AbortController();
  passes = [];
  lines = [];
  metrics = new MetricsRegistry();
});

function recordingLogger(): Logger {
  const at = (level: string) => (_: LogFields, message: string) => void lines.push(`${level}: ${message}`);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: recordingLogger };
}

function start(reconcile: Reconcile, workers = 2): Promise<void> {
  const counted: Reconcile = (key, context) => {
    passes.push(`${key}@${clock.monotonic()}`);
    return reconcile(key, context);
  };
  return new ControllerLoop({
    queue,
    reconcile: counted,
    workers,
    clock,
    logger: recordingLogger(),
    metrics,
    timeoutMs: 10_000,
    drainMs: 500,
  }).run(stop.signal);
}

test('asks again at the time that a pass names', async () => {
  const times = [clock.now() + 60_000, undefined];
  void start(async () => ({ requeueAt: times.shift() }));
  queue.add('a');
  await clock.advanceBy(600_000);
  expect(passes).toEqual(['a@0', 'a@60000']);
});

test('a clock that is set during a pass makes the next one neither late nor early', async () => {
  const setBy = [-600_000, 600_000];
  void start(async () => {
    const by = setBy.shift();
    if (by === undefined) return {};
    const requeueAt = clock.now() + 60_000;
    await clock.sleep(1_000);
    clock.set(by);
    return { requeueAt };
  });
  queue.add('a');
  await clock.advanceBy(600_000);
  expect(passes).toEqual(['a@0', 'a@60000', 'a@120000']);
});

test('a pass that throws is retried with backoff, and the other keys run', async () => {
  void start(async (key) => {
    if (key === 'bad') throw new Error('boom');
    return {};
  });
  queue.add('bad');
  queue.add('good');
  await clock.advanceBy(40);
  expect(passes).toEqual(['bad@0', 'good@0', 'bad@5', 'bad@15', 'bad@35']);
  expect(lines).toEqual(Array.from({ length: 4 }, () => 'error: pass failed; will retry'));
  expect(metrics.expose()).toContain('controller_reconcile_errors_total{controller="test"} 4');
});

test('throwing before the first await is the same', async () => {
  void start(() => {
    throw new Error('boom');
  });
  queue.add('a');
  await clock.advanceBy(5);
  expect(passes).toEqual(['a@0', 'a@5']);
});

test('a conflict is retried and is no error in the log', async () => {
  const request = { method: 'PUT', path: '/x' } as const;
  const conflict = ApiError.fromResponse(request, { status: 409, headers: {}, body: '{"reason":"Conflict"}' });
  const outcomes = [() => Promise.reject(conflict), async () => ({})];
  void start(() => outcomes.shift()!());
  queue.add('a');
  await clock.advanceBy(1000);
  expect(passes).toEqual(['a@0', 'a@5']);
  expect(lines).toEqual(['debug: conflict; will retry']);
});

test('one pass per key at a time', async () => {
  let running = 0;
  let most = 0;
  void start(async () => {
    running += 1;
    most = Math.max(most, running);
    await clock.sleep(100);
    running -= 1;
    return {};
  }, 4);
  queue.add('a');
  await clock.advanceBy(10);
  queue.add('a');
  await clock.advanceBy(10);
  queue.add('a');
  await clock.advanceBy(1000);
  expect(most).toBe(1);
  expect(passes).toEqual(['a@0', 'a@100']);
});

test('a pass that asks to be repeated at once is slowed down to ten passes a minute, until an event comes', async () => {
  void start(async () => ({ requeueAt: clock.now() - 1 }));
  queue.add('a');
  await clock.advanceBy(60_000);
  passes = [];
  await clock.advanceBy(60_000);
  expect(passes.length).toBeLessThanOrEqual(10);
  passes = [];
  queue.add('a');
  await clock.advanceBy(100);
  expect(passes.length).toBeGreaterThanOrEqual(2);
});

test('a pass that takes too long is aborted and retried', async () => {
  void start(async (_, { signal }) => {
    await clock.sleep(60_000, signal);
    return {};
  });
  queue.add('a');
  await clock.advanceBy(10_005);
  expect(passes).toEqual(['a@0', 'a@10005']);
});

test('a pass that ignores its deadline keeps its key but not its worker', async () => {
  const never = Promise.withResolvers<{ requeueAt?: number }>();
  void start((key) => (key === 'stuck' ? never.promise : Promise.resolve({})), 1);
  queue.add('stuck');
  queue.add('other');
  await clock.advanceBy(11_000);
  expect(passes).toEqual(['stuck@0', 'other@11000']);
  expect(lines).toEqual(['error: the pass goes on after its deadline']);
  queue.add('stuck');
  await clock.advanceBy(60_000);
  expect(passes).toHaveLength(2);
  never.resolve({});
  await clock.advanceBy(1);
  expect(passes.at(-1)).toBe('stuck@71000');
});

test('stopping lets a short pass end, aborts a long one, and starts no other', async () => {
  const ended: string[] = [];
  const run = start(async (key, { signal }) => {
    await clock.sleep(key === 'short' ? 300 : 60_000, signal).catch(() => {});
    ended.push(`${key}@${clock.monotonic()} ${signal.aborted ? 'aborted' : 'finished'}`);
    return { requeueAt: clock.now() };
  });
  queue.add('short');
  queue.add('long');
  queue.add('waiting');
  await clock.advanceBy(100);
  stop.abort(new Error('stop'));
  let over = false;
  void run.then(() => (over = true));
  await clock.advanceBy(10_000);
  expect(over).toBe(true);
  expect(ended).toEqual(['short@300 finished', 'long@600 aborted']);
  expect(passes).toHaveLength(2);
});
