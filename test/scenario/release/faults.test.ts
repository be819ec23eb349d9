import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/simulator/random.ts';
import { refusal } from '../../support/answers.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  isAborted,
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  observe,
  runningWeb,
  SECOND,
  template,
  web,
} from './fixtures.ts';

/** A cluster that misbehaves changes nothing but time. */

const TIMED = { steps: [{ setWeight: 50 }, { pause: { duration: '1m' } }] };

it.each([1, 2, 3])(
  'loses one watch event in seven, and now and then the place in the watch (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const cluster = new TestCluster({ seed });
    const dataPlane = observe(cluster, seed);
    const first = cluster.startController();
    await cluster.apply(...network(), web(TIMED));
    await cluster.until('web', isHealthy, MINUTE);
    await cluster.clock.advanceBy(10 * SECOND);
    await first.stop();
    dataPlane.arm();
    let lost = 0;
    cluster.startController({
      // What is lost is found by the list that follows a watch: here after minutes instead of the usual half an hour.
      timing: { minWatchSeconds: 30, maxWatchSeconds: 60, relistMs: MINUTE },
      hooks: {
        event: ({ line }) => {
          if (line.startsWith('{"type":"BOOKMARK"') || random() >= 0.15) return undefined;
          lost += 1;
          return random() < 0.8 ? 'drop' : 'break';
        },
      },
    });
    const compact = (): void => {
      cluster.server.context.storage.compact(cluster.server.context.storage.revision);
      cluster.clock.schedule(20 * SECOND, compact);
    };
    compact();
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    const done = await cluster.until('web', isPromoted, 20 * MINUTE);
    expect(lost).toBeGreaterThan(3);
    expect(done.metadata.annotations?.['rollout.argoproj.io/revision']).toBe('2');
    expect(dataPlane.violations).toEqual([]);
    expect(cluster.stored('apps/replicasets')).toHaveLength(2);
    await cluster.stopController();
  },
);

it('every third write of the controller comes too late', async () => {
  let writes = 0;
  const { cluster, dataPlane } = await runningWeb(TIMED, {
    hooks: {
      before: ({ method }) => {
        if (method !== 'PATCH') return undefined;
        writes += 1;
        return writes % 3 === 0 ? refusal(409, 'Conflict', 'the object has been modified') : undefined;
      },
    },
  });
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('metrics, events and templates are down: an abort takes the traffic away all the same', async () => {
  let broken = false;
  const { cluster, dataPlane } = await runningWeb(
    { canary: judgedBy('success') },
    {
      prometheus: () => (broken ? new Error('down') : ['0.99']),
      hooks: {
        before: ({ path }) => {
          if (broken && /events|analysis/.test(path)) throw new Error('connection refused');
        },
      },
    },
    [template('success')],
  );
  await cluster.apply(web({ canary: judgedBy('success'), image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  broken = true;
  await cluster.clock.advanceBy(5 * SECOND);
  await cluster.patch('web', { status: { abort: true } }, 'status');
  await cluster.until('web', ({ status }) => status?.canary?.weights?.canary.weight === 0, 2 * SECOND);
  broken = false;
  await cluster.until('web', isAborted, MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
