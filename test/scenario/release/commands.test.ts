import { expect, it } from 'vitest';
import type { ReplicaSet } from '../../../src/api/core-types.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import { ROLLOUTS } from '../../../src/kube/resources.ts';
import { ABORT, expectQuiet, PROMOTE_FULL, pausedWeb, RESUME, revisionOf, sizes } from '../failures/given.ts';
import { isAborted, isHealthy, isPausedAt, MINUTE, runningWeb, SECOND } from './fixtures.ts';

/** What clients send, as they send it (section 3 of the notes on clients). */

it('promote: leaves the pause', async () => {
  const { cluster, dataPlane } = await pausedWeb();
  await cluster.patch('web', RESUME, 'status');
  const done = await cluster.until('web', isHealthy, 5 * MINUTE);
  expect(done.status?.controllerPause).toBeUndefined();
  expect(dataPlane.violations).toEqual([]);
  await expectQuiet(cluster);
  await cluster.stopController();
});

it('resume of Argo CD: spec.paused and pauseConditions in two patches', async () => {
  const { cluster, dataPlane } = await pausedWeb();
  await cluster.patch('web', RESUME, 'status');
  await cluster.patch('web', { spec: { paused: false } });
  await cluster.until('web', isHealthy, 5 * MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('promote --full: skips the steps, never the capacity', async () => {
  const { cluster, dataPlane } = await pausedWeb();
  await cluster.patch('web', PROMOTE_FULL, 'status');
  const done = await cluster.until('web', isHealthy, 2 * MINUTE);
  expect(done.status?.promoteFull).toBeUndefined();
  expect(dataPlane.weights).toEqual([0, 25, 100, 0]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('promote --skip-current-step', async () => {
  const { cluster, dataPlane } = await pausedWeb();
  await cluster.patch('web', { status: { pauseConditions: null, currentStepIndex: 2 } }, 'status');
  await cluster.until('web', isPausedAt(3), 2 * MINUTE);
  await cluster.until('web', isHealthy, 2 * MINUTE);
  expect(dataPlane.weights).toEqual([0, 25, 50, 100, 0]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('promote while the step is inconclusive', async () => {
  const { cluster } = await pausedWeb();
  await cluster.patch(
    'web',
    { status: { pauseConditions: null, controllerPause: false, currentStepIndex: 2 } },
    'status',
  );
  const next = await cluster.until('web', isPausedAt(3), 2 * MINUTE);
  expect(next.status?.canary?.weights?.canary.weight).toBe(50);
  await cluster.stopController();
});

it.each([
  ['false, as the plugin says it', { status: { abort: false } }],
  ['null, as Argo CD says it', { status: { abort: null } }],
])('abort and retry with %s', async (_title, retry) => {
  const { cluster, dataPlane, stable } = await pausedWeb();
  await cluster.patch('web', ABORT, 'status');
  const abortedAt = cluster.clock.now();
  const aborted = await cluster.until('web', isAborted, 5 * SECOND);
  expect(aborted.status).toMatchObject({ phase: 'Degraded', currentStepIndex: 0, abort: true });
  await cluster.until('web', ({ status }) => status?.canary?.weights?.canary.weight === 0, SECOND);
  expect(cluster.clock.now() - abortedAt).toBeLessThanOrEqual(SECOND);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(sizes(cluster)).toEqual([4, 0]);
  expect([...dataPlane.shares]).toEqual([[stable, 1]]);
  const settled = await cluster.rollout('web');
  expect(settled.status?.message).toBe('RolloutAborted: Rollout aborted update to revision 2');
  await expectQuiet(cluster);

  await cluster.patch('web', retry, 'status');
  const again = await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  expect(again.status?.abort).toBeUndefined();
  expect(again.status?.abortedAt).toBeUndefined();
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('pause and resume by spec.paused: steps and sizes stand still, and go on', async () => {
  const { cluster, dataPlane } = await pausedWeb();
  await cluster.patch('web', { spec: { paused: true } });
  await cluster.patch('web', RESUME, 'status');
  await cluster.clock.advanceBy(10 * MINUTE);
  const held = await cluster.rollout('web');
  expect(held.status).toMatchObject({ phase: 'Paused', currentStepIndex: 1 });
  expect(held.status?.message).toMatch(/^manually paused/);
  expect(sizes(cluster)).toEqual([4, 1]);
  await cluster.patch('web', { spec: { paused: false } });
  await cluster.until('web', isHealthy, 5 * MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('restartAt: replaces all pods, few at a time', async () => {
  const { cluster, dataPlane } = await runningWeb();
  const before = new Set(cluster.stored('/pods').map(({ metadata }) => metadata.uid));
  await cluster.clock.advanceBy(10 * SECOND);
  const restartAt = formatTimestamp(cluster.clock.now());
  await cluster.patch('web', { spec: { restartAt } });
  await cluster.until('web', (rollout) => rollout.status?.restartedAt === restartAt && isHealthy(rollout), 10 * MINUTE);
  const after = cluster.stored('/pods').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  expect(after).toHaveLength(4);
  expect(after.some(({ metadata }) => before.has(metadata.uid))).toBe(false);
  expect(dataPlane.violations).toEqual([]);
  await expectQuiet(cluster);
  await cluster.stopController();
});

it('undo: a JSON patch of the template brings the earlier version back through the steps', async () => {
  const { cluster, dataPlane, stable } = await pausedWeb();
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isHealthy, 5 * MINUTE);
  const first = cluster.stored<ReplicaSet>('apps/replicasets').find((candidate) => revisionOf(candidate) === 1)!;
  const { 'rollouts-pod-template-hash': _, ...labels } = first.spec?.template?.metadata?.labels ?? {};
  const value = { ...first.spec?.template, metadata: { ...first.spec?.template?.metadata, labels } };
  await cluster.client.patch(
    ROLLOUTS,
    { namespace: 'default', name: 'web' },
    { type: 'json', patch: [{ op: 'replace', path: '/spec/template', value }] },
  );
  const undoing = await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  expect(undoing.status?.currentPodHash).toBe(stable);
  expect(cluster.stored('apps/replicasets')).toHaveLength(2);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isHealthy, 5 * MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([
  ['up', 10, [10, 3]],
  ['down', 2, [2, 1]],
])('scale %s in the middle of an update, while it pauses', async (_title, replicas, expected) => {
  const { cluster, dataPlane } = await pausedWeb();
  await cluster.patch('web', { spec: { replicas } });
  await cluster.clock.advanceBy(30 * SECOND);
  expect(sizes(cluster)).toEqual(expected);
  expect((await cluster.rollout('web')).status).toMatchObject({ phase: 'Paused', currentStepIndex: 1 });
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isHealthy, 5 * MINUTE);
  expect(sizes(cluster).at(-1)).toBe(replicas);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('scale by the subresource while spec.paused, and after an abort', async () => {
  const { cluster, dataPlane, stable } = await pausedWeb();
  await cluster.patch('web', { spec: { paused: true } });
  await cluster.clock.advanceBy(5 * SECOND);
  const key = { namespace: 'default', name: 'web' };
  const scale = { type: 'merge', patch: { spec: { replicas: 8 } } } as const;
  await cluster.client.patch(ROLLOUTS, key, scale, { subresource: 'scale' });
  await cluster.clock.advanceBy(30 * SECOND);
  expect(sizes(cluster)).toEqual([8, 2]);
  await cluster.patch('web', ABORT, 'status');
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(sizes(cluster)).toEqual([8, 0]);
  await cluster.patch('web', { spec: { replicas: 12 } });
  await cluster.clock.advanceBy(MINUTE);
  expect(sizes(cluster)).toEqual([12, 0]);
  expect([...dataPlane.shares]).toEqual([[stable, 1]]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
