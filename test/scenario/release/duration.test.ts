import { expect, it } from 'vitest';
import type { TestCluster } from '../../support/test-cluster.ts';
import { isAborted, isHealthy, isPausedAt, isPromoted, MINUTE, runningWeb, web } from './fixtures.ts';

/** How long updates take is counted once each, however often the write that ends them has to be repeated. */

const MANUAL = { steps: [{ setWeight: 50 }, { pause: {} }] };

/** Refuses the first writes that say how an update ended, as an API server that is restarting does. */
function refusing(count: number) {
  const world = { refused: 0 };
  const hooks = {
    before: ({ method, body }: { method: string; body?: unknown }) => {
      if (method !== 'PATCH' || !String(body).includes('"finishedAt":"') || world.refused >= count) return undefined;
      world.refused += 1;
      return { status: 500, headers: {}, body: 'restarting' };
    },
  };
  return { world, hooks };
}

/** The samples of a metric about one outcome, by what follows their name, e.g. `count`. */
function samples(cluster: TestCluster, metric: string, status: string): Readonly<Record<string, number>> {
  const pattern = new RegExp(`^${metric}_(\\w+){status="${status}"(?:,le="(.*)")?} (.*)$`, 'gm');
  const matches = [...cluster.metrics.expose().matchAll(pattern)];
  return Object.fromEntries(matches.map(([, kind, le, value]) => [le ?? kind, Number(value)]));
}

it('counts a release that waited ten minutes for a person', async () => {
  const { world, hooks } = refusing(5);
  const { cluster } = await runningWeb(MANUAL, { hooks });
  expect(world.refused).toBe(5);
  expect(samples(cluster, 'rollout_duration_seconds', 'Promoted')).toMatchObject({ count: 1 });
  await cluster.apply(web({ ...MANUAL, image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.clock.advanceBy(10 * MINUTE);
  world.refused = 0;
  await cluster.patch('web', { status: { pauseConditions: null } }, 'status');
  const done = await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(world.refused).toBe(5);
  expect(done.status?.duration).toMatchObject({ completionStatus: 'Promoted', totalManualPauseDurationSeconds: 600 });
  const total = samples(cluster, 'rollout_duration_seconds', 'Promoted');
  const progression = samples(cluster, 'rollout_progression_duration_seconds', 'Promoted');
  const pauses = samples(cluster, 'rollout_manual_pause_duration_seconds', 'Promoted');
  expect(total).toMatchObject({ '600': 1, '1200': 2, '28800': 2, '+Inf': 2, count: 2 });
  expect(progression).toMatchObject({ '120': 2, '3600': 2, '+Inf': 2, count: 2 });
  expect(pauses).toMatchObject({ '0': 1, '300': 1, '600': 2, sum: 600, count: 2 });
  expect(progression['sum']).toBe((total['sum'] ?? 0) - 600);
  await cluster.stopController();
});

it('counts what was replaced, what was aborted and what its retry became', async () => {
  const { cluster } = await runningWeb(MANUAL);
  await cluster.apply(web({ ...MANUAL, image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.apply(web({ ...MANUAL, image: 'v3' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.patch('web', { status: { abort: true } }, 'status');
  await cluster.until('web', isAborted, MINUTE);
  await cluster.patch('web', { status: { abort: false } }, 'status');
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.patch('web', { status: { promoteFull: true, pauseConditions: null } }, 'status');
  await cluster.until('web', isHealthy, 2 * MINUTE);
  for (const status of ['Promoted', 'Superseded', 'Aborted', 'FastPromoted']) {
    expect(samples(cluster, 'rollout_duration_seconds', status)).toMatchObject({ count: 1 });
  }
  await cluster.stopController();
});
