import { expect, it } from 'vitest';
import type { Rollout } from '../../../src/api/rollout.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import { type Random, seededRandom } from '../../../src/simulator/random.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  isAborted,
  isHealthy,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  observe,
  SECOND,
  template,
  web,
} from './fixtures.ts';

/**
 * Everything at once, by seed: lost and late events, broken connections on the way there and back, compaction, processes
 * that die, pods and endpoints at their own pace. `CHAOS_SEEDS=500` plays as many.
 */

const { CHAOS_SEEDS } = process.env;
/** The ones played each time once found a second AnalysisRun after a lost event. */
const SEEDS =
  CHAOS_SEEDS === undefined ? [11, 17, 18] : Array.from({ length: Number(CHAOS_SEEDS) }, (_, index) => index + 1);
const LOST_EVENTS = 0.15;
const BROKEN_EXCHANGES = 0.03;
const MAX_PROCESSES = 40;

function faults(random: Random): TransportHooks {
  const breakSome = (): void => {
    if (random() < BROKEN_EXCHANGES) throw new Error('the connection was reset');
  };
  return {
    before: breakSome,
    after: breakSome,
    event: ({ line }) => {
      if (line.startsWith('{"type":"BOOKMARK"') || random() >= LOST_EVENTS) return undefined;
      return random() < 0.8 ? 'drop' : 'break';
    },
  };
}

it.each(SEEDS)('seed %i', async (seed) => {
  const random = seededRandom(seed * 7919);
  const isBad = random() < 0.4;
  const options = {
    replicas: 2 + Math.floor(random() * 6),
    steps: [{ setWeight: 20 }, { pause: { duration: '15s' } }, { setWeight: 60 }, { pause: { untilVerified: true } }],
    canary: { ...judgedBy('success'), scaleDownDelaySeconds: 5, abortScaleDownDelaySeconds: 5 },
  };
  const cluster = new TestCluster({
    seed,
    prometheus: () => [isBad ? '0.1' : '0.99'],
    kubelet: { behaviour: () => ({ readyAfterMs: 200 + random() * 6_000, stopsAfterMs: random() * 5_000 }) },
    endpointLagMs: 100 + Math.floor(random() * 1_500),
  });
  const dataPlane = observe(cluster, seed);
  const calm = cluster.startController();
  await cluster.apply(...network(), template('success', { interval: '5s' }), web(options));
  await cluster.until('web', isHealthy, 3 * MINUTE);
  await cluster.clock.advanceBy(15 * SECOND);
  await calm.stop();
  dataPlane.arm();

  const { storage } = cluster.server.context;
  const compact = (): void => {
    storage.compact(storage.revision);
    cluster.clock.schedule(20 * SECOND, compact);
  };
  compact();
  await cluster.apply(web({ ...options, image: 'v2' }));
  const isOver = (): boolean => {
    const rollout = cluster.find<Rollout>('argoproj.io/rollouts', 'web')!;
    if (isBad) return isAborted(rollout) && rollout.status?.canary?.weights?.canary.weight === 0;
    return isPromoted(rollout);
  };
  let processes = 0;
  for (let died = true; died && processes < MAX_PROCESSES; processes += 1) {
    const timing = { minWatchSeconds: 30, maxWatchSeconds: 60, relistMs: MINUTE };
    const process = cluster.startController({ hooks: faults(random), timing });
    process.dieAfterWrite(5 + Math.floor(random() * 40));
    await cluster.clock.runUntil(() => process.dead || isOver(), 30 * MINUTE);
    died = process.dead;
    if (died) await process.stop();
  }
  await cluster.clock.advanceBy(MINUTE);
  expect(isOver()).toBe(true);
  expect(dataPlane.violations).toEqual([]);
  expect(cluster.stored('apps/replicasets')).toHaveLength(2);
  expect(cluster.runs().map(({ status }) => status?.phase)).toEqual([isBad ? 'Failed' : 'Successful']);
  await cluster.stopController();
});
