import { beforeEach, describe, expect, test } from 'vitest';
import { CONFIG_MAPS, type Json, NAMESPACED, PODS, TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
});

const ownedBy = (owner: Json, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  ...more,
});

const createOwned = (name: string, owner: Json, more: object = {}): Promise<Json> =>
  cluster.createConfigMap(name, { metadata: { ownerReferences: [ownedBy(owner, more)] } });

describe('delete', () => {
  test('without finalizers the object is gone, and the answer says what it was', async () => {
    const { metadata } = await cluster.createConfigMap('a');
    const answer = await cluster.must(cluster.delete(`${CONFIG_MAPS}/a`));
    expect(answer).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a', uid: metadata.uid } });
    expect((await cluster.delete(`${CONFIG_MAPS}/a`)).status).toBe(404);
  });

  test('a finalizer holds it; no finalizer can be added then; the last one lets it go', async () => {
    await cluster.createConfigMap('a', { metadata: { finalizers: ['x/one', 'x/two'] } });
    const path = `${CONFIG_MAPS}/a`;
    const watch = await cluster.watch(CONFIG_MAPS);
    const marked = await cluster.must(cluster.delete(path));
    expect(marked.metadata).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 });
    expect((await cluster.merge(path, { metadata: { finalizers: ['x/one', 'x/new'] } })).status).toBe(422);
    await cluster.must(cluster.merge(path, { metadata: { finalizers: ['x/two'] } }));
    expect((await cluster.must(cluster.get(path))).metadata.finalizers).toEqual(['x/two']);
    await cluster.must(cluster.merge(path, { metadata: { finalizers: null } }));
    expect((await cluster.get(path)).status).toBe(404);
    expect(await watch.summary()).toEqual(['ADDED a', 'MODIFIED a', 'MODIFIED a', 'DELETED a']);
  });

  test('nobody takes back a deletion', async () => {
    await cluster.createConfigMap('a', { metadata: { finalizers: ['x/one'] } });
    await cluster.must(cluster.delete(`${CONFIG_MAPS}/a`));
    const { metadata } = await cluster.must(
      cluster.merge(`${CONFIG_MAPS}/a`, { metadata: { deletionTimestamp: null } }),
    );
    expect(metadata.deletionTimestamp).toBeDefined();
  });

  test('preconditions, dry run, collection with selector', async () => {
    const { metadata } = await cluster.createConfigMap('a', { metadata: { labels: { x: 'y' } } });
    await cluster.createConfigMap('b');
    const path = `${CONFIG_MAPS}/a`;
    expect((await cluster.delete(path, { preconditions: { uid: 'other' } })).status).toBe(409);
    expect((await cluster.delete(path, { preconditions: { resourceVersion: '1' } })).status).toBe(409);
    expect((await cluster.delete(`${path}?dryRun=All`, { preconditions: { uid: metadata.uid } })).status).toBe(200);
    expect(await cluster.names(CONFIG_MAPS)).toEqual(['a', 'b']);
    await cluster.must(cluster.delete(`${CONFIG_MAPS}?labelSelector=x=y`));
    expect(await cluster.names(CONFIG_MAPS)).toEqual(['b']);
  });

  test('a scheduled pod waits for its kubelet, an unscheduled one for nobody', async () => {
    const spec = { containers: [{ name: 'c', image: 'i' }], terminationGracePeriodSeconds: 20 };
    await cluster.must(cluster.post(PODS, { metadata: { name: 'loose' }, spec }));
    await cluster.must(cluster.post(PODS, { metadata: { name: 'placed' }, spec: { ...spec, nodeName: 'n' } }));
    await cluster.must(cluster.delete(`${PODS}/loose`));
    const marked = await cluster.must(cluster.delete(`${PODS}/placed`));
    expect(marked.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:20Z',
      deletionGracePeriodSeconds: 20,
    });
    expect(await cluster.names(PODS)).toEqual(['placed']);
    await cluster.must(cluster.delete(`${PODS}/placed`, { gracePeriodSeconds: 0 }));
    expect(await cluster.names(PODS)).toEqual([]);
  });
});

