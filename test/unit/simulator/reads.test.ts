import { beforeEach, describe, expect, test } from 'vitest';
import { CONFIG_MAPS, PODS, TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
});

describe('list', () => {
  beforeEach(async () => {
    for (const name of ['c', 'a', 'e', 'b', 'd']) {
      await cluster.createConfigMap(name, { metadata: { labels: { half: name < 'c' ? 'first' : 'second' } } });
    }
  });

  test('pages show one moment, whatever happens in between', async () => {
    const first = await cluster.must(cluster.get(`${CONFIG_MAPS}?limit=2`));
    expect(first.metadata.remainingItemCount).toBe(3);
    await cluster.createConfigMap('bb');
    await cluster.must(cluster.delete(`${CONFIG_MAPS}/d`));
    const second = await cluster.must(cluster.get(`${CONFIG_MAPS}?limit=2&continue=${first.metadata.continue}`));
    const third = await cluster.must(cluster.get(`${CONFIG_MAPS}?limit=2&continue=${second.metadata.continue}`));
    const names = [first, second, third].flatMap((page) =>
      page.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    );
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(third.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(third.metadata).not.toHaveProperty('continue');
    expect(await cluster.names(CONFIG_MAPS)).toEqual(['a', 'b', 'bb', 'c', 'e']);
  });

  test('a page after compaction is 410 with a token to go on without consistency', async () => {
    const first = await cluster.must(cluster.get(`${CONFIG_MAPS}?limit=2`));
    await cluster.createConfigMap('bb');
    cluster.server.context.storage.compact(cluster.server.context.storage.revision);
    const gone = await cluster.get(`${CONFIG_MAPS}?limit=2&continue=${first.metadata.continue}`);
    expect(gone.status).toBe(410);
    expect(gone.body.reason).toBe('Expired');
    expect(await cluster.names(`${CONFIG_MAPS}?continue=${gone.body.metadata.continue}`)).toEqual([
      'bb',
      'c',
      'd',
      'e',
    ]);
  });

  test('selectors by label and field', async () => {
    expect(await cluster.names(`${CONFIG_MAPS}?labelSelector=half=first`)).toEqual(['a', 'b']);
    expect(await cluster.names(`${CONFIG_MAPS}?labelSelector=half notin (first),half`)).toEqual(['c', 'd', 'e']);
    expect(await cluster.names(`${CONFIG_MAPS}?fieldSelector=metadata.name=c`)).toEqual(['c']);
    expect(
      await cluster.names(`${CONFIG_MAPS}?fieldSelector=metadata.name!=c,metadata.namespace=default`),
    ).toHaveLength(4);
    expect((await cluster.get(`${CONFIG_MAPS}?fieldSelector=data.x=1`)).status).toBe(400);
    expect((await cluster.get(`${CONFIG_MAPS}?labelSelector=a in (`)).status).toBe(400);
  });

  test('resourceVersionMatch: the past exactly, not older, the future not at all', async () => {
    const { resourceVersion } = (await cluster.must(cluster.get(CONFIG_MAPS))).metadata;
    await cluster.createConfigMap('f');
    expect(
      await cluster.names(`${CONFIG_MAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`),
    ).toHaveLength(5);
    expect(await cluster.names(`${CONFIG_MAPS}?resourceVersion=${resourceVersion}`)).toHaveLength(6);
    const future = await cluster.get(`${CONFIG_MAPS}?resourceVersion=99999`);
    expect(future.status).toBe(504);
    expect(future.body.details.causes[0].reason).toBe('ResourceVersionTooLarge');
    expect(future.headers['retry-after']).toBe('1');
    cluster.server.context.storage.compact(cluster.server.context.storage.revision);
    expect(
      (await cluster.get(`${CONFIG_MAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`)).status,
    ).toBe(410);
  });

  test('as Table and as metadata only', async () => {
    const table = await cluster.must(
      cluster.get(CONFIG_MAPS, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }),
    );
    expect(table.kind).toBe('Table');
    expect(table.columnDefinitions.map((column: { name: string }) => column.name)).toEqual(['Name', 'Data', 'Age']);
    expect(table.rows[0].cells).toEqual(['a', 0, '0s']);
    expect(table.rows[0].object.kind).toBe('PartialObjectMetadata');
    const partial = await cluster.must(
      cluster.get(CONFIG_MAPS, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }),
    );
    expect(partial.kind).toBe('PartialObjectMetadataList');
    expect(partial.items[0]).not.toHaveProperty('data');
  });
});

