import { beforeEach, describe, expect, test } from 'vitest';
import type { Lease } from '../../../src/api/core-types.ts';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { LeaderElector } from '../../../src/kube/lease.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { ScriptedTransport } from '../../support/scripted-transport.ts';

let clock: VirtualClock;
let lease: Lease | undefined;
let version: number;
/** Candidates whose requests are refused. */
let cutOff: Set<string>;

beforeEach(() => {
  clock = new VirtualClock();
  lease = undefined;
  version = 0;
  cutOff = new Set();
});

function store(body: string | undefined): { status: number; body: unknown } {
  version += 1;
  const sent = JSON.parse(body!) as Lease;
  lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(version) } };
  return { status: 200, body: lease };
}

/** The API server as one candidate sees it: one Lease with optimistic concurrency. */
function transportOf(identity: string): ScriptedTransport {
  return new ScriptedTransport(({ method, body, priority }) => {
    expect(priority).toBe('lease');
    if (cutOff.has(identity)) return { status: 503 };
    if (method === 'GET') return lease === undefined ? { status: 404 } : { body: lease };
    if (method === 'POST')
      return lease === undefined ? store(body) : { status: 409, body: { reason: 'AlreadyExists' } };
    const sent = JSON.parse(body!) as Lease;
    return sent.metadata.resourceVersion === lease?.metadata.resourceVersion ? store(body) : { status: 409 };
  });
}

function candidate(identity: string) {
  const transport = transportOf(identity);
  const elector = new LeaderElector({
    client: createKubeClient(transport),
    clock,
    random: () => 0.5,
    namespace: 'linnet',
    name: 'lock',
    identity,
  });
  const stop = new AbortController();
  const log: string[] = [];
  const run = elector.run(stop.signal, async (leading) => {
    log.push(`leads@${clock.monotonic()}`);
    await new Promise((resolve) => {
      leading.addEventListener('abort', resolve);
    });
    log.push(`${(leading.reason as Error).name}@${clock.monotonic()}`);
  });
  let outcome: string | undefined;
  void run.then((result) => (outcome = result));
  return { elector, stop, log, transport, outcome: () => outcome };
}

test('the first candidate leads at once and renews every two seconds', async () => {
  const a = candidate('a');
  await clock.advanceBy(60_000);
  expect(a.log).toEqual(['leads@0']);
  expect(a.elector.isLeader()).toBe(true);
  expect(a.transport.requests).toHaveLength(1 + 1 + 30);
  expect(lease?.spec).toEqual({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:01:00.000000Z',
    leaseTransitions: 0,
  });
});

test('nobody else leads meanwhile, and the next does as soon as the lease is given back', async () => {
  const a = candidate('a');
  await clock.advanceBy(1000);
  const b = candidate('b');
  await clock.advanceBy(60_000);
  expect(b.elector.isLeader()).toBe(false);
  a.stop.abort(new Error('stop'));
  await clock.advanceBy(4000);
  expect(a.outcome()).toBe('stopped');
  expect(a.elector.isLeader()).toBe(false);
  expect(b.elector.isLeader()).toBe(true);
  expect(lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
});

test('F04: a leader that cannot renew stops before anybody can take over', async () => {
  const a = candidate('a');
  await clock.advanceBy(10_000);
  const b = candidate('b');
  await clock.advanceBy(10_000);
  cutOff.add('a');
  await clock.runUntil(() => !a.elector.isLeader(), 60_000);
  const stoppedAt = clock.monotonic();
  expect(stoppedAt).toBe(30_000);
  expect(b.elector.isLeader()).toBe(false);
  await clock.runUntil(() => b.elector.isLeader(), 60_000);
  expect(clock.monotonic() - stoppedAt).toBeGreaterThanOrEqual(5000);
  expect(a.log).toEqual(['leads@0', 'LeadershipLost@30000']);
  expect(a.outcome()).toBe('lost');
});

test('a short outage of the API server costs nothing', async () => {
  const a = candidate('a');
  await clock.advanceBy(10_000);
  cutOff.add('a');
  await clock.advanceBy(7000);
  cutOff.clear();
  await clock.advanceBy(60_000);
  expect(a.log).toEqual(['leads@0']);
});

test('F05: after a freeze the fence is closed before anything runs', async () => {
  const a = candidate('a');
  await clock.advanceBy(10_000);
  expect(a.elector.isLeader()).toBe(true);
  // Time passes, and no timer of the process has run yet.
  const thawedAt = clock.monotonic() + 60_000;
  clock.monotonic = () => thawedAt;
  expect(a.elector.isLeader()).toBe(false);
});

test('a holder whose clock is wrong is neither robbed nor waited for longer', async () => {
  lease = {
    metadata: { namespace: 'linnet', name: 'lock', resourceVersion: '0' },
    spec: { holderIdentity: 'x', leaseDurationSeconds: 15, renewTime: '1999-01-01T00:00:00.000000Z' },
  };
  const a = candidate('a');
  await clock.advanceBy(14_000);
  expect(a.elector.isLeader()).toBe(false);
  await clock.advanceBy(6000);
  expect(a.elector.isLeader()).toBe(true);
});

test('two candidates that try at the same moment end up with one leader', async () => {
  const candidates = ['a', 'b', 'c'].map((identity) => candidate(identity));
  await clock.advanceBy(30_000);
  expect(candidates.filter(({ elector }) => elector.isLeader())).toHaveLength(1);
});

test('a lease that somebody took by force is lost at once', async () => {
  const a = candidate('a');
  await clock.advanceBy(1000);
  version += 1;
  lease = {
    metadata: { ...lease!.metadata, resourceVersion: String(version) },
    spec: { ...lease!.spec, holderIdentity: 'thief' },
  };
  await clock.advanceBy(2000);
  expect(a.log).toEqual(['leads@0', 'LeadershipLost@2000']);
  expect(lease.spec?.holderIdentity).toBe('thief');
});

test('a lease that somebody annotated is renewed on the new version, and keeps the annotation', async () => {
  const a = candidate('a');
  await clock.advanceBy(1000);
  version += 1;
  lease = { ...lease!, metadata: { ...lease!.metadata, resourceVersion: String(version), annotations: { note: 'x' } } };
  await clock.advanceBy(10_000);
  expect(a.log).toEqual(['leads@0']);
  expect(lease.metadata.annotations).toEqual({ note: 'x' });
  expect(lease.spec?.renewTime).not.toBe('2026-01-01T00:00:00.000000Z');
});

test('stopping before there is a lease ends without having led', async () => {
  cutOff.add('a');
  const a = candidate('a');
  await clock.advanceBy(10_000);
  a.stop.abort(new Error('stop'));
  await clock.settle();
  expect(a.outcome()).toBe('stopped');
  expect(a.log).toEqual([]);
});

describe('the lease is kept until the work has ended', () => {
  test('and given back then', async () => {
    const elector = new LeaderElector({
      client: createKubeClient(transportOf('a')),
      clock,
      random: () => 0,
      namespace: 'linnet',
      name: 'lock',
      identity: 'a',
    });
    const stop = new AbortController();
    const run = elector.run(stop.signal, () => clock.sleep(30_000));
    await clock.advanceBy(1000);
    stop.abort(new Error('stop'));
    await clock.advanceBy(28_000);
    expect(lease?.spec?.holderIdentity).toBe('a');
    expect(elector.isLeader()).toBe(true);
    await clock.advanceBy(1000);
    expect(await run).toBe('stopped');
    expect(lease?.spec?.holderIdentity).toBe('');
  });
});
