import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { orAborted, scopedAbort } from '../../../src/runtime/abort.ts';
import { Backoff } from '../../../src/runtime/backoff.ts';
import { logLastWords } from '../../../src/runtime/last-words.ts';
import { listenForShutdown } from '../../../src/runtime/shutdown.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';

describe('systemClock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('waits longer than setTimeout can', () => {
    const days60 = 60 * 86_400_000;
    const run = vi.fn<() => void>();
    systemClock.schedule(days60, run);
    vi.advanceTimersByTime(days60 - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
  });

  test('a long wait can be cancelled in any of its pieces', () => {
    const run = vi.fn<() => void>();
    const timer = systemClock.schedule(60 * 86_400_000, run);
    vi.advanceTimersByTime(40 * 86_400_000);
    timer.cancel();
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('sleep ends with its signal and leaves no timer', async () => {
    const controller = new AbortController();
    const sleep = systemClock.sleep(1000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(systemClock.sleep(1000, controller.signal)).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('scopedAbort', () => {
  test('tells a deadline from the outer signal', async () => {
    const clock = new VirtualClock();
    const outer = new AbortController();
    const late = scopedAbort(clock, outer.signal, 100);
    const stopped = scopedAbort(clock, outer.signal, 1000);
    await clock.advanceBy(100);
    outer.abort(new Error('stop'));
    expect([late.timedOut(), late.signal.aborted, stopped.timedOut(), stopped.signal.reason]).toEqual([
      true,
      true,
      false,
      outer.signal.reason,
    ]);
  });

  test('leaves nothing behind', () => {
    const clock = new VirtualClock();
    const outer = new AbortController();
    const scope = scopedAbort(clock, outer.signal, 100);
    scope.dispose();
    outer.abort();
    expect(scope.signal.aborted).toBe(false);
    expect(clock.nextDue()).toBeUndefined();
  });
});

test('orAborted', async () => {
  const controller = new AbortController();
  expect(await orAborted(Promise.resolve(1), controller.signal)).toBe(1);
  const pending = orAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error('stop'));
  await expect(pending).rejects.toThrow('stop');
  await expect(orAborted(Promise.resolve(1), controller.signal)).rejects.toThrow('stop');
});

test('Backoff doubles, is random, has a ceiling and forgets', async () => {
  const clock = new VirtualClock();
  const draws = [1, 1, 1, 0.5, 0, 1];
  const backoff = new Backoff({ clock, random: () => draws.shift()!, baseMs: 800, resetAfterMs: 120_000 });
  const next = () => backoff.next(3000);
  expect([next(), next(), next(), next(), next()]).toEqual([800, 1600, 3000, 1500, 0]);
  await clock.advanceBy(120_001);
  expect(next()).toBe(800);
});

test('the first signal asks, the second insists', () => {
  const source = new EventEmitter();
  const insisted: string[] = [];
  const shutdown = listenForShutdown(source, (signal) => insisted.push(signal));
  source.emit('SIGTERM', 'SIGTERM');
  expect(shutdown.signal.reason).toMatchObject({ code: 'shutdown', message: 'received SIGTERM' });
  expect(insisted).toEqual([]);
  source.emit('SIGINT', 'SIGINT');
  expect(insisted).toEqual(['SIGINT']);
  shutdown.dispose();
  expect(source.listenerCount('SIGTERM') + source.listenerCount('SIGINT')).toBe(0);
});

test('an error that nobody caught is logged in one line before the end', () => {
  const source = new EventEmitter();
  const lines: string[] = [];
  const said = (): string => lines.join('');
  const logger = createLogger({
    clock: new VirtualClock(),
    format: 'json',
    level: 'info',
    write: (line) => lines.push(line),
  });
  let ends = 0;
  const stop = logLastWords(source, logger, () => (ends += 1));
  source.emit('uncaughtException', new Error('boom'));
  expect(ends).toBe(1);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(said())).toMatchObject({ level: 'error', msg: 'an error that nobody caught: the process ends' });
  expect(said()).toContain('boom');
  stop();
  expect(source.listenerCount('uncaughtException')).toBe(0);
});