describe('watch', () => {
  test('without a version: what there is, then what happens', async () => {
    await cluster.createConfigMap('a');
    const watch = await cluster.watch(CONFIG_MAPS);
    await cluster.must(cluster.merge(`${CONFIG_MAPS}/a`, { data: { n: '1' } }));
    await cluster.createConfigMap('b');
    await cluster.must(cluster.delete(`${CONFIG_MAPS}/a`));
    expect(await watch.summary()).toEqual(['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED a']);
    const versions = watch.events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual(versions.toSorted((left, right) => left - right));
  });

  test('from a version: only what came after, missed events included', async () => {
    const { metadata } = await cluster.createConfigMap('a');
    await cluster.createConfigMap('b');
    const watch = await cluster.watch(`${CONFIG_MAPS}?resourceVersion=${metadata.resourceVersion}`);
    await cluster.createConfigMap('c');
    expect(await watch.summary()).toEqual(['ADDED b', 'ADDED c']);
  });

  test('from a compacted version: an ERROR event 410, then the end', async () => {
    const { metadata } = await cluster.createConfigMap('a');
    await cluster.createConfigMap('b');
    cluster.server.context.storage.compact(cluster.server.context.storage.revision);
    const watch = await cluster.watch(`${CONFIG_MAPS}?resourceVersion=${metadata.resourceVersion}`);
    expect(watch.status).toBe(200);
    expect(await watch.summary()).toEqual(['ERROR Expired']);
    expect(watch.events[0]?.object.code).toBe(410);
    expect(watch.ended).toBe(true);
  });

  test('old history is compacted by itself', async () => {
    cluster = new TestCluster({ historyLimit: 10 });
    const { metadata } = await cluster.createConfigMap('a');
    for (let count = 0; count < 20; count++) await cluster.createConfigMap(`x${count}`);
    const watch = await cluster.watch(`${CONFIG_MAPS}?resourceVersion=${metadata.resourceVersion}`);
    expect(await watch.summary()).toEqual(['ERROR Expired']);
  });

  test('an object that begins or ceases to match is added or deleted', async () => {
    await cluster.createConfigMap('a');
    const watch = await cluster.watch(`${CONFIG_MAPS}?labelSelector=on=yes`);
    await cluster.must(cluster.merge(`${CONFIG_MAPS}/a`, { metadata: { labels: { on: 'yes' } } }));
    await cluster.must(cluster.merge(`${CONFIG_MAPS}/a`, { data: { n: '1' } }));
    const off = await cluster.must(cluster.merge(`${CONFIG_MAPS}/a`, { metadata: { labels: { on: null } } }));
    await cluster.must(cluster.delete(`${CONFIG_MAPS}/a`));
    expect(await watch.summary()).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    const last = watch.events.at(-1)?.object.metadata;
    expect(last).toMatchObject({ labels: { on: 'yes' }, resourceVersion: off.metadata.resourceVersion });
  });

  test('bookmarks every minute and at the end; the timeout ends it', async () => {
    await cluster.createConfigMap('a');
    const watch = await cluster.watch(`${CONFIG_MAPS}?allowWatchBookmarks=true&timeoutSeconds=150`);
    await cluster.clock.advanceBy(149_000);
    expect(await watch.summary()).toEqual(['ADDED a', 'BOOKMARK', 'BOOKMARK']);
    expect(watch.ended).toBe(false);
    await cluster.clock.advanceBy(1000);
    expect(await watch.summary()).toHaveLength(4);
    expect(watch.ended).toBe(true);
    expect(cluster.clock.nextDue()).toBeUndefined();
    expect(watch.events[1]?.object).toMatchObject({
      kind: 'ConfigMap',
      metadata: { resourceVersion: expect.any(String) },
    });
  });

  test('a watch without timeout ends within the hour', async () => {
    const watch = await cluster.watch(CONFIG_MAPS);
    await cluster.clock.advanceBy(1_799_000);
    expect(watch.ended).toBe(false);
    await cluster.clock.advanceBy(1_802_000);
    expect(watch.ended).toBe(true);
  });

  test('sendInitialEvents streams the list and marks its end', async () => {
    await cluster.createConfigMap('a');
    const query = 'sendInitialEvents=true&allowWatchBookmarks=true';
    const watch = await cluster.watch(`${CONFIG_MAPS}?${query}&resourceVersionMatch=NotOlderThan`);
    expect(await watch.summary()).toEqual(['ADDED a', 'BOOKMARK']);
    expect(watch.events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect((await cluster.watch(`${CONFIG_MAPS}?${query}`)).status).toBe(422);
  });

  test('of one object, of one namespace, of a field', async () => {
    await cluster.must(cluster.post('/api/v1/namespaces', { metadata: { name: 'other' } }));
    const one = await cluster.watch(`${CONFIG_MAPS}?fieldSelector=metadata.name=a`);
    const all = await cluster.watch('/api/v1/configmaps');
    const running = await cluster.watch(`${PODS}?fieldSelector=status.phase=Running`);
    await cluster.createConfigMap('a');
    await cluster.must(cluster.post('/api/v1/namespaces/other/configmaps', { metadata: { name: 'b' } }));
    await cluster.must(
      cluster.post(PODS, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } }),
    );
    await cluster.must(cluster.merge(`${PODS}/p/status`, { status: { phase: 'Running' } }));
    expect(await one.summary()).toEqual(['ADDED a']);
    expect(await all.summary()).toEqual(['ADDED a', 'ADDED b']);
    expect(await running.summary()).toEqual(['ADDED p']);
  });
});

test('discovery lists what there is in both forms', async () => {
  const legacy = await cluster.must(cluster.get('/apis/apps/v1'));
  const names = legacy.resources.map((resource: { name: string }) => resource.name);
  expect(names).toEqual(expect.arrayContaining(['deployments', 'deployments/status', 'deployments/scale']));
  const aggregated = await cluster.get('/apis', {
    accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  });
  expect(aggregated.headers['content-type']).toBe(
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  );
  expect(aggregated.body.items[0]).toMatchObject({ metadata: { name: 'apps' } });
  expect((await cluster.get('/apis/nope/v1')).status).toBe(404);
  expect((await cluster.get('/openapi/v2')).status).toBe(404);
  expect((await cluster.get('/livez')).body).toBe('ok');
});
