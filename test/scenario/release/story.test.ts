import { expect, it } from 'vitest';
import type { Rollout } from '../../../src/api/rollout.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import { isAborted, isHealthy, isPausedAt, judgedBy, MINUTE, runningWeb, SECOND, template, web } from './fixtures.ts';

/** The story of the first issue, with users behind a data plane that lags: nothing that they would notice may happen. */

const VERIFIED = [
  { setWeight: 10 },
  { pause: { untilVerified: true } },
  { setWeight: 30 },
  { pause: { duration: '30s' } },
  { setWeight: 60 },
  { pause: { untilVerified: true } },
];
const JUDGED = { steps: VERIFIED, canary: judgedBy('success'), replicas: 5 };

function podsOf(cluster: TestCluster, hash: string | undefined): number {
  return cluster.stored('/pods').filter(({ metadata }) => metadata.labels?.['rollouts-pod-template-hash'] === hash)
    .length;
}

it.each([1, 2])('promotes a healthy version by verified steps (lags %i)', async (seed) => {
  const { cluster, dataPlane } = await runningWeb(JUDGED, { seed, prometheus: () => ['0.99'] }, [template('success')]);
  const before = await cluster.rollout('web');
  await cluster.apply(web({ ...JUDGED, image: 'v2' }));
  const after = await cluster.until('web', isHealthy, 10 * MINUTE);
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(after.status?.stableRS).not.toBe(before.status?.stableRS);
  expect(dataPlane.weights).toEqual([0, 10, 30, 60, 100, 0]);
  expect(dataPlane.violations).toEqual([]);
  expect([...dataPlane.shares.keys()]).toEqual([after.status?.stableRS]);
  expect(podsOf(cluster, before.status?.stableRS)).toBe(0);
  await cluster.stopController();
});

it('holds a step until its weight was measured, says so, and asks a person when nothing can be measured', async () => {
  let samples: readonly string[] = ['0.99'];
  const { cluster, dataPlane } = await runningWeb(JUDGED, { prometheus: () => samples }, [template('success')]);
  await cluster.apply(web({ ...JUDGED, image: 'v2' }));
  await cluster.until('web', ({ status }) => status?.currentStepIndex === 4, 5 * MINUTE);
  samples = [];
  const waiting = await cluster.until('web', isPausedAt(5), 5 * MINUTE);
  expect(waiting.status?.message).toMatch(/^CanaryPauseStep: verification at weight 60: .*success-rate/);
  await cluster.clock.advanceBy(20 * MINUTE);
  const held = await cluster.rollout('web');
  expect(held.status).toMatchObject({ phase: 'Paused', currentStepIndex: 5 });
  expect(held.status?.message).toMatch(/a person decides, because AnalysisRun \S+ is inconclusive/);
  expect(dataPlane.weights.at(-1)).toBe(60);

  samples = ['0.99'];
  await cluster.patch('web', { status: { pauseConditions: null } }, 'status');
  expect((await cluster.until('web', isHealthy, 5 * MINUTE)).status?.stableRS).toBe(held.status?.currentPodHash);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([1, 2])(
  'takes a failing version back by itself and releases it again after a retry (lags %i)',
  async (seed) => {
    let rate = '0.80';
    const { cluster, dataPlane } = await runningWeb(JUDGED, { seed, prometheus: () => [rate] }, [template('success')]);
    const stable = (await cluster.rollout('web')).status?.stableRS;
    await cluster.apply(web({ ...JUDGED, image: 'v2' }));
    const aborted = await cluster.until('web', isAborted, 5 * MINUTE);
    const failedAt = cluster.clock.now();
    expect(aborted.status?.phase).toBe('Degraded');
    expect(aborted.status?.message).toMatch(
      /^RolloutAborted: Rollout aborted update to revision 2: .*success-rate.* assessed Failed/,
    );
    await cluster.until('web', ({ status }) => status?.canary?.weights?.canary.weight === 0, SECOND);
    expect(cluster.clock.now() - failedAt).toBeLessThanOrEqual(SECOND);
    await cluster.clock.advanceBy(MINUTE);
    expect([...dataPlane.shares]).toEqual([[stable, 1]]);
    expect(podsOf(cluster, aborted.status?.currentPodHash)).toBe(0);

    rate = '0.99';
    await cluster.patch('web', { status: { abort: false } }, 'status');
    const done: Rollout = await cluster.until('web', isHealthy, 10 * MINUTE);
    expect(done.status?.stableRS).toBe(aborted.status?.currentPodHash);
    expect(dataPlane.violations).toEqual([]);
    expect(cluster.runs().map(({ status }) => status?.phase)).toEqual(['Failed', 'Successful']);
    await cluster.stopController();
  },
);

it('goes back to the stable version without steps when the template is reverted', async () => {
  const { cluster, dataPlane } = await runningWeb(JUDGED, { prometheus: () => ['0.99'] }, [template('success')]);
  const stable = (await cluster.rollout('web')).status?.stableRS;
  await cluster.apply(web({ ...JUDGED, image: 'v2' }));
  await cluster.until('web', isPausedAt(3), 5 * MINUTE);
  await cluster.apply(web(JUDGED));
  const done = await cluster.until('web', isHealthy, 2 * MINUTE);
  expect(done.status?.stableRS).toBe(stable);
  await cluster.clock.advanceBy(MINUTE);
  expect(cluster.reasons('web')).toContain('SkipSteps');
  expect([...dataPlane.shares]).toEqual([[stable, 1]]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
