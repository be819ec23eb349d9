import { describe, expect, it } from 'vitest';
import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../../../src/api/keys.ts';
import { LEASES, REPLICA_SETS } from '../../../src/kube/resources.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import { refusal } from '../../support/answers.ts';
import { isAborted, isHealthy, isPausedAt, isPromoted, MINUTE, runningWeb, SECOND, web } from '../release/fixtures.ts';
import { ABORT, isList, isWatch, pausedWeb, podsOf, RETRY, recorded, TIMED, texts } from './given.ts';

/** The API server is away, says no, or says not now. */

it('F06 API server away for 5 min during a timed pause: the pause counts from its start', async () => {
  let away = false;
  let isTracking = false;
  const asked: { readonly at: number; readonly path: string; readonly isList: boolean }[] = [];
  const { cluster, dataPlane } = await runningWeb(TIMED, {
    hooks: {
      before: (request) => {
        if (away) throw new Error('connection refused');
        if (isTracking && (isList(request) || isWatch(request)))
          asked.push({ at: cluster.clock.now(), path: request.path, isList: isList(request) });
      },
      event: () => (away ? 'break' : undefined),
    },
  });
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.clock.advanceBy(30 * SECOND);
  away = true;
  isTracking = true;
  await cluster.clock.advanceBy(5 * MINUTE);
  away = false;
  const back = cluster.clock.now();
  await cluster.until('web', ({ status }) => status?.currentStepIndex === 2, MINUTE);
  expect(cluster.clock.now() - back).toBeLessThanOrEqual(8 * SECOND);
  await cluster.until('web', isHealthy, 2 * MINUTE);
  const returned = asked.filter(({ at }) => at >= back && at <= back + MINUTE);
  expect(returned.filter((request) => request.isList)).toEqual([]);
  // Nine watches come back within five seconds, and not together.
  const halfSeconds = Map.groupBy(returned, ({ at }) => Math.floor(at / (SECOND / 2)));
  expect(returned).toHaveLength(9);
  expect(Math.max(...[...halfSeconds.values()].map(({ length }) => length))).toBeLessThanOrEqual(3);
  expect(cluster.reasons('web')).not.toContain('RolloutAborted');
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

describe('F11 conflict storm:', () => {
  it('an autoscaler patches each second and GitOps every five', async () => {
    const { cluster, dataPlane } = await runningWeb(TIMED);
    let patches = 0;
    const annoy = (): void => {
      patches += 1;
      void cluster.patch('web', { metadata: { annotations: { autoscaler: String(patches) } } });
      if (patches % 5 === 0) void cluster.apply(web({ ...TIMED, image: 'v2' }));
      cluster.clock.schedule(SECOND, annoy);
    };
    const started = cluster.clock.now();
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    annoy();
    await cluster.until('web', isPromoted, 5 * MINUTE);
    expect(cluster.clock.now() - started).toBeLessThan(3 * MINUTE);
    expect(patches).toBeGreaterThan(60);
    expect(texts(cluster, 'RolloutCompleted')).toHaveLength(2);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('a hundred refusals in a row change neither phase nor outcome', async () => {
    let refusals = Number.POSITIVE_INFINITY;
    const { cluster, dataPlane } = await runningWeb(TIMED, {
      hooks: {
        before: ({ method }) => {
          if (method !== 'PATCH' || refusals >= 100) return undefined;
          refusals += 1;
          return refusal(409, 'Conflict');
        },
      },
    });
    const states = recorded(cluster);
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    await cluster.until('web', ({ status }) => status?.currentStepIndex === 1, MINUTE);
    refusals = 0;
    await cluster.until('web', isPromoted, 10 * MINUTE);
    expect(refusals).toBe(100);
    expect(states.map(({ status }) => status?.phase)).not.toContain('Degraded');
    // What was not stored is not told.
    expect(texts(cluster, 'RolloutStepCompleted')).toHaveLength(2);
    expect(texts(cluster, 'RolloutCompleted')).toHaveLength(2);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

it('F12 conflict while writing the scale-down deadline: it is never empty, mended when garbled, and counts anew', async () => {
  let refusals = 0;
  const { cluster, dataPlane, canary } = await pausedWeb(
    {},
    {
      hooks: {
        before: ({ method, path, body }) => {
          const writesDeadline =
            method === 'PATCH' &&
            path.includes('/replicasets/') &&
            String(body).includes(SCALE_DOWN_DEADLINE_ANNOTATION);
          if (!writesDeadline || refusals >= 3) return undefined;
          refusals += 1;
          return refusal(409, 'Conflict');
        },
      },
    },
  );
  const deadlines: (string | undefined)[] = [];
  cluster.server.context.storage.subscribe(({ collection, object }) => {
    const { name, annotations } = object.metadata;
    if (collection === 'apps/replicasets' && name === `web-${canary}`)
      deadlines.push(annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION]);
  });
  for (const attempt of [1, 2]) {
    await cluster.patch('web', ABORT, 'status');
    await cluster.until('web', isAborted, 10 * SECOND);
    await cluster.clock.runUntil(() => deadlines.at(-1) !== undefined, MINUTE);
    if (attempt === 1) {
      const garbled = { metadata: { annotations: { [SCALE_DOWN_DEADLINE_ANNOTATION]: 'tomorrow' } } };
      const key = { namespace: 'default', name: `web-${canary}` };
      await cluster.client.patch(REPLICA_SETS, key, { type: 'merge', patch: garbled });
      await cluster.clock.advanceBy(2 * SECOND);
    }
    const ahead = Date.parse(deadlines.at(-1) ?? '') - cluster.clock.now();
    expect(ahead).toBeGreaterThan(25 * SECOND);
    expect(ahead).toBeLessThanOrEqual(31 * SECOND);
    await cluster.clock.advanceBy(ahead - 2 * SECOND);
    expect(podsOf(cluster, canary)).toHaveLength(1);
    await cluster.clock.advanceBy(10 * SECOND);
    expect(podsOf(cluster, canary)).toEqual([]);
    await cluster.patch('web', RETRY, 'status');
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  }
  expect(refusals).toBe(3);
  expect(deadlines).not.toContain('');
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F13 429 from the API server: 30 s of it lose nothing, and do not starve the lease', async () => {
  let isBusy = false;
  const answered: { readonly at: number; readonly path: string }[] = [];
  const hooks: TransportHooks = {
    before: ({ path, priority }) => {
      if (!isBusy || priority === 'lease') return undefined;
      answered.push({ at: cluster.clock.now(), path });
      return refusal(429, 'TooManyRequests', 'slow down', { 'retry-after': '5' });
    },
    event: () => (isBusy ? 'break' : undefined),
  };
  const { cluster, dataPlane, controller } = await runningWeb(TIMED, {}, [], { identity: 'only', hooks });
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.clock.runUntil(() => cluster.stored('apps/replicasets').length === 2, MINUTE);
  isBusy = true;
  await cluster.clock.advanceBy(30 * SECOND);
  isBusy = false;
  const byPath = Map.groupBy(answered, ({ path }) => path);
  for (const requests of byPath.values()) {
    const gaps = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
    expect(Math.min(Number.POSITIVE_INFINITY, ...gaps)).toBeGreaterThanOrEqual(5 * SECOND);
  }
  expect(byPath.size).toBeGreaterThan(2);
  const lease = await cluster.client.get<{ metadata: object; spec: { renewTime: string } }>(LEASES, {
    namespace: 'default',
    name: 'leader',
  });
  expect(cluster.clock.now() - Date.parse(lease.spec.renewTime)).toBeLessThan(5 * SECOND);
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(texts(cluster, 'RolloutStepCompleted')).toHaveLength(2);
  expect(texts(cluster, 'RolloutCompleted')).toHaveLength(2);
  expect(controller.dead).toBe(false);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F11 a person skips a step between the look and the write of a pass: it stays skipped', async () => {
  const options = { steps: [{ setWeight: 25 }, { pause: {} }, { pause: { duration: '30m' } }, { setWeight: 50 }] };
  let isSkipped = false;
  const { cluster, dataPlane } = await runningWeb(options, {
    hooks: {
      before: async ({ method, path, body }) => {
        if (
          isSkipped ||
          method !== 'PATCH' ||
          !path.endsWith('/web/status') ||
          !String(body).includes('"pauseConditions"')
        )
          return;
        isSkipped = true;
        await cluster.patch('web', { status: { currentStepIndex: 3 } }, 'status');
      },
    },
  });
  const states = recorded(cluster);
  await cluster.apply(web({ ...options, image: 'v2' }));
  await cluster.until('web', isPromoted, 10 * MINUTE);
  const indices = states.map(({ status }) => status?.currentStepIndex ?? 0);
  const skippedAt = indices.indexOf(3);
  expect(isSkipped).toBe(true);
  expect(indices.slice(skippedAt)).not.toContain(1);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
