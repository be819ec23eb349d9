import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, deployment, widget } from '../objects.ts';
import type { Answer, AskOptions, Probe } from '../probe.ts';

const DATA = { show: ['data', 'metadata.resourceVersion'] };

function apply(
  api: Probe,
  manager: string,
  path: string,
  body: unknown,
  options?: AskOptions,
  force = false,
): Promise<Answer> {
  const query = `${path.includes('?') ? '&' : '?'}fieldManager=${manager}${force ? '&force=true' : ''}`;
  return api.patch('apply', path + query, body, options);
}

const data = (content: object, metadata: object = {}): object => configMap('a', content, metadata);

export const APPLY: FidelityGroup = {
  name: 'apply',
  cases: [
    {
      name: 'creates what is missing',
      async play(api) {
        await apply(api, 'one', 'configmaps/a', data({ a: '1' }), { show: 'everything' });
        await apply(api, 'one', 'widgets/a', widget(), { show: 'everything' });
        await apply(api, 'one', 'configmaps/b?dryRun=All', configMap('b'));
        await api.get('configmaps/b');
        await apply(api, 'one', 'widgets/none/status', widget({}, { name: 'none' }));
      },
    },
    {
      name: 'what is no longer applied goes, what others wrote stays',
      async play(api) {
        await apply(api, 'one', 'configmaps/a', data({ a: '1', b: '2' }), DATA);
        await api.patch('merge', 'configmaps/a?fieldManager=other', { data: { c: '3' } }, DATA);
        await apply(api, 'one', 'configmaps/a', data({ b: '2' }), DATA);
        await apply(api, 'one', 'configmaps/a', data({ b: '2' }), DATA);
        await api.get('configmaps/a', { show: 'everything' });
      },
    },
    {
      name: 'a field of another manager is a conflict, unless forced or of the same value',
      async play(api) {
        await apply(api, 'one', 'configmaps/a', data({ a: '1', b: '1' }), DATA);
        await apply(api, 'two', 'configmaps/a', data({ a: '1' }), DATA);
        await apply(api, 'two', 'configmaps/a', data({ a: '2', b: '2' }));
        await apply(api, 'two', 'configmaps/a', data({ a: '2' }), { show: 'everything' }, true);
        await apply(api, 'one', 'configmaps/a', data({ b: '1' }), DATA);
        await api.patch('merge', 'configmaps/a?fieldManager=hand', { data: { b: 'x' } }, DATA);
        await apply(api, 'one', 'configmaps/a', data({ b: '1' }));
      },
    },
    {
      name: 'conflicts with several managers, updates and subresources are told',
      async play(api) {
        await api.given('widgets?fieldManager=creator', widget({ replicas: 1 }));
        await api.patch('merge', 'widgets/a/scale?fieldManager=scaler', { spec: { replicas: 2 } });
        await apply(api, 'one', 'widgets/a', widget({ replicas: 3 }));
        await apply(api, 'one', 'widgets/a', widget({ replicas: 3, size: 4 }));
        await api.patch(
          'merge',
          'widgets/a/status?fieldManager=boss',
          { status: { replicas: 2 } },
          { show: ['status'] },
        );
        await apply(api, 'one', 'widgets/a/status', { ...widget(), status: { replicas: 3 } });
        await api.get('widgets/a', { show: ['metadata.managedFields'] });
      },
    },
    {
      name: 'a shared field stays until its last applier lets go',
      async play(api) {
        await apply(api, 'one', 'configmaps/a', data({ a: '1', b: '1' }), DATA);
        await apply(api, 'two', 'configmaps/a', data({ a: '1' }), DATA);
        await apply(api, 'one', 'configmaps/a', data({ b: '1' }), DATA);
        await apply(api, 'two', 'configmaps/a', data({}), DATA);
      },
    },
    {
      name: 'lists: maps merge by key, sets by value, others as a whole',
      async play(api) {
        const options = { show: ['spec.parts', 'spec.tags', 'spec.steps'] };
        await apply(
          api,
          'one',
          'widgets/a',
          widget({ parts: [{ name: 'x' }], tags: ['a', 'b'], steps: [{ name: 's' }] }),
          options,
        );
        await apply(api, 'two', 'widgets/a', widget({ parts: [{ name: 'y', count: 5 }], tags: ['b', 'c'] }), options);
        await apply(api, 'one', 'widgets/a', widget({ parts: [{ name: 'x', count: 2 }], tags: ['b'] }), options);
        await apply(api, 'two', 'widgets/a', widget({ parts: [{ name: 'x', count: 3 }] }));
        await apply(api, 'two', 'widgets/a', widget({ parts: [{ count: 3 }] }), { words: 'any' });
        await apply(api, 'two', 'widgets/a', widget({ parts: [{ name: 'q' }, { name: 'q' }] }), { words: 'any' });
        await api.get('widgets/a', { show: ['metadata.managedFields'] });
      },
    },
    {
      name: 'containers, their ports and environment, merge by their keys',
      async play(api) {
        const options = { show: ['spec.replicas', 'spec.template.spec.containers.*.image', 'metadata.managedFields'] };
        const first = deployment([
          { name: 'a', image: 'a:1', ports: [{ containerPort: 80 }], env: [{ name: 'X', value: '1' }] },
        ]);
        await apply(api, 'one', 'deployments/a', first, options);
        await apply(api, 'two', 'deployments/a', deployment([{ name: 'b', image: 'b:1' }]), options);
        await apply(api, 'two', 'deployments/a', deployment([{ name: 'a', image: 'a:2' }]));
        await apply(api, 'two', 'deployments/a', deployment([{ image: 'a:2' }]), { words: 'any' });
      },
    },
    {
      name: 'replicas are left to an autoscaler when they are not applied',
      async play(api) {
        const show = { show: ['spec.replicas'] };
        await apply(api, 'one', 'widgets/a', widget({ replicas: 2 }), show);
        await api.patch('merge', 'widgets/a/scale?fieldManager=hpa', { spec: { replicas: 5 } });
        await apply(api, 'one', 'widgets/a', widget(), show);
        await api.get('widgets/a', { show: ['metadata.managedFields'] });
      },
    },
    {
      name: 'what an apply must say',
      async play(api) {
        await api.patch('apply', 'configmaps/a', data({}));
        await apply(api, 'one', 'configmaps/b', data({}));
        await apply(api, 'one', 'configmaps/a', data({}, { managedFields: [{ manager: 'x' }] }), { words: 'any' });
        await apply(api, 'one', 'configmaps/a', { metadata: { name: 'a' } });
        await apply(
          api,
          'one',
          'configmaps/a',
          { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
          { words: 'any' },
        );
        await apply(api, 'one', 'configmaps/a', '{{', { words: 'any' });
        await apply(api, 'one', 'configmaps/a', data({ a: 1 }), { words: 'any' });
        await apply(api, 'one', 'configmaps/a?fieldValidation=Strict', { ...data({}), dada: 1 });
        await apply(api, 'one', 'widgets/a?fieldValidation=Strict', widget({ sise: 1 }));
        await apply(api, 'one', 'widgets/a', widget({ sise: 1 }));
        await apply(api, 'one', 'widgets/a', widget({ size: 'x' }), { words: 'any' });
        await apply(api, 'one', 'widgets/a', widget({ size: 11 }));
      },
    },
    {
      name: 'with a resourceVersion',
      async play(api) {
        const first = await api.given('configmaps', data({ a: '1' }));
        const { resourceVersion } = first.metadata;
        await api.patch('merge', 'configmaps/a', { data: { b: '1' } }, DATA);
        await apply(api, 'one', 'configmaps/a', data({ c: '1' }, { resourceVersion }));
        await apply(api, 'one', 'configmaps/none', configMap('none', {}, { resourceVersion }));
        await apply(api, 'one', 'configmaps/none', configMap('none', {}, { uid: first.metadata.uid }));
      },
    },
    {
      name: 'managers of creates, updates and status',
      async play(api) {
        await api.post('configmaps?fieldManager=creator', data({ a: '1', b: '1' }, { labels: { x: 'y' } }), {
          show: 'everything',
        });
        await api.put('configmaps/a?fieldManager=updater', data({ a: '2' }), { show: ['metadata.managedFields'] });
        await api.given('widgets?fieldManager=creator', widget());
        await api.patch('merge', 'widgets/a/status?fieldManager=boss', { status: { ready: true } });
        await api.get('widgets/a', { show: ['metadata.managedFields'] });
        await api.patch(
          'merge',
          'widgets/a',
          { metadata: { managedFields: [] } },
          { show: ['metadata.managedFields'] },
        );
      },
    },
  ],
};
