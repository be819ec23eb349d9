import { expect, it } from 'vitest';
import type { KubeObject, ReplicaSet } from '../../../src/api/core-types.ts';
import { podTemplateHash } from '../../../src/core/values/pod-template-hash.ts';
import { NAMESPACES, REPLICA_SETS } from '../../../src/kube/resources.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import { isHealthy, isPausedAt, judgedBy, MINUTE, network, runningWeb, template, web } from './fixtures.ts';

/** Which objects a controller touches. */

const LABEL = 'argo-rollouts.argoproj.io/controller-instance-id';
/** What the CRD says of a Rollout that no controller has touched. */
const UNSEEN = { conditions: [expect.objectContaining({ type: 'Ready', status: 'Unknown', reason: 'Pending' })] };

function labelled<T extends KubeObject>(object: T, id: string): T {
  return { ...object, metadata: { ...object.metadata, labels: { [LABEL]: id } } };
}

it('--instance-id: Rollouts that carry it, and what it makes for them', async () => {
  const cluster = new TestCluster({ prometheus: () => ['1'] });
  const process = cluster.startController({ instanceId: 'blue' });
  const judged = { canary: judgedBy('success') };
  await cluster.apply(template('success'), ...network('mine'), ...network('theirs'), ...network('nobodys'));
  await cluster.apply(
    labelled(web({ name: 'mine', ...judged }), 'blue'),
    labelled(web({ name: 'theirs' }), 'green'),
    web({ name: 'nobodys' }),
  );
  await cluster.until('mine', isHealthy, MINUTE);
  await cluster.apply(labelled(web({ name: 'mine', ...judged, image: 'v2' }), 'blue'));
  await cluster.until('mine', ({ status }) => status?.phase === 'Paused', 2 * MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  expect(process.writes.filter(({ text }) => !text.includes('mine') && !text.startsWith('POST'))).toEqual([]);
  expect(cluster.stored('apps/replicasets').every(({ metadata }) => metadata.name?.startsWith('mine-'))).toBe(true);
  const [run] = cluster.runs();
  expect(run?.metadata.labels?.[LABEL]).toBe('blue');
  expect(run?.status?.metricResults?.[0]?.successful).toBeGreaterThan(0);
  expect((await cluster.rollout('theirs')).status).toEqual(UNSEEN);
  expect((await cluster.rollout('nobodys')).status).toEqual(UNSEEN);
  await cluster.stopController();
});

it('without an id: Rollouts without one', async () => {
  const cluster = new TestCluster();
  cluster.startController();
  await cluster.apply(...network('mine'), ...network('theirs'));
  await cluster.apply(web({ name: 'mine' }), labelled(web({ name: 'theirs' }), 'green'));
  await cluster.until('mine', isHealthy, MINUTE);
  expect((await cluster.rollout('theirs')).status).toEqual(UNSEEN);
  await cluster.stopController();
});

it('--namespaced: nothing of another namespace is read or written', async () => {
  const cluster = new TestCluster();
  const paths: string[] = [];
  const process = cluster.startController({
    namespace: 'default',
    hooks: { before: ({ path }) => void paths.push(path) },
  });
  await cluster.client.create(NAMESPACES, { metadata: { name: 'elsewhere' } });
  const away = <T extends KubeObject>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, namespace: 'elsewhere' },
  });
  await cluster.apply(...network('web'), web(), ...network('web').map(away), away(web()));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  expect((await cluster.rollout('web', 'elsewhere')).status).toEqual(UNSEEN);
  expect(paths.filter((path) => !path.includes('/namespaces/default/'))).toEqual([]);
  expect(process.writes.length).toBeGreaterThan(5);
  await cluster.stopController();
});

it('two instances share a cluster and never write to the same object', async () => {
  const cluster = new TestCluster();
  const blue = cluster.startController({ instanceId: 'blue' });
  const green = cluster.startController({ instanceId: 'green' });
  await cluster.apply(
    ...network('b'),
    ...network('g'),
    labelled(web({ name: 'b' }), 'blue'),
    labelled(web({ name: 'g' }), 'green'),
  );
  await cluster.until('b', isHealthy, MINUTE);
  await cluster.until('g', isHealthy, MINUTE);
  const written = ({ writes }: typeof blue) =>
    new Set(writes.map(({ text, body }) => `${text} ${text.startsWith('POST') ? body : ''}`));
  const greens = written(green);
  expect([...written(blue)].filter((text) => greens.has(text))).toEqual([]);
  await cluster.stopController();
});

it('a ReplicaSet of somebody else that has the name of a new version: stays as it is, and the version gets another hash', async () => {
  const { cluster, dataPlane } = await runningWeb();
  const name = `web-${podTemplateHash(web({ image: 'v2' }).spec.template ?? {})}`;
  const labels = { app: 'other' };
  const foreign = await cluster.client.create<ReplicaSet>(REPLICA_SETS, {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'example.com/other:v1' }] } },
    },
  });
  await cluster.apply(web({ image: 'v2' }));
  const paused = await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  expect(paused.status?.collisionCount).toBe(1);
  expect(`web-${paused.status?.currentPodHash}`).not.toBe(name);
  const { spec, metadata } = cluster.find<ReplicaSet>('apps/replicasets', name) ?? {};
  expect([spec, metadata?.labels, metadata?.annotations, metadata?.ownerReferences]).toEqual([
    foreign.spec,
    foreign.metadata.labels,
    foreign.metadata.annotations,
    undefined,
  ]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});
