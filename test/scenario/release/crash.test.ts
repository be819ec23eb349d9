import { describe, expect, it } from 'vitest';
import type { ReplicaSet } from '../../../src/api/core-types.ts';
import type { ControllerProcess } from '../../support/controller-process.ts';
import type { DataPlane } from '../../support/data-plane.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import { isAborted, isHealthy, judgedBy, MINUTE, network, observe, SECOND, template, web } from './fixtures.ts';

/** Killing the controller between any two of its writes changes nothing but time. */

const OPTIONS = {
  replicas: 2,
  steps: [{ setWeight: 50 }, { pause: { duration: '15s' } }],
  canary: { ...judgedBy('success'), scaleDownDelaySeconds: 5, abortScaleDownDelaySeconds: 5 },
};

interface World {
  readonly cluster: TestCluster;
  readonly dataPlane: DataPlane;
}

/** Version 1 runs, and no controller. */
async function prepared(rate: string): Promise<World> {
  const cluster = new TestCluster({ prometheus: () => [rate] });
  const dataPlane = observe(cluster);
  const first = cluster.startController();
  await cluster.apply(...network(), template('success', { interval: '5s' }), web(OPTIONS));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.clock.advanceBy(10 * SECOND);
  await first.stop();
  dataPlane.arm();
  await cluster.apply(web({ ...OPTIONS, image: 'v2' }));
  return { cluster, dataPlane };
}

/** Lets a process work until it dies or the condition holds; whether it died. */
async function run(world: World, process: ControllerProcess, isOver: (world: World) => boolean): Promise<boolean> {
  await world.cluster.clock.runUntil(() => process.dead || isOver(world), 10 * MINUTE);
  const { dead } = process;
  if (!dead) await world.cluster.clock.advanceBy(30 * SECOND);
  await process.stop();
  return dead;
}

function current({ cluster }: World) {
  return cluster.find('argoproj.io/rollouts', 'web') as Parameters<typeof isHealthy>[0];
}

/** What there is in the end, without names and times. */
function end(world: World) {
  const { cluster, dataPlane } = world;
  const rollout = current(world);
  return {
    phase: rollout.status?.phase,
    isPromoted: rollout.status?.stableRS === rollout.status?.currentPodHash,
    replicaSets: cluster
      .stored<ReplicaSet>('apps/replicasets')
      .map(({ metadata, spec }) => [metadata.annotations?.['rollout.argoproj.io/revision'], spec?.replicas])
      .toSorted(),
    runs: cluster.runs().map(({ status }) => status?.phase),
    pods: cluster.stored('/pods').length,
    shares: [...dataPlane.shares.values()],
    violations: dataPlane.violations,
  };
}

const ENDS = {
  promotion: {
    rate: '0.99',
    isOver: (world: World) => isHealthy(current(world)),
    end: {
      phase: 'Healthy',
      isPromoted: true,
      replicaSets: [
        ['1', 0],
        ['2', 2],
      ],
      runs: ['Successful'],
    },
  },
  abort: {
    rate: '0.1',
    isOver: (world: World) => isAborted(current(world)) && current(world).status?.canary?.weights?.canary.weight === 0,
    end: {
      phase: 'Degraded',
      isPromoted: false,
      replicaSets: [
        ['1', 2],
        ['2', 0],
      ],
      runs: ['Failed'],
    },
  },
} as const;

describe.each(['promotion', 'abort'] as const)('%s', (story) => {
  const { rate, isOver, end: expected } = ENDS[story];
  const converged = { ...expected, pods: 2, shares: [1], violations: [] };

  it('a process that dies after each of its writes', async () => {
    const world = await prepared(rate);
    let deaths = 0;
    while (await run(world, world.cluster.startController().dieAfterWrite(1), isOver)) {
      deaths += 1;
      expect(deaths).toBeLessThan(60);
    }
    expect(deaths).toBeGreaterThan(10);
    const last = world.cluster.startController();
    await world.cluster.clock.advanceBy(MINUTE);
    await last.stop();
    expect(end(world)).toEqual(converged);
  });

  it('a process that dies once, after any of its writes', async () => {
    for (let count = 1; ; count += 1) {
      const world = await prepared(rate);
      const died = await run(world, world.cluster.startController().dieAfterWrite(count), isOver);
      const second = world.cluster.startController();
      await world.cluster.clock.runUntil(() => isOver(world), 10 * MINUTE);
      await world.cluster.clock.advanceBy(MINUTE);
      await second.stop();
      expect(end(world), `died after write ${count}`).toEqual(converged);
      if (!died) {
        expect(count).toBeGreaterThan(10);
        return;
      }
    }
  });
});
