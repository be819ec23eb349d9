import { beforeEach, describe, expect, test } from 'vitest';
import { PoliteTransport } from '../../../src/kube/polite-transport.ts';
import { RequestThrottle } from '../../../src/kube/request-throttle.ts';
import type { RequestPriority } from '../../../src/kube/transport.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { ScriptedTransport } from '../../support/scripted-transport.ts';

let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock();
});

describe('RequestThrottle', () => {
  async function spend(throttle: RequestThrottle, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await throttle.acquire('normal');
  }

  test('a burst passes at once, the rest at the rate', async () => {
    const throttle = new RequestThrottle(clock, { qps: 10, burst: 20 });
    let passed = 0;
    for (let i = 0; i < 40; i += 1) void throttle.acquire('normal').then(() => (passed += 1));
    await clock.settle();
    expect(passed).toBe(20);
    await clock.advanceBy(1000);
    expect(passed).toBe(30);
    await clock.advanceBy(1000);
    expect(passed).toBe(40);
  });

  test('an abort overtakes what waits, a resync lets all pass, and the lease never waits', async () => {
    const throttle = new RequestThrottle(clock, { qps: 10, burst: 5 });
    await spend(throttle, 5);
    const order: string[] = [];
    const ask = (priority: RequestPriority) => void throttle.acquire(priority).then(() => order.push(priority));
    for (const priority of ['resync', 'normal', 'normal', 'abort', 'lease'] as const) ask(priority);
    await clock.settle();
    expect(order).toEqual(['lease']);
    await clock.advanceBy(1000);
    expect(order).toEqual(['lease', 'abort', 'normal', 'normal', 'resync']);
  });

  test('who gives up takes no token', async () => {
    const throttle = new RequestThrottle(clock, { qps: 1, burst: 1 });
    await spend(throttle, 1);
    const first = new AbortController();
    const given = throttle.acquire('normal', first.signal);
    let passed = false;
    void throttle.acquire('normal').then(() => (passed = true));
    first.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    await clock.advanceBy(1000);
    expect(passed).toBe(true);
    await expect(throttle.acquire('normal', first.signal)).rejects.toThrow('enough');
  });
});

describe('PoliteTransport', () => {
  const GET = { method: 'GET', path: '/x' } as const;
  const polite = (inner: ScriptedTransport, random = () => 0.5) =>
    new PoliteTransport(inner, { clock, random, throttle: new RequestThrottle(clock) });

  test.each([429, 503])('waits as long as a %s says, plus jitter, and repeats any method', async (status) => {
    const times: number[] = [];
    const inner = new ScriptedTransport(() => {
      times.push(clock.monotonic());
      return times.length < 3 ? { status, headers: { 'retry-after': '4' } } : { status: 201 };
    });
    const answer = polite(inner).request({ ...GET, method: 'POST', body: '{}' });
    await clock.advanceBy(20_000);
    expect((await answer).status).toBe(201);
    expect(times).toEqual([0, 5000, 10_000]);
    expect(inner.requests.map(({ timeoutMs }) => timeoutMs)).toEqual([30_000, 25_000, 20_000]);
  });

  test('other failures are the caller’s business', async () => {
    const inner = new ScriptedTransport(() => ({ status: 500, headers: { 'retry-after': '1' } }));
    expect((await polite(inner).request(GET)).status).toBe(500);
    const unavailable = new ScriptedTransport(() => ({ status: 503 }));
    expect((await polite(unavailable).request(GET)).status).toBe(503);
    expect(inner.requests.length + unavailable.requests.length).toBe(2);
  });

  test('never asks more often than ten times', async () => {
    const inner = new ScriptedTransport(() => ({ status: 429, headers: { 'retry-after': '1' } }));
    const answer = polite(inner, () => 0).request({ ...GET, timeoutMs: 600_000 });
    await clock.advanceBy(600_000);
    expect((await answer).status).toBe(429);
    expect(inner.requests).toHaveLength(10);
  });

  test('the deadline covers waiting for the rate limit', async () => {
    const inner = new ScriptedTransport();
    const throttle = new RequestThrottle(clock, { qps: 0.001, burst: 1 });
    const transport = new PoliteTransport(inner, { clock, random: () => 0, throttle });
    await transport.request(GET);
    const late = transport.request({ ...GET, timeoutMs: 1000 }).catch((error: unknown) => error);
    await clock.advanceBy(1000);
    expect(await late).toMatchObject({
      code: 'timeout',
      message: 'GET /x: not sent within 1000 ms: too many requests',
    });
    expect(inner.requests).toHaveLength(1);
    expect(clock.nextDue()).toBeDefined();
  });

  test('a caller may give up while waiting', async () => {
    const inner = new ScriptedTransport(() => ({ status: 429, headers: { 'retry-after': '5' } }));
    const caller = new AbortController();
    const answer = polite(inner)
      .request({ ...GET, signal: caller.signal })
      .catch((error: unknown) => error);
    await clock.advanceBy(1000);
    caller.abort(new Error('enough'));
    expect(await answer).toMatchObject({ code: 'aborted' });
  });
});
