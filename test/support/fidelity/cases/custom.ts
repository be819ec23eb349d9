import { DEFINITIONS } from '../custom-resources.ts';
import type { FidelityGroup } from '../fidelity-case.ts';
import { gadget, widget } from '../objects.ts';
import type { Answer, Probe } from '../probe.ts';

const SPEC = { show: ['spec'] };
const create = (api: Probe, spec: object): Promise<Answer> => api.post('widgets?dryRun=All', widget(spec), SPEC);

function definition(plural: string, schema: unknown, more: object = {}): object {
  const kind = plural.slice(0, 1).toUpperCase() + plural.slice(1, -1);
  return {
    metadata: { name: `${plural}.fidelity.linnet.dev` },
    spec: {
      group: 'fidelity.linnet.dev',
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }],
    },
  };
}

export const CUSTOM: FidelityGroup = {
  name: 'custom',
  cases: [
    {
      name: 'defaults are filled in, also in defaults and list items',
      async play(api) {
        await create(api, {});
        await create(api, { mode: 'hard', options: { depth: 1 }, parts: [{ name: 'x' }, { name: 'y', count: 2 }] });
        await create(api, { mode: null, options: null });
      },
    },
    {
      name: 'unknown fields are pruned, told or refused',
      async play(api) {
        const body = widget({
          sise: 1,
          options: { dept: 2 },
          parts: [{ name: 'x', cunt: 1 }],
          free: { any: { thing: 1 } },
        });
        await api.post('widgets?dryRun=All&fieldValidation=Strict', body);
        await api.post('widgets?dryRun=All&fieldValidation=Warn', body, SPEC);
        await api.post('widgets?dryRun=All&fieldValidation=Ignore', body, SPEC);
        await api.post('widgets?dryRun=All', { ...body, extra: 1 }, { show: ['spec', 'extra'] });
        await api.post('widgets?dryRun=All', widget({}, { labelz: {} }), { show: ['metadata.labelz'] });
        await api.post('widgets?dryRun=All&fieldValidation=Strict', widget({}, { labelz: {} }));
      },
    },
    {
      name: 'wrong types',
      async play(api) {
        await create(api, { size: 'three' });
        await api.post('widgets', widget({ size: 1.5 }), { words: 'any' });
        await create(api, { label: 5, enabled: 'yes', parts: {}, values: { a: 1 } });
        await create(api, { parts: ['x'] });
        await create(api, { port: 'http' });
        await create(api, { port: true });
        await create(api, { ratio: 1 });
        await create(api, { size: null });
        await create(api, { label: null });
        await create(api, { options: 'x' });
        await create(api, { options: [] });
      },
    },
    {
      name: 'required, enum, bounds, patterns, formats',
      async play(api) {
        await api.post('widgets', { ...widget(), spec: {} });
        await api.post('widgets', { apiVersion: 'fidelity.linnet.dev/v1', kind: 'Widget', metadata: { name: 'a' } });
        await create(api, { mode: 'medium' });
        await create(api, { size: 0 });
        await create(api, { size: 11 });
        await create(api, { ratio: 0 });
        await create(api, { label: 'toolong' });
        await create(api, { label: 'A1' });
        await create(api, { when: 'yesterday' });
        await create(api, { replicas: 3_000_000_000 });
        await create(api, { parts: [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }] });
        await create(api, { parts: [{ count: 1 }] });
        await create(api, { size: 11, mode: 'medium', label: 'A1' });
      },
    },
    {
      name: 'duplicates in list maps and sets',
      async play(api) {
        await create(api, { parts: [{ name: 'x' }, { name: 'x' }] });
        await create(api, { tags: ['x', 'y', 'x'] });
        await create(api, { steps: [{ name: 'x' }, { name: 'x' }] });
      },
    },
    {
      name: 'oneOf',
      async play(api) {
        await create(api, { choice: { left: 'x' } });
        await create(api, { choice: {} });
        await create(api, { choice: { left: 'x', right: 'y' } });
      },
    },
    {
      name: 'rules',
      async play(api) {
        await create(api, { size: 7 });
        await create(api, { label: 'bad' });
        await create(api, { label: 'bad', size: 7 });
        await api.given('widgets', widget({ fixed: 'x' }));
        await api.patch('merge', 'widgets/a', { spec: { fixed: 'y' } });
        await api.patch('merge', 'widgets/a', { spec: { fixed: null } }, SPEC);
        await api.patch('merge', 'widgets/a', { spec: { fixed: 'y' } }, SPEC);
      },
    },
    {
      name: 'an update is validated; what was wrong before and did not change is forgiven',
      async play(api) {
        await api.given('widgets', widget());
        await api.patch('merge', 'widgets/a', { spec: { size: 11 } });
        await api.patch('merge', 'widgets/a', { spec: { size: 'x' } });
        await api.patch('merge', 'widgets/a', { spec: null });
        await api.patch('json', 'widgets/a', [{ op: 'remove', path: '/spec/size' }]);
        await api.patch('merge', 'widgets/a', { spec: { size: 10 } }, SPEC);
      },
    },
    {
      name: 'a kind without schema keeps everything',
      async play(api) {
        await api.post('gadgets', gadget({ spec: { a: [1, 'x', null, { b: 1.5 }] }, other: null, list: [] }));
        await api.patch('merge', 'gadgets/a', { spec: { a: null, big: 9_007_199_254_740_991, float: 1e21 } });
      },
    },
    {
      name: 'kind, version and metadata are checked',
      async play(api) {
        await api.post('widgets', { spec: { size: 1 }, metadata: { name: 'a' } }, { words: 'any' });
        await api.post('widgets', { ...widget(), kind: 'Gadget' });
        await api.post('widgets', widget({}, { annotations: { a: true } }), { words: 'any' });
        await api.post('widgets', widget({}, { labels: { a: 'not a label' } }));
        await api.post('widgets', widget({}, { labels: null, creationTimestamp: null }), { show: ['metadata'] });
        await api.get('/apis/fidelity.linnet.dev/v2/namespaces/:ns/widgets');
        await api.get('/apis/fidelity.linnet.dev/v1/widgets?labelSelector=none', { show: ['kind', 'items'] });
        await api.post('/apis/fidelity.linnet.dev/v1/widgets', widget());
      },
    },
    {
      name: 'a definition is accepted, served and established',
      async play(api) {
        await api.post(
          DEFINITIONS,
          definition('gizmos', { type: 'object', properties: { spec: { type: 'object' } } }),
          { show: ['spec'] },
        );
        const watch = await api.watch(`${DEFINITIONS}?fieldSelector=metadata.name%3Dgizmos.fidelity.linnet.dev`);
        const isEstablished = (condition: { type: string; status: string }): boolean =>
          condition.type === 'Established' && condition.status === 'True';
        await watch.until(({ object }) => object.status?.conditions?.some(isEstablished) === true);
        const path = `${DEFINITIONS}/gizmos.fidelity.linnet.dev`;
        await api.get(path, { show: ['status'] });
        await api.delete(path, undefined, { show: ['kind', 'status'] });
        await watch.until(({ type }) => type === 'DELETED');
      },
    },
    {
      name: 'a definition that cannot be served is refused',
      async play(api) {
        const ask = (schema: unknown, more?: object, words?: 'any'): Promise<Answer> =>
          api.post(
            `${DEFINITIONS}?dryRun=All`,
            definition('things', schema, more),
            words === undefined ? {} : { words },
          );
        await ask(undefined);
        await ask({ type: 'string' });
        await ask({ type: 'object', properties: { spec: {} } });
        await ask({ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'array' } } } } });
        await ask({ type: 'object', properties: { a: { type: 'integer', default: 'x' } } });
        await ask({ type: 'object' }, { additionalPrinterColumns: [{ name: 'x', type: 'text', jsonPath: 'spec' }] });
        await ask({ type: 'object' }, { storage: false }, 'any');
        const misnamed = {
          ...definition('things', { type: 'object' }),
          metadata: { name: 'other.fidelity.linnet.dev' },
        };
        await api.post(`${DEFINITIONS}?dryRun=All`, misnamed);
      },
    },
  ],
};
