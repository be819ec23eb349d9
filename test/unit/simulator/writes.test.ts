import { beforeEach, describe, expect, test } from 'vitest';
import { CONFIG_MAPS, DEPLOYMENTS, type Json, TestCluster } from './test-cluster.ts';

const DEPLOYMENT = {
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  },
};

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
});

describe('create', () => {
  test('fills in what the server owns', async () => {
    const { metadata } = await cluster.createConfigMap('a', { metadata: { uid: 'mine' } });
    expect(metadata).toMatchObject({ namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' });
    expect(metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(metadata.resourceVersion).toMatch(/^\d+$/);
    expect(metadata).not.toHaveProperty('generation');
  });

  test('generateName gives names that differ, and the same ones in every run', async () => {
    const create = async (target: TestCluster): Promise<string[]> => {
      const body = { metadata: { generateName: 'a-' } };
      const objects = [
        await target.must(target.post(CONFIG_MAPS, body)),
        await target.must(target.post(CONFIG_MAPS, body)),
      ];
      return objects.map((object) => object.metadata.name);
    };
    const names = await create(cluster);
    expect(new Set(names).size).toBe(2);
    expect(names[0]).toMatch(/^a-[a-z0-9]{5}$/);
    expect(await create(new TestCluster())).toEqual(names);
  });

  test('refuses what exists, what has no name, a missing namespace, a resourceVersion, a foreign kind', async () => {
    await cluster.createConfigMap('a');
    const answers = [
      await cluster.post(CONFIG_MAPS, { metadata: { name: 'a' } }),
      await cluster.post(CONFIG_MAPS, { metadata: {} }),
      await cluster.post('/api/v1/namespaces/nowhere/configmaps', { metadata: { name: 'a' } }),
      await cluster.post(CONFIG_MAPS, { metadata: { name: 'b', resourceVersion: '1' } }),
      await cluster.post(CONFIG_MAPS, { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'b' } }),
      await cluster.post(CONFIG_MAPS, '{"metadata":'),
      await cluster.post('/api/v1/configmaps', { metadata: { name: 'b' } }),
    ];
    expect(answers.map(({ status, body }) => `${status} ${body.reason}`)).toEqual([
      '409 AlreadyExists',
      '422 Invalid',
      '404 NotFound',
      '500 undefined',
      '400 BadRequest',
      '400 BadRequest',
      '405 MethodNotAllowed',
    ]);
    expect(answers[0]?.body.message).toBe('configmaps "a" already exists');
    expect(answers[2]?.body.message).toBe('namespaces "nowhere" not found');
  });

  test('dryRun answers as if, and stores nothing', async () => {
    const { status, body } = await cluster.post(`${CONFIG_MAPS}?dryRun=All`, { metadata: { name: 'a' } });
    expect(status).toBe(201);
    expect(body.metadata).not.toHaveProperty('resourceVersion');
    expect((await cluster.get(`${CONFIG_MAPS}/a`)).status).toBe(404);
  });
});

describe('update', () => {
  test('a stale resourceVersion is a conflict, none is not', async () => {
    const first = await cluster.createConfigMap('a', { data: { n: '1' } });
    const path = `${CONFIG_MAPS}/a`;
    await cluster.must(cluster.put(path, { ...first, data: { n: '2' } }));
    const stale = await cluster.put(path, { ...first, data: { n: '3' } });
    expect(stale.status).toBe(409);
    expect(stale.body.message).toContain(
      'the object has been modified; please apply your changes to the latest version',
    );
    const stalePatch = await cluster.merge(path, { metadata: { resourceVersion: '1' }, data: { n: '3' } });
    expect(stalePatch.status).toBe(409);
    const blind = await cluster.must(cluster.put(path, { metadata: { name: 'a' }, data: { n: '4' } }));
    expect(blind.data).toEqual({ n: '4' });
    expect(blind.metadata.uid).toBe(first.metadata.uid);
    const otherUid = await cluster.merge(path, { metadata: { uid: 'other' } });
    expect(otherUid.status).toBe(422);
  });

  test('an update that changes nothing keeps the version and wakes nobody', async () => {
    const first = await cluster.createConfigMap('a', { data: { n: '1' } });
    const watch = await cluster.watch(`${CONFIG_MAPS}?resourceVersion=${first.metadata.resourceVersion}`);
    const second = await cluster.must(cluster.merge(`${CONFIG_MAPS}/a`, { data: { n: '1' } }));
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(await watch.summary()).toEqual([]);
  });

  test('the generation counts changes of the spec only', async () => {
    const path = `${DEPLOYMENTS}/web`;
    const generation = async (answer: Promise<Json>): Promise<number> => (await answer).metadata.generation;
    expect(await generation(cluster.must(cluster.post(DEPLOYMENTS, DEPLOYMENT)))).toBe(1);
    expect(await generation(cluster.must(cluster.merge(path, { metadata: { labels: { a: 'b' } } })))).toBe(1);
    expect(await generation(cluster.must(cluster.merge(`${path}/status`, { status: { replicas: 3 } })))).toBe(1);
    expect(await generation(cluster.must(cluster.merge(path, { spec: { replicas: 3 } })))).toBe(2);
    expect(
      await generation(
        cluster
          .must(cluster.put(`${path}/scale`, { spec: { replicas: 3 } }))
          .then(() => cluster.must(cluster.get(path))),
      ),
    ).toBe(2);
  });

  test('the status is written by its subresource only, and nothing else by that', async () => {
    const path = `${DEPLOYMENTS}/web`;
    await cluster.must(cluster.post(DEPLOYMENTS, { ...DEPLOYMENT, status: { replicas: 9 } }));
    expect((await cluster.must(cluster.get(path))).status).toEqual({});
    const main = await cluster.must(cluster.merge(path, { spec: { paused: true }, status: { replicas: 5 } }));
    expect(main.status).toEqual({});
    const status = await cluster.must(
      cluster.merge(`${path}/status`, {
        spec: { paused: false },
        metadata: { labels: { x: 'y' } },
        status: { replicas: 5 },
      }),
    );
    expect(status.status).toEqual({ replicas: 5 });
    expect(status.spec.paused).toBe(true);
    expect(status.metadata).not.toHaveProperty('labels');
  });

  test('scale reads and writes replicas as autoscaling/v1 Scale', async () => {
    await cluster.must(cluster.post(DEPLOYMENTS, DEPLOYMENT));
    const path = `${DEPLOYMENTS}/web/scale`;
    const scale = await cluster.must(cluster.get(path));
    expect(scale).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 1 },
      status: { selector: 'app=web' },
    });
    expect((await cluster.must(cluster.merge(path, { spec: { replicas: 4 } }))).spec).toEqual({ replicas: 4 });
    expect((await cluster.put(path, { ...scale, spec: { replicas: 7 } })).status).toBe(409);
    expect((await cluster.merge(path, { spec: { replicas: -1 } })).status).toBe(422);
    expect((await cluster.must(cluster.get(`${DEPLOYMENTS}/web`))).spec.replicas).toBe(4);
  });

  test('immutable fields stay, with a cause for each field', async () => {
    await cluster.must(cluster.post(DEPLOYMENTS, DEPLOYMENT));
    const { status, body } = await cluster.merge(`${DEPLOYMENTS}/web`, {
      spec: { selector: { matchLabels: { app: 'other' } } },
    });
    expect(status).toBe(422);
    expect(body.details.causes.map((cause: Json) => [cause.reason, cause.field])).toEqual([
      ['FieldValueInvalid', 'spec.template.metadata.labels'],
      ['FieldValueInvalid', 'spec.selector'],
    ]);
  });

  test('a strategic merge patch is for built-in kinds, and every patch needs a known type', async () => {
    await cluster.must(cluster.post(DEPLOYMENTS, DEPLOYMENT));
    const type = 'application/strategic-merge-patch+json';
    const patch = { spec: { template: { spec: { containers: [{ name: 'side', image: 'side:1' }] } } } };
    const merged = await cluster.must(cluster.send('PATCH', `${DEPLOYMENTS}/web`, patch, { 'content-type': type }));
    expect(merged.spec.template.spec.containers.map((container: Json) => container.name)).toEqual(['side', 'web']);
    expect((await cluster.send('PATCH', `${DEPLOYMENTS}/web`, patch, { 'content-type': 'text/plain' })).status).toBe(
      415,
    );
  });

  test('unknown fields: refused, warned about or dropped in silence', async () => {
    const body = { metadata: { name: 'web' }, dada: {}, 'dä"': {}, data: {} };
    const strict = await cluster.post(`${CONFIG_MAPS}?fieldValidation=Strict`, body);
    expect(strict.body.message).toContain('strict decoding error: unknown field "dada"');
    const warned = await cluster.post(CONFIG_MAPS, body);
    expect(warned.headers['warning']).toBe('299 - "unknown field \\"dada\\"", 299 - "unknown field \\"d?\\\\\\"\\""');
    expect(warned.body).not.toHaveProperty('dada');
    const ignored = await cluster.post(`${CONFIG_MAPS}?fieldValidation=Ignore`, { ...body, metadata: { name: 'b' } });
    expect(ignored.headers).not.toHaveProperty('warning');
  });

  test('nobody can change what is stored through what was returned', async () => {
    await cluster.createConfigMap('a', { data: { n: '1' } });
    const stored = cluster.server.context.storage.list('/configmaps')[0];
    expect(Object.isFrozen(stored?.['data'])).toBe(true);
  });
});
