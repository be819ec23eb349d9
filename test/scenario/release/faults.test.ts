import { expect, it } from 'vitest';
import { LEASES, PODS, ROLLOUTS } from '../../../src/kube/resources.ts';
import { seededRandom } from '../../../src/simulator/random.ts';
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
} from './fixtures.ts';

/** A cluster that misbehaves changes nothing but time. */

const TIMED = { steps: [{ setWeight: 50 }, { pause: { duration: '1m' } }] };

it.each([1, 2, 3])(
  'loses one watch event in seven, and now and then the place in the watch (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const cluster = new TestCluster({ seed });
    const dataPlane = observe(cluster, seed);
    const first = cluster.startController();
    await cluster.apply(...network(), web(TIMED));
    await cluster.until('web', isHealthy, MINUTE);
    await cluster.clock.advanceBy(10 * SECOND);
    await first.stop();
    dataPlane.arm();
    let lost = 0;
    cluster.startController({
      // What is lost is found by the list that follows a watch: here after minutes instead of the usual half an hour.
      timing: { minWatchSeconds: 30, maxWatchSeconds: 60, relistMs: MINUTE },
      hooks: {
        event: ({ line }) => {
          if (line.startsWith('{"type":"BOOKMARK"') || random() >= 0.15) return undefined;
          lost += 1;
          return random() < 0.8 ? 'drop' : 'break';
        },
      },
    });
    const compact = (): void => {
      cluster.server.context.storage.compact(cluster.server.context.storage.revision);
      cluster.clock.schedule(20 * SECOND, compact);
    };
    compact();
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    const done = await cluster.until('web', isPromoted, 20 * MINUTE);
    expect(lost).toBeGreaterThan(3);
    expect(done.metadata.annotations?.['rollout.argoproj.io/revision']).toBe('2');
    expect(dataPlane.violations).toEqual([]);
    expect(cluster.stored('apps/replicasets')).toHaveLength(2);
    await cluster.stopController();
  },
);

