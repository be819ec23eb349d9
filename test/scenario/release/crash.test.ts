import { describe, expect, it } from 'vitest';
import type { ReplicaSet } from '../../../src/api/core-types.ts';
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

/** Starts one process after the other, each of which dies after so many writes, until the story is over. */
async function live(world: World, lives: Iterator<number, number>, isOver: (world: World) => boolean): Promise<number> {
  const { cluster } = world;
  for (let deaths = 0; deaths < MAX_DEATHS; deaths += 1) {
    const process = cluster.startController().dieAfterWrite(lives.next().value);
    await cluster.clock.runUntil(() => process.dead || isOver(world), 10 * MINUTE);
    const survived = !process.dead;
    await process.stop();
    if (survived) return deaths;
  }
  throw new Error(`not over after ${MAX_DEATHS} deaths: ${JSON.stringify(current(world).status)}`);
}

/** More than a release has writes: if so many do not suffice, it makes no progress between deaths. */
const MAX_DEATHS = 60;

function current({ cluster }: World) {
  return cluster.find('argoproj.io/rollouts', 'web') as Parameters<typeof isHealthy>[0];
}

/** Whether the ReplicaSet of that revision was scaled down. */
function isIdle({ cluster }: World, revision: string): boolean {
  const ofRevision = ({ metadata }: ReplicaSet) => metadata.annotations?.['rollout.argoproj.io/revision'] === revision;
  return cluster.stored<ReplicaSet>('apps/replicasets').find(ofRevision)?.spec?.replicas === 0;
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
      .toSorted(([left], [right]) => Number(left) - Number(right)),
    runs: cluster.runs().map(({ status }) => status?.phase),
    pods: cluster.stored('/pods').length,
    shares: [...dataPlane.shares.values()],
    violations: dataPlane.violations,
  };
}

const ENDS = {
  promotion: {
    rate: '0.99',
    isOver: (world: World) => isHealthy(current(world)) && isIdle(world, '1'),
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
    isOver: (world: World) => isAborted(current(world)) && isIdle(world, '2'),
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

  async function play(lives: Iterator<number, number>): Promise<number> {
    const world = await prepared(rate);
    const deaths = await live(world, lives, isOver);
    const last = world.cluster.startController();
    await world.cluster.clock.advanceBy(MINUTE);
    await last.stop();
    expect(end(world)).toEqual({ ...expected, pods: 2, shares: [1], violations: [] });
    return deaths;
  }

  it('every process dies after its first write', async () => {
    expect(await play(repeat(1, 1))).toBeGreaterThan(15);
  });

  // Together they die once after every write of an otherwise undisturbed stretch.
  it.each([1, 2, 3, 4, 5])('every process dies after its fifth write, the first one after write %i', async (first) => {
    expect(await play(repeat(first, 5))).toBeGreaterThanOrEqual(4);
  });
});

function* repeat(first: number, then: number): Generator<number, number> {
  yield first;
  for (;;) yield then;
}
