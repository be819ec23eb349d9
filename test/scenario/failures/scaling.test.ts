import { describe, expect, it } from 'vitest';
import type { Pod, ReplicaSet } from '../../../src/api/core-types.ts';
import {
  DESIRED_REPLICAS_ANNOTATION,
  REVISION_ANNOTATION,
  SCALE_DOWN_DEADLINE_ANNOTATION,
} from '../../../src/api/keys.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import { PODS, REPLICA_SETS } from '../../../src/kube/resources.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  isAborted,
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  runningWeb,
  SECOND,
  web,
} from '../release/fixtures.ts';
import {
  ABORT,
  HASH_LABEL,
  isReady,
  PROMOTE_FULL,
  pausedWeb,
  plain,
  podsOf,
  RESUME,
  RETRY,
  remove,
  runningPlain,
  scaledTo,
  sizes,
  texts,
} from './given.ts';

/** The least and the most that a count was, over every change of a pod from now on. */
function extremes(cluster: TestCluster, count: () => number) {
  const seen = { least: count(), most: count() };
  cluster.server.context.storage.subscribe(({ collection }) => {
    if (collection !== '/pods') return;
    seen.least = Math.min(seen.least, count());
    seen.most = Math.max(seen.most, count());
  });
  return seen;
}

describe('F44 HPA scales in the middle of a canary:', () => {
  it('10 to 30 to 5 during a step: the stable version never falls below its share', async () => {
    const { cluster, dataPlane, stable, canary } = await pausedWeb({ replicas: 10 });
    const sizesOfStable: number[] = [];
    cluster.server.context.storage.subscribe(({ collection, object }) => {
      if (collection === 'apps/replicasets' && object.metadata.name === `web-${stable}`)
        sizesOfStable.push((object as ReplicaSet).spec?.replicas ?? 0);
    });
    for (const replicas of [30, 5]) {
      await scaledTo(cluster, replicas);
      await cluster.clock.advanceBy(MINUTE);
      expect(podsOf(cluster, stable)).toHaveLength(replicas);
      expect(podsOf(cluster, canary)).toHaveLength(Math.ceil(replicas / 4));
    }
    expect(Math.min(...sizesOfStable)).toBe(5);
    await cluster.patch('web', RESUME, 'status');
    await cluster.until('web', isPromoted, 5 * MINUTE);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('GitOps resets 3 to 2 in the same write as the template', async () => {
    const { cluster, dataPlane } = await runningWeb({ replicas: 3 });
    const stable = (await cluster.rollout('web')).status?.stableRS ?? '';
    const seen = extremes(cluster, () => podsOf(cluster, stable).filter(isReady).length);
    await cluster.apply(web({ image: 'v2', replicas: 2 }));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    expect(seen.least).toBe(2);
    await cluster.patch('web', RESUME, 'status');
    await cluster.until('web', isPromoted, 3 * MINUTE);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

it('F45 HPA runs away: under constant load its wish stays within one pod for two hours', async () => {
  const steps = [25, 50, 75].flatMap((setWeight) => [{ setWeight }, { pause: { duration: '30m' } }]);
  const { cluster, dataPlane } = await runningWeb({ replicas: 8, steps });
  const wishes: number[] = [];
  /** Eight pods at their target: what a HorizontalPodAutoscaler computes from the scale subresource and average use. */
  const autoscale = async (): Promise<void> => {
    // What the scale subresource gives as its number of replicas.
    const current = (await cluster.rollout('web')).status?.HPAReplicas ?? 0;
    const pods = cluster.stored<Pod>('/pods').filter(isReady).length;
    const use = 8 / pods;
    // Within its tolerance of a tenth it leaves everything as it is.
    const spec = (await cluster.rollout('web')).spec.replicas ?? 0;
    const wish = Math.abs(use - 1) <= 0.1 ? spec : Math.ceil(current * use);
    wishes.push(wish);
    await scaledTo(cluster, wish);
    cluster.clock.schedule(15 * SECOND, () => void autoscale());
  };
  await cluster.apply(web({ replicas: 8, steps, image: 'v2' }));
  await autoscale();
  await cluster.clock.advanceBy(120 * MINUTE);
  expect(wishes.length).toBeGreaterThan(470);
  expect(Math.min(...wishes)).toBeGreaterThanOrEqual(7);
  expect(Math.max(...wishes)).toBeLessThanOrEqual(9);
  expect(isPromoted(await cluster.rollout('web'))).toBe(true);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F46 HPA during scaleDownDelay: one write per ReplicaSet and change, and the phase stays Healthy', async () => {
  const options = { replicas: 5, canary: { scaleDownDelaySeconds: 600 } };
  const { cluster, dataPlane, stable: old } = await pausedWeb(options);
  await cluster.patch('web', PROMOTE_FULL, 'status');
  await cluster.until('web', isHealthy, 3 * MINUTE);
  await cluster.clock.advanceBy(10 * SECOND);
  const writes: string[] = [];
  cluster.server.context.storage.subscribe(({ collection, object, previous }) => {
    const [now, before] = [object, previous].map((each) => (each as ReplicaSet | undefined)?.spec?.replicas);
    if (collection === 'apps/replicasets' && now !== before)
      writes.push(`${object.metadata.name}: ${before} to ${now}`);
  });
  for (const replicas of [10, 5, 10, 5]) {
    const before = writes.length;
    await scaledTo(cluster, replicas);
    await cluster.clock.advanceBy(5 * SECOND);
    expect(writes.length - before).toBe(1);
    const { status } = await cluster.rollout('web');
    expect(status).toMatchObject({
      phase: 'Healthy',
      updatedReplicas: replicas,
      HPAReplicas: replicas + 5,
      replicas: replicas + 5,
    });
  }
  expect(podsOf(cluster, old)).toHaveLength(5);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F47 overloaded canary: with fewer pods than its share needs the ramp is held, and says why', async () => {
  const options = { replicas: 8, steps: [{ setWeight: 25 }, { pause: { duration: '10s' } }, { setWeight: 50 }] };
  let admitted = 0;
  let limit = Number.POSITIVE_INFINITY;
  const { cluster, dataPlane } = await runningWeb(options, {
    kubelet: {
      behaviour: () => ({ readyAfterMs: (admitted += 1) > limit ? undefined : SECOND, stopsAfterMs: SECOND }),
    },
  });
  limit = admitted + 3;
  await cluster.apply(web({ ...options, image: 'v2' }));
  await cluster.clock.advanceBy(5 * MINUTE);
  const { status } = await cluster.rollout('web');
  expect(dataPlane.weights).toEqual([0, 25]);
  expect(status?.message).toMatch(/4 (canary )?pods are available \(3 now\)|4 available pods \(3 of 4 now\)/);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F48 maxSurge with steps: never more than 22 of 20 pods', async () => {
  const strategy = { maxSurge: '10%', maxUnavailable: 0, steps: [{ setWeight: 50 }, { pause: { duration: '30s' } }] };
  const cluster = await runningPlain(plain(20, strategy));
  const asked = () => sizes(cluster).reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const total = extremes(cluster, asked);
  const ready = extremes(cluster, () => cluster.stored<Pod>('/pods').filter(isReady).length);
  await cluster.apply(plain(20, strategy, 'v2'));
  await cluster.until('web', isPromoted, 10 * MINUTE);
  expect(total.most).toBeLessThanOrEqual(22);
  expect(ready.least).toBeGreaterThanOrEqual(20);
  await cluster.stopController();
});

it('F49 maxSurge 0 singleton: never two pods, in update, abort, retry, restart and rollback', async () => {
  const strategy = { maxSurge: 0, maxUnavailable: 1, steps: [{ setWeight: 100 }, { pause: {} }] };
  const kubelet = { behaviour: () => ({ readyAfterMs: SECOND, stopsAfterMs: 20 * SECOND }) };
  const cluster = await runningPlain(plain(1, strategy), { kubelet });
  const withStopping = extremes(cluster, () => cluster.stored('/pods').length);
  await cluster.apply(plain(1, strategy, 'v2'));
  await cluster.until('web', isPausedAt(1), 3 * MINUTE);
  await cluster.patch('web', ABORT, 'status');
  await cluster.until('web', ({ status }) => status?.abort === true && status.availableReplicas === 1, MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  expect(sizes(cluster)).toEqual([1, 0]);
  await cluster.patch('web', RETRY, 'status');
  await cluster.until('web', isPausedAt(1), 3 * MINUTE);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.apply(plain(1, strategy, 'v1'));
  await cluster.until('web', isPausedAt(1), 3 * MINUTE);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isHealthy, MINUTE);
  expect(withStopping.most).toBe(1);
  // An evicted pod is replaced by its ReplicaSet while it stops: there the promise is about pods that serve.
  const serving = extremes(cluster, () => cluster.stored<Pod>('/pods').filter(isReady).length);
  const restartAt = formatTimestamp(cluster.clock.now());
  await cluster.patch('web', { spec: { restartAt } });
  await cluster.until('web', ({ status }) => status?.restartedAt === restartAt, 5 * MINUTE);
  expect(serving.most).toBe(1);
  await cluster.stopController();
});

it('F50 quota refuses pods: its text is shown, the deadline works, v3 replaces v2, and nobody else waits', async () => {
  const quota = 'pods "web-" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4';
  const isOurs = ({ metadata, spec }: Pod) =>
    metadata.labels?.['app'] === 'web' && spec?.containers[0]?.image?.endsWith('v2') === true;
  const options = { spec: { progressDeadlineSeconds: 60 } };
  const { cluster, dataPlane } = await runningWeb(options, { refusePod: (pod) => (isOurs(pod) ? quota : undefined) });
  await cluster.apply(...network('other'), web({ name: 'other' }), web({ ...options, image: 'v2' }));
  await cluster.until('other', isHealthy, 20 * SECOND);
  const shown = await cluster.rollout('web');
  expect(shown.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')).toMatchObject({
    reason: 'FailedCreate',
    message: quota,
  });
  await cluster.until(
    'web',
    ({ status }) => status?.message?.startsWith('ProgressDeadlineExceeded') === true,
    2 * MINUTE,
  );
  await cluster.apply(web({ ...options, image: 'v3' }));
  const third = await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  expect(third.status?.conditions?.some(({ type }) => type === 'ReplicaFailure')).toBe(false);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([
  ['F52 bad stable, good canary, with traffic routing', false],
  ['F52 bad stable, good canary, by pods', true],
])('%s: the ramp goes to the end', async (_title, isPlain) => {
  const steps = [{ setWeight: 25 }, { pause: { duration: '30s' } }, { setWeight: 75 }, { pause: { duration: '30s' } }];
  const version = (image: string) => (isPlain ? plain(4, { steps }, image) : web({ steps, image }));
  let isBroken = false;
  const behaviour = ({ spec }: Pod) => ({
    readyAfterMs: isBroken && spec?.containers[0]?.image?.endsWith('v1') === true ? undefined : SECOND,
    stopsAfterMs: SECOND,
  });
  const cluster = new TestCluster({ kubelet: { behaviour } });
  cluster.startController();
  await cluster.apply(...network(), version('v1'));
  const first = await cluster.until('web', isHealthy, MINUTE);
  isBroken = true;
  await remove(cluster, PODS, podsOf(cluster, first.status?.stableRS ?? ''));
  await cluster.apply(version('v2'));
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(sizes(cluster)).toEqual([expect.any(Number), 4]);
  await cluster.stopController();
});

it('F53 promoted copy fails to start: the healthy pods of both versions stay', async () => {
  let isBroken = false;
  const options = { spec: { progressDeadlineSeconds: 60 } };
  const kubelet = { behaviour: () => ({ readyAfterMs: isBroken ? undefined : SECOND, stopsAfterMs: SECOND }) };
  const { cluster, dataPlane, stable, canary } = await pausedWeb(options, { kubelet });
  const before = [stable, canary].flatMap((hash) => podsOf(cluster, hash).map(({ metadata }) => metadata.uid));
  isBroken = true;
  await cluster.patch('web', PROMOTE_FULL, 'status');
  await cluster.clock.advanceBy(10 * MINUTE);
  const { status } = await cluster.rollout('web');
  expect(status).toMatchObject({ phase: 'Degraded', stableRS: stable });
  const ready = cluster
    .stored<Pod>('/pods')
    .filter(isReady)
    .map(({ metadata }) => metadata.uid);
  expect(new Set(ready)).toEqual(new Set(before));
  expect(dataPlane.weights).toEqual([0, 25]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F54 capacity at an abort under load: traffic returns at the speed of the pods that come up', async () => {
  let started = 0;
  let isSlow = false;
  const kubelet = {
    behaviour: () => ({ readyAfterMs: isSlow ? (started += 1) * 10 * SECOND : SECOND, stopsAfterMs: SECOND }),
  };
  const options = { replicas: 3, steps: [{ setWeight: 90 }, { pause: {} }] };
  const { cluster, dataPlane, stable } = await pausedWeb(options, { kubelet });
  isSlow = true;
  await scaledTo(cluster, 12);
  await cluster.clock.advanceBy(SECOND);
  await cluster.patch('web', ABORT, 'status');
  await cluster.clock.advanceBy(10 * MINUTE);
  expect([...dataPlane.shares]).toEqual([[stable, 1]]);
  expect(dataPlane.weights.length).toBeGreaterThan(4);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([
  ['F55 replicas removed from the manifest at rest', web({ replicas: 40, image: 'v1' }), false],
  [
    'F55 replicas removed from the manifest in the middle of a routed canary',
    web({ replicas: 40, steps: [{ setWeight: 50 }, { pause: {} }] }),
    true,
  ],
  [
    'F55 replicas removed from the manifest in the middle of a plain canary',
    plain(40, { steps: [{ setWeight: 50 }, { pause: {} }] }),
    true,
  ],
])('%s: the current number stays', async (_title, rollout, isUpdating) => {
  const cluster = new TestCluster();
  cluster.startController();
  await cluster.apply(...network(), rollout);
  await cluster.until('web', isHealthy, MINUTE);
  if (isUpdating) {
    await cluster.patch('web', {
      spec: { template: { spec: { containers: [{ name: 'app', image: 'example.com/app:v2' }] } } },
    });
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  }
  const ready = extremes(cluster, () => cluster.stored<Pod>('/pods').filter(isReady).length);
  await cluster.patch('web', { spec: { replicas: null } });
  await cluster.clock.advanceBy(2 * MINUTE);
  expect((await cluster.rollout('web')).spec.replicas).toBe(40);
  expect(ready.least).toBeGreaterThanOrEqual(40);
  await cluster.stopController();
});

it('F56 aborted + scale up: the canary stays at 0 and no selector is written again', async () => {
  const { cluster, dataPlane, stable } = await pausedWeb();
  await cluster.patch('web', ABORT, 'status');
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(sizes(cluster)).toEqual([4, 0]);
  let selectors = 0;
  cluster.server.context.storage.subscribe(({ collection }) => {
    if (collection === '/services') selectors += 1;
  });
  for (const replicas of [8, 12]) {
    await scaledTo(cluster, replicas);
    await cluster.clock.advanceBy(MINUTE);
    expect(sizes(cluster)).toEqual([replicas, 0]);
  }
  expect(selectors).toBe(0);
  expect([...dataPlane.shares]).toEqual([[stable, 1]]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([
  ['F59 orphan ReplicaSet with an old deadline', '2025-01-01T00:00:00Z'],
  ['F59 orphan ReplicaSet with a garbled deadline', 'soon'],
])('%s: scaled down once, and nothing spins', async (_title, deadline) => {
  const { cluster, dataPlane } = await runningWeb();
  const [newest] = cluster.stored<ReplicaSet>('apps/replicasets');
  const labels = { app: 'web', [HASH_LABEL]: 'abandoned' };
  await cluster.client.create<ReplicaSet>(REPLICA_SETS, {
    metadata: {
      name: 'web-abandoned',
      namespace: 'default',
      labels,
      annotations: {
        [REVISION_ANNOTATION]: '0',
        [DESIRED_REPLICAS_ANNOTATION]: '2',
        [SCALE_DOWN_DEADLINE_ANNOTATION]: deadline,
      },
      ownerReferences: newest?.metadata.ownerReferences ?? [],
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'example.com/app:v0' }] } },
    },
  });
  await cluster.clock.advanceBy(5 * MINUTE);
  expect(podsOf(cluster, 'abandoned')).toEqual([]);
  expect(texts(cluster, 'ScalingReplicaSet').filter((text) => text.includes('web-abandoned'))).toHaveLength(1);
  const passes = cluster.passes('web');
  await cluster.clock.advanceBy(10 * MINUTE);
  expect(cluster.passes('web') - passes).toBeLessThanOrEqual(1);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F61 failed analysis with a replica-based canary: its pods leave only as stable pods become available', async () => {
  let rate = '0.99';
  const strategy = {
    maxSurge: 1,
    maxUnavailable: 0,
    steps: [{ setWeight: 80 }, { pause: {} }],
    ...judgedBy('success'),
  };
  const cluster = await runningPlain(plain(10, strategy), { prometheus: () => [rate] });
  const ready = extremes(cluster, () => cluster.stored<Pod>('/pods').filter(isReady).length);
  await cluster.apply(plain(10, strategy, 'v2'));
  const paused = await cluster.until('web', isPausedAt(1), 5 * MINUTE);
  expect(podsOf(cluster, paused.status?.currentPodHash ?? '')).toHaveLength(8);
  rate = '0.1';
  await cluster.until('web', isAborted, 2 * MINUTE);
  await cluster.clock.advanceBy(3 * MINUTE);
  expect(podsOf(cluster, paused.status?.currentPodHash ?? '')).toEqual([]);
  expect(podsOf(cluster, paused.status?.stableRS ?? '')).toHaveLength(10);
  expect(ready.least).toBeGreaterThanOrEqual(10);
  await cluster.stopController();
});