describe('garbage collection', () => {
  test('what an owner leaves behind goes with it, down the line', async () => {
    const owner = await cluster.createConfigMap('owner');
    const child = await createOwned('child', owner);
    await createOwned('grandchild', child);
    await cluster.createConfigMap('stranger');
    await cluster.must(cluster.delete(`${CONFIG_MAPS}/owner`));
    expect(await cluster.names(CONFIG_MAPS)).toEqual(['child', 'grandchild', 'stranger']);
    await cluster.clock.settle();
    expect(await cluster.names(CONFIG_MAPS)).toEqual(['stranger']);
  });

  test('an object with another owner stays and loses the reference', async () => {
    const [one, two] = [await cluster.createConfigMap('one'), await cluster.createConfigMap('two')];
    await cluster.createConfigMap('child', { metadata: { ownerReferences: [ownedBy(one), ownedBy(two)] } });
    await cluster.must(cluster.delete(`${CONFIG_MAPS}/one`));
    await cluster.clock.settle();
    const child = await cluster.must(cluster.get(`${CONFIG_MAPS}/child`));
    expect(child.metadata.ownerReferences).toEqual([ownedBy(two)]);
  });

  test('an owner that never was, or lives in another namespace, is absent', async () => {
    await cluster.must(cluster.post('/api/v1/namespaces', { metadata: { name: 'other' } }));
    const foreign = await cluster.must(
      cluster.post('/api/v1/namespaces/other/configmaps', { metadata: { name: 'f' } }),
    );
    await createOwned('a', { metadata: { name: 'ghost', uid: 'ghost' } });
    await createOwned('b', foreign);
    await cluster.clock.settle();
    expect(await cluster.names(CONFIG_MAPS)).toEqual([]);
  });

  test('orphan: dependents stay without owner', async () => {
    const owner = await cluster.createConfigMap('owner');
    await createOwned('child', owner);
    await cluster.must(cluster.delete(`${CONFIG_MAPS}/owner`, { propagationPolicy: 'Orphan' }));
    await cluster.clock.settle();
    const list = await cluster.must(cluster.get(CONFIG_MAPS));
    expect(list.items.map((item: Json) => [item.metadata.name, item.metadata.ownerReferences])).toEqual([
      ['child', undefined],
    ]);
  });

  test('foreground: the owner goes after the dependents that block it', async () => {
    const owner = await cluster.createConfigMap('owner');
    await createOwned('held', owner, { blockOwnerDeletion: true });
    await cluster.must(cluster.merge(`${CONFIG_MAPS}/held`, { metadata: { finalizers: ['x/hold'] } }));
    const marked = await cluster.must(cluster.delete(`${CONFIG_MAPS}/owner`, { propagationPolicy: 'Foreground' }));
    expect(marked.metadata.finalizers).toEqual(['foregroundDeletion']);
    await cluster.clock.settle();
    expect(await cluster.names(CONFIG_MAPS)).toEqual(['held', 'owner']);
    await cluster.must(cluster.merge(`${CONFIG_MAPS}/held`, { metadata: { finalizers: null } }));
    await cluster.clock.settle();
    expect(await cluster.names(CONFIG_MAPS)).toEqual([]);
  });
});

describe('namespaces', () => {
  test('a namespace is emptied, takes nothing new meanwhile, and goes when it is empty', async () => {
    await cluster.must(cluster.post('/api/v1/namespaces', { metadata: { name: 'n' } }));
    const inside = '/api/v1/namespaces/n/configmaps';
    await cluster.must(cluster.post(inside, { metadata: { name: 'a' } }));
    await cluster.must(cluster.post(inside, { metadata: { name: 'held', finalizers: ['x/hold'] } }));
    const marked = await cluster.must(cluster.delete('/api/v1/namespaces/n'));
    expect(marked.status.phase).toBe('Terminating');
    const refused = await cluster.post(inside, { metadata: { name: 'b' } });
    expect(refused.status).toBe(403);
    expect(refused.body.details.causes[0].reason).toBe('NamespaceTerminating');
    await cluster.clock.settle();
    expect(await cluster.names(inside)).toEqual(['held']);
    await cluster.must(cluster.merge(`${inside}/held`, { metadata: { finalizers: null } }));
    await cluster.clock.settle();
    expect((await cluster.get('/api/v1/namespaces/n')).status).toBe(404);
  });
});

describe('eviction', () => {
  const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  const evict = (name: string): ReturnType<TestCluster['post']> =>
    cluster.post(`${PODS}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });

  test('honours the disruption budget', async () => {
    for (const name of ['a', 'b', 'sick']) {
      const spec = { containers: [{ name: 'c', image: 'i' }] };
      await cluster.must(cluster.post(PODS, { metadata: { name, labels: { app: 'x' } }, spec }));
      if (name !== 'sick') await cluster.must(cluster.merge(`${PODS}/${name}/status`, ready));
    }
    const budget = { metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } } };
    await cluster.must(cluster.post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', budget));
    expect((await evict('sick')).status).toBe(201);
    expect((await evict('a')).status).toBe(201);
    const refused = await evict('b');
    expect(refused.status).toBe(429);
    expect(refused.body.details.causes[0].message).toBe(
      'The disruption budget b needs 1 healthy pods and has 1 currently',
    );
    expect(await cluster.names(PODS)).toEqual(['b']);
  });

  test('binding gives a pod its node, once; logs there are none', async () => {
    await cluster.must(
      cluster.post(PODS, { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } }),
    );
    const bind = (node: string): ReturnType<TestCluster['post']> =>
      cluster.post(`${PODS}/a/binding`, { target: { kind: 'Node', name: node } });
    expect((await bind('n1')).status).toBe(201);
    expect((await bind('n2')).status).toBe(409);
    expect((await cluster.must(cluster.get(`${PODS}/a`))).spec.nodeName).toBe('n1');
    expect((await cluster.get(`${PODS}/a/log`)).status).toBe(501);
    expect((await cluster.get(`${NAMESPACED}/pods/a/nothing`)).status).toBe(404);
  });
});
