import { beforeEach, describe, expect, test } from 'vitest';
import { AttendedTransport } from '../../../src/kube/attended-transport.ts';
import { Presence } from '../../../src/kube/presence.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { ScriptedTransport } from '../../support/scripted-transport.ts';

let clock: VirtualClock;
let presence: Presence;
let inner: ScriptedTransport;
let transport: AttendedTransport;

beforeEach(() => {
  clock = new VirtualClock();
  presence = new Presence(clock);
  inner = new ScriptedTransport();
  transport = new AttendedTransport(inner, presence);
});

const read = () => transport.request({ method: 'GET', path: '/api' }).catch(() => {});
const write = () => transport.request({ method: 'PATCH', path: '/api' }).catch(() => {});

async function askFor(ms: number, ask: () => Promise<unknown>): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    await ask();
    await clock.advanceBy(10_000);
  }
}

describe('what is answered', () => {
  test.each([
    ['a connection that fails', () => Promise.reject(new Error('connection refused'))],
    ['a proxy without a server behind it', () => ({ status: 503 })],
  ])('%s for half a minute is an absence, which ends with the next answer', async (_title, answer) => {
    inner.answer = answer;
    await askFor(40_000, read);
    expect(presence).toMatchObject({ since: clock.now(), silent: true });
    inner.answer = () => ({ status: 404 });
    await read();
    expect(presence.silent).toBe(false);
    const returned = clock.now();
    await clock.advanceBy(60_000);
    expect(presence.since).toBe(returned);
  });

  test('a shorter silence is none, nor are failures with answers between them', async () => {
    inner.answer = () => ({ status: 500 });
    await askFor(30_000, read);
    inner.answer = () => ({});
    await read();
    inner.answer = () => ({ status: 500 });
    await askFor(30_000, read);
    expect(presence.since).toBeUndefined();
  });

  test('writes that fail, for instance because of a webhook, keep nobody from seeing', async () => {
    inner.answer = () => ({ status: 500 });
    await askFor(120_000, write);
    expect(presence.since).toBeUndefined();
  });
});

describe('who led before', () => {
  test('a Lease that nobody has renewed for long tells of an absence', () => {
    presence.lead(clock.now() - 30_000);
    expect(presence.since).toBe(clock.now());
  });

  test.each([
    ['renewed a moment ago', -29_999],
    ['renewed by a clock that is ahead', 60_000],
  ])('one that was %s does not', (_title, difference) => {
    presence.lead(clock.now() + difference);
    expect(presence.since).toBeUndefined();
  });
});
