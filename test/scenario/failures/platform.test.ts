import { describe, expect, it } from 'vitest';
import type { Lease } from '../../../src/api/core-types.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import { LEASES } from '../../../src/kube/resources.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  isAborted,
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  observe,
  runningWeb,
  SECOND,
  template,
  web,
} from '../release/fixtures.ts';
import { ABORT, pausedWeb, RESUME, recorded, texts } from './given.ts';

const TEN_MINUTES = { steps: [{ setWeight: 50 }, { pause: { duration: '10m' } }] };

/** Two replicas, each with its own idea of the time; the first leads, and waits in a pause of ten minutes. */
async function withClocks(firstMs: number, secondMs: number) {
  const cluster = new TestCluster();
  const dataPlane = observe(cluster);
  const first = cluster.startController({ identity: 'first', skewMs: firstMs });
  await cluster.apply(...network(), web(TEN_MINUTES));
  await cluster.until('web', ({ status }) => status?.phase === 'Healthy', 20 * MINUTE);
  await cluster.clock.advanceBy(10 * SECOND);
  cluster.startController({ identity: 'second', skewMs: secondMs });
  dataPlane.arm();
  await cluster.apply(web({ ...TEN_MINUTES, image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  return { cluster, dataPlane, first, pausedAt: cluster.clock.now(), states: recorded(cluster) };
}

it.each([
  ['F96 clock skew, the leader 5 min ahead and its successor 5 min behind', 5, -5],
  ['F96 clock skew, the leader 5 min behind and its successor 5 min ahead', -5, 5],
])('%s: a pause ends once, and in time', async (_title, firstMinutes, secondMinutes) => {
  const { cluster, dataPlane, first, pausedAt, states } = await withClocks(
    firstMinutes * MINUTE,
    secondMinutes * MINUTE,
  );
  await cluster.clock.advanceBy(2 * MINUTE);
  first.kill();
  await cluster.until('web', ({ status }) => status?.currentStepIndex === 2, 30 * MINUTE);
  expect(Math.abs(cluster.clock.now() - pausedAt - 10 * MINUTE)).toBeLessThanOrEqual(2 * SECOND);
  await cluster.until('web', isPromoted, 15 * MINUTE);
  const indices = states.map(({ status }) => status?.currentStepIndex ?? 0);
  expect(indices).toEqual(indices.toSorted((left, right) => left - right));
  expect(texts(cluster, 'RolloutPaused')).toHaveLength(1);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([
  ['10 min back', -10 * MINUTE],
  ['5 s ahead', 5 * SECOND],
  ['an hour ahead', 60 * MINUTE],
])("F96 clock jump of NTP on the controller's machine, %s: a pause ends once, and in time", async (_title, byMs) => {
  const { cluster, dataPlane, first, pausedAt } = await withClocks(0, 0);
  await cluster.clock.advanceBy(5 * MINUTE);
  first.clock.jump(byMs);
  await cluster.until('web', ({ status }) => status?.currentStepIndex === 2, 30 * MINUTE);
  expect(Math.abs(cluster.clock.now() - pausedAt - 10 * MINUTE)).toBeLessThanOrEqual(2 * SECOND);
  await cluster.until('web', isPromoted, 15 * MINUTE);
  expect(texts(cluster, 'RolloutPaused')).toHaveLength(1);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

describe('F96 the clock of the whole cluster is set back by 10 min:', () => {
  it('a pause ends once, no later than that', async () => {
    const { cluster, dataPlane } = await pausedWeb(TEN_MINUTES);
    const pausedAt = cluster.clock.monotonic();
    await cluster.clock.advanceBy(5 * MINUTE);
    cluster.clock.set(-10 * MINUTE);
    await cluster.until('web', ({ status }) => status?.currentStepIndex === 2, 30 * MINUTE);
    const tookMs = cluster.clock.monotonic() - pausedAt;
    expect(tookMs).toBeGreaterThanOrEqual(10 * MINUTE - 2 * SECOND);
    expect(tookMs).toBeLessThanOrEqual(20 * MINUTE + 2 * SECOND);
    await cluster.until('web', isPromoted, 15 * MINUTE);
    expect(texts(cluster, 'RolloutPaused')).toHaveLength(1);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('an abort waits for what the router may not know yet, not for the clock', async () => {
    const { cluster, dataPlane, canary } = await pausedWeb({}, {}, [], { identity: 'only' });
    cluster.clock.set(-10 * MINUTE);
    // The lease is renewed, which is how an idle controller learns of the time.
    await cluster.clock.advanceBy(5 * SECOND);
    await cluster.patch('web', ABORT, 'status');
    await cluster.clock.advanceBy(12 * SECOND);
    expect(dataPlane.shares.get(canary) ?? 0).toBe(0);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('a version goes on being judged', async () => {
    let rate = '0.99';
    const judged = { steps: [{ setWeight: 25 }, { pause: { duration: '1h' } }], canary: judgedBy('success') };
    const world = { prometheus: () => [rate] };
    const { cluster, dataPlane } = await pausedWeb(judged, world, [template('success')]);
    await cluster.clock.advanceBy(MINUTE);
    cluster.clock.set(-10 * MINUTE);
    rate = '0.5';
    await cluster.until('web', isAborted, 30 * SECOND);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

it.each([
  ['ahead', 10 * MINUTE],
  ['behind', -10 * MINUTE],
])('F96 the clocks of the nodes are 10 min %s: a restart takes pod by pod, and no longer', async (_title, byMs) => {
  const { cluster, dataPlane } = await runningWeb({ replicas: 2 });
  cluster.nodeClock.jump(byMs);
  const restartAt = formatTimestamp(cluster.clock.now());
  await cluster.patch('web', { spec: { restartAt } });
  await cluster.until('web', ({ status }) => status?.restartedAt === restartAt, MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F99 500 new revisions in one minute: decided within 30 s at the default request rate, and the lease is kept', {
  timeout: 5 * MINUTE,
}, async () => {
  const cluster = new TestCluster();
  cluster.startController({ identity: 'only', rate: { qps: 40, burst: 80 } });
  await cluster.clock.advanceBy(5 * SECOND);
  const asked = new Map<string, number>();
  const waits: number[] = [];
  cluster.server.context.storage.subscribe(({ collection, type, object }) => {
    const [owner] = object.metadata.ownerReferences ?? [];
    if (collection === 'apps/replicasets' && type === 'ADDED')
      waits.push(cluster.clock.now() - (asked.get(owner?.name ?? '') ?? 0));
  });
  for (let index = 0; index < 500; index += 1) {
    const name = `web-${index}`;
    asked.set(name, cluster.clock.now());
    await cluster.apply(web({ name, spec: { replicas: 0, strategy: { canary: {} } } }));
    await cluster.clock.advanceBy(MINUTE / 500);
  }
  await cluster.clock.advanceBy(40 * SECOND);
  expect(waits).toHaveLength(500);
  expect(waits.toSorted((left, right) => left - right)[494]).toBeLessThan(30 * SECOND);
  const lease = await cluster.client.get<Lease>(LEASES, { namespace: 'default', name: 'leader' });
  expect(lease.spec).toMatchObject({ holderIdentity: 'only', leaseTransitions: 0 });
  expect(isHealthy(await cluster.rollout('web-499'))).toBe(true);
  await cluster.stopController();
});

it('F106 event loop blocked for 5 s, again and again: the lease survives, and one process writes', async () => {
  const { cluster, dataPlane, controller: first } = await runningWeb({}, {}, [], { identity: 'first' });
  const second = cluster.startController({ identity: 'second' });
  await cluster.clock.advanceBy(5 * SECOND);
  await cluster.apply(web({ image: 'v2' }));
  for (let block = 0; block < 10; block += 1) {
    first.clock.freeze();
    await cluster.clock.advanceBy(5 * SECOND);
    first.clock.thaw();
    await cluster.clock.advanceBy(3 * SECOND);
  }
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isPromoted, 3 * MINUTE);
  const lease = await cluster.client.get<Lease>(LEASES, { namespace: 'default', name: 'leader' });
  expect(lease.spec).toMatchObject({ holderIdentity: 'first', leaseTransitions: 0 });
  expect(second.writes).toEqual([]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
