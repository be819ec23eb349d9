import { expect, it } from 'vitest';
import { ROLLOUTS } from '../../../src/kube/resources.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import { TestCluster as Cluster } from '../../support/test-cluster.ts';
import { isAborted, isHealthy, isPausedAt, MINUTE, network, SECOND, web } from './fixtures.ts';

/** The sequences of Argo Rollouts' own end-to-end suite (7.1 of its reference). */

const SPEC = { steps: [{ setWeight: 25 }, { pause: {} }] };

/** What a router tells besides. */
const OF_ROUTES = new Set(['SwitchService', 'CreatingCanaryIngress', 'PatchingCanaryIngress', 'TrafficWeightUpdated']);

/** What was recorded about the Rollout since the last look. */
function reader(cluster: TestCluster): () => Promise<readonly string[]> {
  let seen = 0;
  return async () => {
    await cluster.clock.advanceBy(40 * SECOND);
    const news = cluster.reasons('web').slice(seen);
    seen += news.length;
    return news.filter((reason) => !OF_ROUTES.has(reason));
  };
}

it('initial, update, abort, retry', async () => {
  const cluster = new Cluster();
  const recorded = reader(cluster);
  cluster.startController();
  await cluster.apply(...network(), web(SPEC));
  await cluster.until('web', isHealthy, MINUTE);
  expect(await recorded()).toEqual([
    'RolloutAddedToInformer',
    'RolloutUpdated',
    'NewReplicaSetCreated',
    'RolloutNotCompleted',
    'ScalingReplicaSet',
    'RolloutCompleted',
  ]);

  await cluster.apply(web({ ...SPEC, image: 'v2' }));
  await cluster.until('web', isPausedAt(1), MINUTE);
  expect(await recorded()).toEqual([
    'RolloutUpdated',
    'NewReplicaSetCreated',
    'RolloutNotCompleted',
    'ScalingReplicaSet',
    'RolloutStepCompleted',
    'RolloutPaused',
  ]);

  await cluster.patch('web', { status: { abort: true } }, 'status');
  await cluster.until('web', isAborted, MINUTE);
  // Argo Rollouts scales first; here pods go once no traffic reaches them.
  expect(await recorded()).toEqual(['RolloutAborted', 'ScalingReplicaSet']);

  await cluster.patch('web', { status: { abort: false } }, 'status');
  await cluster.until('web', isPausedAt(1), MINUTE);
  expect(await recorded()).toEqual(['ScalingReplicaSet', 'RolloutStepCompleted', 'RolloutPaused']);
  await cluster.stopController();
});

it('a timed pause ends with RolloutResumed, a person’s promotion without; a deleted Rollout says farewell', async () => {
  const cluster = new Cluster();
  const recorded = reader(cluster);
  cluster.startController();
  const steps = [{ setWeight: 50 }, { pause: { duration: '20s' } }];
  await cluster.apply(...network(), web({ steps, replicas: 1 }));
  await cluster.until('web', isHealthy, MINUTE);
  await recorded();
  await cluster.apply(web({ steps, replicas: 1, image: 'v2' }));
  await cluster.until('web', isHealthy, 2 * MINUTE);
  expect((await recorded()).slice(4)).toEqual([
    'RolloutStepCompleted',
    'RolloutPaused',
    'RolloutStepCompleted',
    'RolloutResumed',
    'RolloutCompleted',
    'ScalingReplicaSet',
  ]);
  await cluster.client.delete(ROLLOUTS, { namespace: 'default', name: 'web' });
  expect(await recorded()).toEqual(['RolloutDeleted']);
  expect(cluster.events.at(-1)?.message).toBe('Rollout web/default is deleted.');
  await cluster.stopController();
});

it('texts are those that clients and notification triggers match', async () => {
  const cluster = new Cluster();
  cluster.startController();
  await cluster.apply(...network(), web(SPEC));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.apply(web({ ...SPEC, image: 'v2' }));
  const paused = await cluster.until('web', isPausedAt(1), MINUTE);
  await cluster.clock.advanceBy(SECOND);
  const hash = paused.status?.currentPodHash ?? '';
  const texts = cluster.events.filter(({ object }) => object === 'web').map(({ message }) => message);
  expect(texts).toEqual(
    expect.arrayContaining([
      'Rollout updated to revision 2',
      `Created ReplicaSet web-${hash} (revision 2)`,
      `Rollout not completed, started update to revision 2 (${hash})`,
      `Scaled up ReplicaSet web-${hash} (revision 2) from 0 to 1`,
      'Rollout step 1/2 completed (setWeight: 25)',
      'Rollout is paused (CanaryPauseStep)',
    ]),
  );
  const sources = cluster.stored('/events').map((event) => (event as { source?: { component?: string } }).source);
  expect(new Set(sources.map((source) => source?.component))).toEqual(new Set(['rollouts-controller']));
  await cluster.stopController();
});