it('a neighbour that patches the Rollout each second', async () => {
  const { cluster, dataPlane } = await runningWeb(TIMED);
  let patches = 0;
  const annoy = (): void => {
    patches += 1;
    void cluster.patch('web', { metadata: { annotations: { noise: String(patches) } } });
    cluster.clock.schedule(SECOND, annoy);
  };
  annoy();
  const started = cluster.clock.now();
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(cluster.clock.now() - started).toBeLessThan(3 * MINUTE);
  expect(patches).toBeGreaterThan(60);
  expect(cluster.reasons('web').filter((reason) => reason === 'RolloutCompleted')).toHaveLength(2);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('every third write of the controller comes too late', async () => {
  let writes = 0;
  const conflict = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: 'Conflict',
    code: 409,
    message: 'the object has been modified',
  });
  const { cluster, dataPlane } = await runningWeb(TIMED, {
    hooks: {
      before: ({ method }) => {
        if (method !== 'PATCH') return undefined;
        writes += 1;
        return writes % 3 === 0
          ? { status: 409, headers: { 'content-type': 'application/json' }, body: conflict }
          : undefined;
      },
    },
  });
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('the API server is away for five minutes of a timed pause: the pause counts from its start', async () => {
  let away = false;
  const { cluster, dataPlane } = await runningWeb(TIMED, {
    hooks: {
      before: () => {
        if (away) throw new Error('connection refused');
      },
      event: () => (away ? 'break' : undefined),
    },
  });
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.clock.advanceBy(30 * SECOND);
  away = true;
  await cluster.clock.advanceBy(5 * MINUTE);
  away = false;
  const back = cluster.clock.now();
  await cluster.until('web', ({ status }) => status?.currentStepIndex === 2, MINUTE);
  expect(cluster.clock.now() - back).toBeLessThanOrEqual(31 * SECOND);
  await cluster.until('web', isHealthy, 2 * MINUTE);
  expect(cluster.reasons('web')).not.toContain('RolloutAborted');
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('metrics, events and templates are down: an abort takes the traffic away all the same', async () => {
  let broken = false;
  const { cluster, dataPlane } = await runningWeb(
    { canary: judgedBy('success') },
    {
      prometheus: () => (broken ? new Error('down') : ['0.99']),
      hooks: {
        before: ({ path }) => {
          if (broken && /events|analysis/.test(path)) throw new Error('connection refused');
        },
      },
    },
    [template('success')],
  );
  await cluster.apply(web({ canary: judgedBy('success'), image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  broken = true;
  await cluster.clock.advanceBy(5 * SECOND);
  await cluster.patch('web', { status: { abort: true } }, 'status');
  await cluster.until('web', ({ status }) => status?.canary?.weights?.canary.weight === 0, 2 * SECOND);
  broken = false;
  await cluster.until('web', isAborted, MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('all canary pods die: the weight goes to 0, and comes back with them', async () => {
  let crashing = false;
  const { cluster } = await runningWeb(
    { replicas: 5, steps: [{ setWeight: 20 }, { pause: {} }] },
    { kubelet: { behaviour: () => ({ readyAfterMs: crashing ? undefined : 1_000, stopsAfterMs: 1_000 }) } },
  );
  await cluster.apply(web({ replicas: 5, steps: [{ setWeight: 20 }, { pause: {} }], image: 'v2' }));
  const paused = await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  crashing = true;
  const pods = cluster
    .stored('/pods')
    .filter(({ metadata }) => metadata.labels?.['rollouts-pod-template-hash'] === paused.status?.currentPodHash);
  for (const pod of pods) await cluster.client.delete(PODS, { namespace: 'default', name: pod.metadata.name! });
  const weight = () =>
    cluster.find('networking.k8s.io/ingresses', 'web-web-canary')?.metadata.annotations?.[
      'nginx.ingress.kubernetes.io/canary-weight'
    ];
  await cluster.clock.advanceBy(2 * SECOND);
  expect(weight()).toBe('0');
  expect((await cluster.rollout('web')).status?.currentStepIndex).toBe(1);
  crashing = false;
  for (const pod of cluster
    .stored('/pods')
    .filter(({ metadata }) => metadata.labels?.['rollouts-pod-template-hash'] === paused.status?.currentPodHash)) {
    await cluster.client.delete(PODS, { namespace: 'default', name: pod.metadata.name! });
  }
  await cluster.clock.advanceBy(30 * SECOND);
  expect(weight()).toBe('20');
  await cluster.stopController();
});

it('two controllers, and the leader cannot renew its lease: one writes at a time', async () => {
  const cluster = new TestCluster();
  const dataPlane = observe(cluster);
  let refused = false;
  const first = cluster.startController({
    identity: 'first',
    hooks: {
      before: ({ method, path }) => {
        if (refused && method !== 'GET' && path.includes('/leases')) throw new Error('connection reset');
      },
    },
  });
  await cluster.apply(...network(), web(TIMED));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.clock.advanceBy(10 * SECOND);
  dataPlane.arm();
  const second = cluster.startController({ identity: 'second' });
  await cluster.clock.advanceBy(20 * SECOND);
  expect(second.writes).toEqual([]);
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.clock.advanceBy(5 * SECOND);
  refused = true;
  await cluster.until('web', isPromoted, 10 * MINUTE);
  const lease = await cluster.client.get(LEASES, { namespace: 'default', name: 'leader' });
  expect(lease).toMatchObject({ spec: { holderIdentity: 'second' } });
  expect(first.writes.length).toBeGreaterThan(0);
  expect(second.writes.length).toBeGreaterThan(0);
  expect(first.writes.at(-1)!.at).toBeLessThan(second.writes[0]!.at);
  expect(dataPlane.violations).toEqual([]);
  expect(await first.stop()).toBe('lost');
  await cluster.stopController();
});

it('a Rollout that is deleted in the middle leaves nothing behind, and nobody looks for it', async () => {
  const { cluster } = await runningWeb();
  await cluster.apply(web({ image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.client.delete(ROLLOUTS, { namespace: 'default', name: 'web' });
  await cluster.clock.advanceBy(MINUTE);
  expect(cluster.stored('apps/replicasets')).toEqual([]);
  expect(cluster.stored('networking.k8s.io/ingresses').map(({ metadata }) => metadata.name)).toEqual(['web']);
  expect(cluster.passes('web')).toBe(0);
  await cluster.stopController();
});
