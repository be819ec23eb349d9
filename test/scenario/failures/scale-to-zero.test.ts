import { expect, it } from 'vitest';
import type { Pod } from '../../../src/api/core-types.ts';
import { REVISION_ANNOTATION } from '../../../src/api/keys.ts';
import type { RolloutSpec } from '../../../src/api/rollout.ts';
import { isHealthy, isPausedAt, isPromoted, MINUTE, SECOND, STEPS, web } from '../release/fixtures.ts';
import { ABORT, isReady, PROMOTE_FULL, pausedWeb, plain, podsOf, runningPlain, scaledTo, sizes } from './given.ts';

it('F57 replicas to 0 in the middle of an update, and back: no deadline, the same revision, the same selectors', async () => {
  const { cluster } = await pausedWeb();
  await cluster.patch('web', { spec: { replicas: 0 } });
  await cluster.clock.advanceBy(30 * MINUTE);
  const idle = await cluster.rollout('web');
  expect(idle.status?.phase).not.toBe('Degraded');
  expect(cluster.stored('/pods')).toHaveLength(0);
  await cluster.patch('web', { spec: { replicas: 4 } });
  const back = await cluster.until('web', ({ status }) => (status?.availableReplicas ?? 0) >= 4, 5 * MINUTE);
  expect(back.status?.currentPodHash).toBe(idle.status?.currentPodHash);
  expect(back.metadata.annotations?.[REVISION_ANNOTATION]).toBe('2');
  expect(back.status?.selector).toBe(idle.status?.selector);
  await cluster.patch('web', PROMOTE_FULL, 'status');
  await cluster.until('web', isHealthy, 5 * MINUTE);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(sizes(cluster)).toEqual([0, 4]);
  await cluster.stopController();
});

it.each([
  ['with a router', {}],
  [
    'without one',
    { strategy: { canary: { canaryService: 'web-canary', stableService: 'web-stable', steps: [...STEPS] } } },
  ],
] satisfies [string, Partial<RolloutSpec>][])(
  'F57 replicas to 0 and back while a person has paused and an older version is left, %s',
  async (_title, spec) => {
    const { cluster, stable } = await pausedWeb({ spec });
    await cluster.apply(web({ image: 'v3', spec: { ...spec, paused: true } }));
    await cluster.clock.advanceBy(MINUTE);
    expect(sizes(cluster).filter((size) => (size ?? 0) > 0)).toHaveLength(2);
    await scaledTo(cluster, 0);
    await cluster.clock.advanceBy(2 * MINUTE);
    expect(cluster.stored('/pods')).toHaveLength(0);
    await cluster.apply(web({ image: 'v4', spec: { ...spec, paused: true } }));
    await cluster.clock.advanceBy(MINUTE);
    expect(podsOf(cluster, stable).filter(isReady)).toHaveLength(4);
    await cluster.patch('web', { spec: { paused: false } });
    await cluster.until('web', isPausedAt(1), 3 * MINUTE);
    await cluster.stopController();
  },
);

it('F57 replicas to 0 and back while a person has paused, and a death on the way down: the stable version has its pods', async () => {
  const { cluster, controller, stable } = await pausedWeb();
  await cluster.apply(web({ image: 'v3', spec: { paused: true } }));
  await cluster.clock.advanceBy(MINUTE);
  controller.dieAfterWrite(1);
  await scaledTo(cluster, 0);
  await cluster.clock.advanceBy(MINUTE);
  expect(sizes(cluster)).toEqual([0, 1, 0]);
  await scaledTo(cluster, 4);
  cluster.startController();
  await cluster.clock.advanceBy(MINUTE);
  expect(podsOf(cluster, stable).filter(isReady)).toHaveLength(4);
  await cluster.stopController();
});

it('F57 replicas to 0 and back while a person has paused and nothing is updated: the pods are back', async () => {
  const cluster = await runningPlain(plain(4, {}));
  await cluster.patch('web', { spec: { paused: true } });
  await scaledTo(cluster, 0);
  await cluster.clock.advanceBy(MINUTE);
  expect(cluster.stored('/pods')).toHaveLength(0);
  await scaledTo(cluster, 4);
  await cluster.clock.advanceBy(MINUTE);
  expect(cluster.stored<Pod>('/pods').filter(isReady)).toHaveLength(4);
  await cluster.stopController();
});

it.each([
  ['', {}],
  [', although a person promoted it', PROMOTE_FULL],
])(
  'F57 replicas to 0 and back with a version that is never ready and no steps: the old one serves, and is what an abort returns to%s',
  async (_title, order) => {
    const isNew = (pod: Pod) => pod.spec?.containers[0]?.image?.endsWith('v2') === true;
    const behaviour = (pod: Pod) => ({ readyAfterMs: isNew(pod) ? undefined : SECOND, stopsAfterMs: SECOND });
    const cluster = await runningPlain(plain(4, {}), { kubelet: { behaviour } });
    const stable = (await cluster.rollout('web')).status?.stableRS;
    await cluster.apply(plain(4, {}, 'v2'));
    await cluster.clock.advanceBy(MINUTE);
    await cluster.patch('web', order, 'status');
    await scaledTo(cluster, 0);
    await cluster.clock.advanceBy(MINUTE);
    expect((await cluster.rollout('web')).status).toMatchObject({ stableRS: stable, phase: 'Progressing' });
    await scaledTo(cluster, 4);
    await cluster.clock.advanceBy(MINUTE);
    expect(cluster.stored<Pod>('/pods').filter(isReady)).toHaveLength(3);
    await cluster.patch('web', ABORT, 'status');
    await cluster.clock.advanceBy(MINUTE);
    expect(podsOf(cluster, stable ?? '').filter(isReady)).toHaveLength(4);
    await cluster.stopController();
  },
);

it('F57 a new version at 0 replicas without steps: it is promoted, as nobody asked for a proof', async () => {
  const cluster = await runningPlain(plain(4, {}));
  await scaledTo(cluster, 0);
  await cluster.clock.advanceBy(MINUTE);
  await cluster.apply(plain(0, {}, 'v2'));
  await cluster.until('web', isPromoted, MINUTE);
  expect(cluster.stored('/pods')).toHaveLength(0);
  await cluster.stopController();
});
