import { describe, expect, it } from 'vitest';
import type { Metric } from '../../../src/api/analysis.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import { isAborted, isHealthy, isPausedAt, MINUTE, observe, SECOND, web } from './fixtures.ts';
import { type Era, type History, leaveByArgo, type Standing } from './left-by-argo.ts';

/** Taking over from Argo Rollouts writes nothing to pods, ReplicaSets, Services or routes, wherever a release stood. */

const ERAS: readonly Era[] = ['1.8', '1.9', 'unknown'];

/** Everything that serves users, as it is stored. */
function serving(cluster: TestCluster): readonly string[] {
  return ['/pods', 'apps/replicasets', '/services', 'networking.k8s.io/ingresses', 'discovery.k8s.io/endpointslices']
    .flatMap((collection) => cluster.stored(collection))
    .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
}

async function taken(era: History, standing: Standing, metric?: Partial<Metric>) {
  const cluster = new TestCluster();
  const dataPlane = observe(cluster);
  await leaveByArgo(cluster, era, standing, metric);
  await cluster.clock.advanceBy(10 * SECOND);
  dataPlane.arm();
  const before = serving(cluster);
  const process = cluster.startController();
  await cluster.clock.advanceBy(5 * MINUTE);
  expect(serving(cluster)).toEqual(before);
  expect(process.writes.filter(({ text }) => !text.startsWith('PATCH rollouts/web'))).toEqual([]);
  return { cluster, dataPlane, process };
}

it.each([
  ['F95 controller replaced, never upgraded before', '1.8', 'healthy'],
  ['F95 controller replaced, a spurious revision is paused', 'spurious', 'paused'],
  ['F95 controller replaced, a spurious revision was promoted', 'spurious', 'healthy'],
  ['F95 controller replaced, created under the new version', '1.9', 'healthy'],
] as const)('%s: no pod changes', async (_title, history, standing) => {
  const { cluster, dataPlane } = await taken(history, standing);
  const phase = standing === 'paused' ? 'Paused' : 'Healthy';
  expect((await cluster.rollout('web')).status?.phase).toBe(phase);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

describe.each(ERAS)('hashes of %s', (era) => {
  it('at rest; the next release goes through the steps', async () => {
    const { cluster, dataPlane, process } = await taken(era, 'healthy');
    expect((await cluster.rollout('web')).status?.phase).toBe('Healthy');
    expect(cluster.reasons('web')).toEqual(['RolloutAddedToInformer']);
    expect(process.writes.length).toBeLessThanOrEqual(1);
    await cluster.apply(web({ image: 'v2' }));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    await cluster.patch('web', { status: { pauseConditions: null } }, 'status');
    await cluster.until('web', isHealthy, 5 * MINUTE);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('paused in the middle; then promoted', async () => {
    const { cluster, dataPlane } = await taken(era, 'paused');
    const paused = await cluster.rollout('web');
    expect(paused.status).toMatchObject({ phase: 'Paused', message: 'CanaryPauseStep', currentStepIndex: 1 });
    expect(paused.status?.pauseConditions?.[0]?.startTime).toBe('2025-12-31T23:00:00Z');
    await cluster.patch('web', { status: { pauseConditions: null } }, 'status');
    const done = await cluster.until('web', isHealthy, 5 * MINUTE);
    expect(done.status?.stableRS).toBe(paused.status?.currentPodHash);
    expect(dataPlane.weights).toEqual([0, 25, 50, 100, 0]);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('aborted; stays so, and is retried', async () => {
    const { cluster, dataPlane } = await taken(era, 'aborted');
    expect(isAborted(await cluster.rollout('web'))).toBe(true);
    await cluster.patch('web', { status: { abort: false } }, 'status');
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    expect(dataPlane.weights.at(-1)).toBe(25);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

it('measured by a Job, which only Argo Rollouts can do: is left as it stands, and says so', async () => {
  const container = { name: 'test', image: 'example.com/test:1' };
  const job = { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } };
  const { cluster } = await taken('1.9', 'paused', { provider: { job } });
  const { status } = await cluster.rollout('web');
  expect(status).toMatchObject({ currentStepIndex: 1, pauseConditions: [{ reason: 'CanaryPauseStep' }] });
  expect(status?.abort).toBeUndefined();
  expect(status?.canary?.weights?.canary.weight).toBe(25);
  expect(status?.message).toMatch(/spec\.metrics\[0\]\.provider\.job: measuring with a Job is not supported/);
  await cluster.stopController();
});
