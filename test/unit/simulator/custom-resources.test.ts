import { beforeEach, describe, expect, test } from 'vitest';
import { type Json, TestCluster } from './test-cluster.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', maximum: 10 },
        mode: { type: 'string', default: 'soft' },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, n: { type: 'integer' } },
          },
        },
      },
      'x-kubernetes-validations': [{ rule: 'self.size != 7', message: 'seven is taken' }],
    },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

const definition = (subresources: object = { status: {} }): Json => ({
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      { name: 'v1', served: true, storage: true, subresources, schema: { openAPIV3Schema: schema } },
      { name: 'v1beta1', served: true, storage: false, subresources, schema: { openAPIV3Schema: schema } },
    ],
  },
});

let cluster: TestCluster;
beforeEach(async () => {
  cluster = new TestCluster();
});

const widget = (spec: object, more: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', ...more },
  spec,
});

describe('custom resources', () => {
  test('are served at once and established soon', async () => {
    await cluster.must(cluster.post(DEFINITIONS, definition()));
    expect((await cluster.post(WIDGETS, widget({ size: 1 }))).status).toBe(201);
    await cluster.clock.settle();
    const { status } = await cluster.must(cluster.get(`${DEFINITIONS}/widgets.example.com`));
    expect(status.conditions.map((condition: Json) => `${condition.type}=${condition.status}`)).toEqual([
      'NamesAccepted=True',
      'Established=True',
    ]);
    expect(status).toMatchObject({
      storedVersions: ['v1'],
      acceptedNames: { singular: 'widget', listKind: 'WidgetList' },
    });
  });

  test('are defaulted, pruned, validated, checked by rules', async () => {
    await cluster.must(cluster.post(DEFINITIONS, definition()));
    const created = await cluster.must(cluster.post(WIDGETS, widget({ size: 1, extra: true })));
    expect(created.spec).toEqual({ size: 1, mode: 'soft' });
    const causes = async (spec: object): Promise<string[]> => {
      const { status, body } = await cluster.merge(`${WIDGETS}/a`, { spec });
      expect(status).toBe(422);
      return body.details.causes.map((cause: Json) => `${cause.field}: ${cause.message}`);
    };
    expect(await causes({ size: 11 })).toEqual([expect.stringMatching(/^spec\.size: Invalid value: 11/)]);
    expect(await causes({ size: null })).toContain('spec.size: Required value');
    expect(await causes({ size: 7 })).toEqual([expect.stringContaining('seven is taken')]);
    expect(await causes({ parts: [{ name: 'x' }, { name: 'x' }] })).toEqual([
      expect.stringContaining('Duplicate value'),
    ]);
  });

  test('have the metadata of every object: nulls absent, unknown fields lost, wrong types refused', async () => {
    await cluster.must(cluster.post(DEFINITIONS, definition()));
    const odd = { creationTimestamp: null, labels: null, annotations: { a: 'b' }, cluster: 'x' };
    const created = await cluster.post(WIDGETS, widget({ size: 1 }, odd));
    expect(created.headers['warning']).toContain('unknown field \\"metadata.cluster\\"');
    expect(Object.keys(created.body.metadata)).not.toContain('cluster');
    expect(created.body.metadata).not.toHaveProperty('labels');
    const mistyped = await cluster.merge(`${WIDGETS}/a`, { metadata: { annotations: { a: true } } });
    expect(mistyped.status).toBe(422);
    expect(mistyped.body.message).toContain('metadata.annotations.a');
  });

  test('show the same object in every served version', async () => {
    await cluster.must(cluster.post(DEFINITIONS, definition()));
    await cluster.must(cluster.post(WIDGETS, widget({ size: 1 })));
    const beta = WIDGETS.replace('/v1/', '/v1beta1/');
    expect((await cluster.must(cluster.get(`${beta}/a`))).apiVersion).toBe('example.com/v1beta1');
    const watch = await cluster.watch(beta);
    await cluster.must(cluster.merge(`${WIDGETS}/a`, { spec: { size: 2 } }));
    expect(await watch.summary()).toEqual(['ADDED a', 'MODIFIED a']);
    expect(watch.events[1]?.object.apiVersion).toBe('example.com/v1beta1');
    expect((await cluster.must(cluster.merge(`${beta}/a`, { spec: { size: 3 } }))).metadata.generation).toBe(3);
  });

  test('without a status subresource the status is a field like any other', async () => {
    await cluster.must(cluster.post(DEFINITIONS, definition({})));
    await cluster.must(cluster.post(WIDGETS, { ...widget({ size: 1 }), status: { a: 1 } }));
    const changed = await cluster.must(cluster.merge(`${WIDGETS}/a`, { status: { a: 2 } }));
    expect(changed.status).toEqual({ a: 2 });
    expect(changed.metadata.generation).toBe(2);
    expect((await cluster.merge(`${WIDGETS}/a/status`, { status: {} })).status).toBe(404);
  });

  test('server-side apply merges lists by key, finds conflicts, and removes what is no longer applied', async () => {
    await cluster.must(cluster.post(DEFINITIONS, definition()));
    const apply = (manager: string, spec: object, force = false): ReturnType<TestCluster['send']> =>
      cluster.send('PATCH', `${WIDGETS}/a?fieldManager=${manager}&force=${force}`, widget(spec), {
        'content-type': 'application/apply-patch+yaml',
      });
    expect((await apply('one', { size: 1, parts: [{ name: 'x', n: 1 }] })).status).toBe(201);
    const both = await cluster.must(apply('two', { size: 1, parts: [{ name: 'y', n: 2 }] }));
    expect(both.spec.parts).toEqual([
      { name: 'x', n: 1 },
      { name: 'y', n: 2 },
    ]);
    const conflict = await apply('two', { size: 2, parts: [{ name: 'y', n: 2 }] });
    expect(conflict.status).toBe(409);
    expect(conflict.body.details.causes[0]).toMatchObject({ reason: 'FieldManagerConflict', field: '.spec.size' });
    expect((await apply('two', { size: 2, parts: [{ name: 'y', n: 2 }] }, true)).status).toBe(200);
    const left = await cluster.must(apply('one', { size: 2 }));
    expect(left.spec.parts).toEqual([{ name: 'y', n: 2 }]);
    const again = await cluster.must(apply('one', { size: 2 }));
    expect(again.metadata.resourceVersion).toBe(left.metadata.resourceVersion);
    const elsewhere = await cluster.send('PATCH', `${WIDGETS}/b?fieldManager=one`, widget({ size: 1 }), {
      'content-type': 'application/apply-patch+yaml',
    });
    expect(elsewhere.body.message).toContain('does not match the name on the URL (b)');
    expect(
      (await cluster.send('PATCH', `${WIDGETS}/a`, widget({}), { 'content-type': 'application/apply-patch+yaml' }))
        .status,
    ).toBe(422);
  });

  test('go with their definition, after their finalizers', async () => {
    await cluster.must(cluster.post(DEFINITIONS, definition()));
    await cluster.must(cluster.post(WIDGETS, widget({ size: 1 }, { finalizers: ['x/hold'] })));
    await cluster.clock.settle();
    await cluster.must(cluster.delete(`${DEFINITIONS}/widgets.example.com`));
    await cluster.clock.settle();
    expect((await cluster.must(cluster.get(`${WIDGETS}/a`))).metadata.deletionTimestamp).toBeDefined();
    await cluster.must(cluster.merge(`${WIDGETS}/a`, { metadata: { finalizers: null } }));
    await cluster.clock.settle();
    expect((await cluster.get(WIDGETS)).status).toBe(404);
    expect((await cluster.get(`${DEFINITIONS}/widgets.example.com`)).status).toBe(404);
  });

  test('a definition that cannot be served is refused', async () => {
    const wrong = definition();
    wrong.metadata.name = 'things.example.com';
    wrong.spec.versions[1] = {
      name: 'v2',
      served: true,
      storage: true,
      schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } },
      additionalPrinterColumns: [{ name: 'x', type: 'string', jsonPath: '.spec[' }],
    };
    const { status, body } = await cluster.post(DEFINITIONS, wrong);
    expect(status).toBe(422);
    expect(body.details.causes.map((cause: Json) => cause.field)).toEqual([
      'metadata.name',
      'spec.versions[1].schema.openAPIV3Schema.properties[spec].type',
      'spec.versions[1].additionalPrinterColumns[0].JSONPath',
      'spec.versions',
    ]);
  });
});
