import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../../src/api/rollout.ts';
import { CONFIG_MAPS, ROLLOUTS, SECRETS } from '../../../src/kube/resources.ts';
import { DataPlane } from '../../support/data-plane.ts';
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
  SECOND,
  template,
  web,
} from '../release/fixtures.ts';
import { ABORT, expectQuiet, pausedWeb, RESUME, RETRY, sizes, weightOn } from './given.ts';

it('F85 template and replicas in one write while paused: the new revision starts, and is analysed', async () => {
  const judged = { canary: judgedBy('success') };
  const { cluster, dataPlane } = await pausedWeb(judged, { prometheus: () => ['0.99'] }, [template('success')]);
  await cluster.apply(web({ ...judged, image: 'v3', replicas: 8 }));
  const paused = await cluster.until('web', isPausedAt(1), 5 * MINUTE);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(sizes(cluster)).toEqual([8, 0, 2]);
  const run = cluster.runs().find(({ status }) => status?.phase === 'Running');
  expect(run?.metadata.labels?.['rollouts-pod-template-hash']).toBe(paused.status?.currentPodHash);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F86 selector.matchLabels changed: refused, and nothing moves', async () => {
  const { cluster, dataPlane } = await pausedWeb();
  const [shares, revision] = [[...dataPlane.shares], cluster.server.context.storage.revision];
  const labels = { app: 'web', tier: 'front' };
  const change = cluster.patch('web', {
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
  });
  await expect(change).rejects.toThrow('.spec.selector is immutable');
  await cluster.clock.advanceBy(5 * MINUTE);
  expect([...dataPlane.shares]).toEqual(shares);
  expect(cluster.server.context.storage.revision).toBe(revision);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

describe('F87 strategy or router switched:', () => {
  /** Without routing nothing tells the controller how late a proxy is, so this one follows EndpointSlices at once. */
  const PROMPT = { rollout: 'web', canaryService: 'web-canary', stableService: 'web-stable', maxLagMs: 0 };
  const STEPPED = { steps: [{ setWeight: 25 }, { pause: {} }] };
  const unrouted = (image: string) => web({ ...STEPPED, image, canary: { trafficRouting: {} } });
  const routed = (image: string) => web({ ...STEPPED, image });

  it.each([
    ['routing removed at rest', routed('v1'), unrouted('v1'), unrouted('v2')],
    ['routing removed together with the template', routed('v1'), unrouted('v2'), unrouted('v2')],
    ['routing added at rest', unrouted('v1'), routed('v1'), routed('v2')],
    ['routing added together with the template', unrouted('v1'), routed('v2'), routed('v2')],
  ])(
    '%s: ends Healthy, with no step of the traffic above the configured one',
    async (_title, before, switched, after) => {
      const cluster = new TestCluster();
      const dataPlane = new DataPlane(cluster, PROMPT);
      cluster.startController();
      await cluster.apply(...network(), before);
      await cluster.until('web', isHealthy, MINUTE);
      await cluster.clock.advanceBy(10 * SECOND);
      dataPlane.arm();
      await cluster.apply(switched);
      await cluster.clock.advanceBy(30 * SECOND);
      await cluster.apply(after);
      await cluster.until('web', isPausedAt(1), 2 * MINUTE);
      await cluster.clock.advanceBy(MINUTE);
      expect(Math.max(...dataPlane.weights)).toBeLessThanOrEqual(25);
      await cluster.patch('web', RESUME, 'status');
      await cluster.until('web', isPromoted, 3 * MINUTE);
      await cluster.clock.advanceBy(2 * MINUTE);
      expect(sizes(cluster)).toEqual([0, 4]);
      expect(dataPlane.violations).toEqual([]);
      await cluster.stopController();
    },
  );

  it('routing removed in the middle of an update: no route of ours is left with a weight', async () => {
    const { cluster, stable } = await pausedWeb(STEPPED);
    await cluster.apply(unrouted('v2'));
    await cluster.clock.advanceBy(10 * SECOND);
    expect(weightOn(cluster)).toBe('0');
    expect((await cluster.rollout('web')).status).toMatchObject({ phase: 'Paused', stableRS: stable });
    await cluster.patch('web', RESUME, 'status');
    await cluster.until('web', isPromoted, 3 * MINUTE);
    await cluster.apply(unrouted('v3'));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    expect(weightOn(cluster)).toBe('0');
    expect(sizes(cluster)).toEqual([0, 3, 1]);
    await cluster.stopController();
  });

  it('routing added in the middle of an update: the weight follows the step', async () => {
    const cluster = new TestCluster();
    const dataPlane = observe(cluster);
    cluster.startController();
    await cluster.apply(...network(), unrouted('v1'));
    await cluster.until('web', isHealthy, MINUTE);
    await cluster.apply(unrouted('v2'));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    await cluster.clock.advanceBy(10 * SECOND);
    dataPlane.arm();
    await cluster.apply(routed('v2'));
    await cluster.clock.advanceBy(2 * MINUTE);
    expect(dataPlane.weights.at(-1)).toBe(25);
    expect(sizes(cluster)).toEqual([4, 1]);
    await cluster.patch('web', RESUME, 'status');
    await cluster.until('web', isPromoted, 3 * MINUTE);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

describe('F88 Rollout deleted mid-canary:', () => {
  const key = { namespace: 'default', name: 'web' };

  it('what it made goes with it, and nobody looks for it', async () => {
    const { cluster } = await pausedWeb();
    await cluster.client.delete(ROLLOUTS, key);
    await cluster.clock.advanceBy(MINUTE);
    expect(cluster.stored('apps/replicasets')).toEqual([]);
    expect(cluster.stored('networking.k8s.io/ingresses').map(({ metadata }) => metadata.name)).toEqual(['web']);
    expect(cluster.passes('web')).toBe(0);
    await cluster.stopController();
  });

  it('orphaned, everything serves on as it did', async () => {
    const { cluster, dataPlane } = await pausedWeb();
    const shares = [...dataPlane.shares];
    await cluster.client.delete(ROLLOUTS, key, { propagationPolicy: 'Orphan' });
    await cluster.clock.advanceBy(10 * MINUTE);
    expect(cluster.stored('argoproj.io/rollouts')).toEqual([]);
    expect(sizes(cluster)).toEqual([4, 1]);
    expect([...dataPlane.shares]).toEqual(shares);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('no finaliser of ours holds up its namespace', async () => {
    const { cluster } = await pausedWeb();
    expect((await cluster.rollout('web')).metadata.finalizers).toBeUndefined();
    expect(cluster.stored('apps/replicasets').flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
    expect(cluster.stored('networking.k8s.io/ingresses').flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual(
      [],
    );
    await cluster.stopController();
  });
});

it('F89 invalid spec, then fix after the deadline: the fix starts at once', async () => {
  const cluster = new TestCluster();
  cluster.startController();
  await cluster.apply(...network(), web({ steps: [{ setWeight: 200 }] }));
  await cluster.clock.advanceBy(30 * MINUTE);
  expect((await cluster.rollout('web')).status?.message).toMatch(/^InvalidSpec/);
  await cluster.apply(web());
  await cluster.until('web', isHealthy, 20 * SECOND);
  await cluster.stopController();
});

it('F90 paused longer than progressDeadline: Paused for 48 hours, without a write', { timeout: MINUTE }, async () => {
  const { cluster } = await pausedWeb();
  await expectQuiet(cluster, 48 * 60 * MINUTE);
  expect((await cluster.rollout('web')).status?.phase).toBe('Paused');
  await cluster.stopController();
});

it('F92 rotation of a ConfigMap and a Secret that two Rollouts share: no revision, no pod, no write', async () => {
  const env = { envFrom: [{ configMapRef: { name: 'shared' } }, { secretRef: { name: 'password' } }] };
  const sharing = (name: string): Rollout => {
    const rollout = web({ name });
    const containers = [{ name: 'app', image: 'example.com/app:v1', ...env }];
    return { ...rollout, spec: { ...rollout.spec, template: { ...rollout.spec.template, spec: { containers } } } };
  };
  const cluster = new TestCluster({
    hooks: {
      before: ({ path }) => {
        if (/configmaps|secrets/.test(path)) throw new Error('etcd leader changed');
      },
    },
  });
  await cluster.client.create(CONFIG_MAPS, { metadata: { name: 'shared', namespace: 'default' }, data: { a: '1' } });
  await cluster.client.create(SECRETS, { metadata: { name: 'password', namespace: 'default' }, data: { a: 'MQ==' } });
  cluster.startController();
  for (const name of ['a', 'b']) await cluster.apply(...network(name), sharing(name));
  for (const name of ['a', 'b']) await cluster.until(name, isHealthy, MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  const before = cluster.server.context.storage.revision;
  const key = { namespace: 'default', name: 'shared' };
  await cluster.client.patch(CONFIG_MAPS, key, { type: 'merge', patch: { data: { a: '2' } } });
  await cluster.client.patch(SECRETS, { ...key, name: 'password' }, { type: 'merge', patch: { data: { a: 'Mg==' } } });
  await cluster.clock.advanceBy(10 * MINUTE);
  expect(cluster.server.context.storage.revision).toBe(before + 2);
  await cluster.stopController();
});

describe('F93 auto-sync re-applies the aborted revision:', () => {
  async function reapplied() {
    const world = await pausedWeb();
    const { cluster, dataPlane } = world;
    await cluster.patch('web', ABORT, 'status');
    await cluster.until('web', isAborted, 5 * SECOND);
    for (let sync = 1; sync <= 5; sync += 1) {
      await cluster.apply(web({ image: 'v2' }));
      await cluster.patch('web', { metadata: { annotations: { 'gitops/sync': String(sync) } } });
      await cluster.clock.advanceBy(3 * MINUTE);
    }
    const blocked = await cluster.rollout('web');
    expect(blocked.status?.phase).toBe('Degraded');
    expect(blocked.status?.message).toBe('RolloutAborted: Rollout aborted update to revision 2');
    expect(sizes(cluster)).toEqual([4, 0]);
    expect(dataPlane.weights).toEqual([0, 25, 0]);
    return world;
  }

  it('stays blocked with its reason until somebody retries', async () => {
    const { cluster, dataPlane } = await reapplied();
    await cluster.patch('web', RETRY, 'status');
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('a new template is not blocked', async () => {
    const { cluster, dataPlane } = await reapplied();
    await cluster.apply(web({ image: 'v3' }));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});
