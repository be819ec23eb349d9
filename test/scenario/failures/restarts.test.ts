import { describe, expect, it } from 'vitest';
import { LEASES } from '../../../src/kube/resources.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import { answer } from '../../support/answers.ts';
import type { ControllerProcess } from '../../support/controller-process.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import { isPromoted, MINUTE, runningWeb, SECOND, web } from '../release/fixtures.ts';
import { isList, recorded, TIMED } from './given.ts';

/** Processes die, freeze, and lose their lease. */

/** A controller that dies right after the server has accepted the first such write. */
function mortal(cluster: TestCluster, isLast: (request: KubeRequest) => boolean): ControllerProcess {
  const process = cluster.startController({
    hooks: {
      after: (request) => {
        if (process.dead || request.method === 'GET' || !isLast(request)) return;
        process.kill();
        throw new Error('the process died');
      },
    },
  });
  return process;
}

/** Version 1 runs, no controller does, and version 2 is asked for. */
async function asked(options = TIMED) {
  const world = await runningWeb(options);
  await world.cluster.stopController();
  await world.cluster.apply(web({ ...options, image: 'v2' }));
  return world;
}

it('F02 crash between ReplicaSet create and status write: the one that exists is adopted', async () => {
  const { cluster, dataPlane } = await asked();
  const before = cluster.server.context.storage.revision;
  const first = mortal(cluster, ({ method, path }) => method === 'POST' && path.endsWith('/replicasets'));
  await cluster.clock.runUntil(() => first.dead, MINUTE);
  const states = recorded(cluster);
  const caughtUp = cluster.clock.now() + 5 * SECOND;
  const lags = (path: string): boolean => path.endsWith('/replicasets') && cluster.clock.now() < caughtUp;
  const old = cluster.server.context.storage.listAt('apps/replicasets', before);
  const oldList = {
    kind: 'ReplicaSetList',
    apiVersion: 'apps/v1',
    metadata: { resourceVersion: String(before) },
    items: old,
  };
  cluster.startController({
    hooks: {
      before: (request) => (lags(request.path) && isList(request) ? answer(JSON.stringify(oldList)) : undefined),
      event: async ({ request }) => {
        if (lags(request.path)) await cluster.clock.sleep(caughtUp - cluster.clock.now());
      },
    },
  });
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(old).toHaveLength(1);
  expect(cluster.stored('apps/replicasets')).toHaveLength(2);
  expect(states.map(({ status }) => status?.collisionCount ?? 0).every((count) => count === 0)).toBe(true);
  expect(states.map(({ status }) => status?.phase)).not.toContain('Degraded');
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F03 crash between selector flip and weight write at the end: the next process finishes in order', async () => {
  const { cluster, dataPlane } = await asked();
  const first = mortal(cluster, ({ path }) => path.endsWith('/services/web-stable'));
  await cluster.clock.runUntil(() => first.dead, 5 * MINUTE);
  expect(dataPlane.weights.at(-1)).toBe(100);
  await cluster.clock.advanceBy(90 * SECOND);
  cluster.startController();
  await cluster.until('web', isPromoted, 2 * MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  expect(dataPlane.weights).toEqual([0, 50, 100, 0]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

describe('a leader and its successor', () => {
  async function two(hooks: TransportHooks) {
    const { cluster, dataPlane, controller: first } = await runningWeb(TIMED, {}, [], { identity: 'first', hooks });
    const second = cluster.startController({ identity: 'second' });
    await cluster.clock.advanceBy(20 * SECOND);
    expect(second.writes).toEqual([]);
    return { cluster, dataPlane, first, second };
  }

  it('F04 lease lost in the middle of a pass: the leader stops before its lease expires', async () => {
    let refused = false;
    const { cluster, dataPlane, first, second } = await two({
      before: ({ method, path }) => {
        if (refused && method !== 'GET' && path.includes('/leases')) throw new Error('connection reset');
      },
    });
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    await cluster.clock.advanceBy(5 * SECOND);
    refused = true;
    await cluster.until('web', isPromoted, 10 * MINUTE);
    const lease = await cluster.client.get(LEASES, { namespace: 'default', name: 'leader' });
    expect(lease).toMatchObject({ spec: { holderIdentity: 'second' } });
    expect(first.writes.at(-1)!.at).toBeLessThan(second.writes[0]!.at);
    expect(dataPlane.violations).toEqual([]);
    expect(await first.stop()).toBe('lost');
    await cluster.stopController();
  });

  it('F05 frozen leader: it makes no write after it goes on', async () => {
    let sent = 0;
    const { cluster, dataPlane, first, second } = await two({
      before: ({ method, priority }) => {
        if (method !== 'GET' && priority !== 'lease') sent += 1;
      },
    });
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    // In the middle of the pass that creates the ReplicaSet: requests are under way, timers will be due.
    await cluster.clock.runUntil(() => cluster.stored('apps/replicasets').length === 2, MINUTE);
    first.clock.freeze();
    await cluster.clock.advanceBy(MINUTE);
    expect(second.writes.length).toBeGreaterThan(5);
    const before = sent;
    first.clock.thaw();
    await cluster.until('web', isPromoted, 10 * MINUTE);
    expect(sent).toBe(before);
    expect(dataPlane.violations).toEqual([]);
    expect(await first.ended).toBe('lost');
    await cluster.stopController();
  });
});
