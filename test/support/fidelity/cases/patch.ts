import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, deployment, widget } from '../objects.ts';

const CONTAINERS = ['spec.template.spec.containers'];

export const PATCH: FidelityGroup = {
  name: 'patch',
  cases: [
    {
      name: 'json patch: add, replace, remove, test, copy, move',
      async play(api) {
        await api.given(
          'configmaps',
          configMap('a', { one: '1', two: '2' }, { annotations: { 'x.dev/a': '1', c: '2' } }),
        );
        await api.patch(
          'json',
          'configmaps/a',
          [
            { op: 'test', path: '/data/one', value: '1' },
            { op: 'replace', path: '/data/one', value: 'I' },
            { op: 'add', path: '/data/three', value: '3' },
            { op: 'copy', from: '/data/one', path: '/data/four' },
            { op: 'move', from: '/data/two', path: '/data/five' },
            { op: 'remove', path: '/metadata/annotations/x.dev~1a' },
            { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
          ],
          { show: ['data', 'metadata.labels', 'metadata.annotations'] },
        );
      },
    },
    {
      name: 'json patch: a test that fails, paths that lead nowhere, a patch that is none',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await api.patch('json', 'configmaps/a', [{ op: 'test', path: '/data/k', value: 'x' }]);
        await api.patch('json', 'configmaps/a', [{ op: 'remove', path: '/data/none' }]);
        await api.patch('json', 'configmaps/a', [{ op: 'replace', path: '/data/none', value: 'x' }]);
        await api.patch('json', 'configmaps/a', [{ op: 'add', path: '/no/where', value: 'x' }]);
        await api.patch('json', 'configmaps/a', { op: 'add' }, { words: 'any' });
        await api.patch('json', 'configmaps/a', '[{', { words: 'any' });
        await api.patch('json', 'configmaps/a', [{ op: 'add', path: '/data/k', value: 5 }], { words: 'any' });
        await api.get('configmaps/a', { show: ['data'] });
      },
    },
    {
      name: 'json patch: lists',
      async play(api) {
        await api.given('widgets', widget({ steps: [{ name: 'x' }, { name: 'y' }] }));
        await api.patch(
          'json',
          'widgets/a',
          [
            { op: 'add', path: '/spec/steps/0', value: { name: 'first' } },
            { op: 'add', path: '/spec/steps/-', value: { name: 'last' } },
            { op: 'remove', path: '/spec/steps/1' },
          ],
          { show: ['spec.steps'] },
        );
        await api.patch('json', 'widgets/a', [{ op: 'add', path: '/spec/steps/9', value: { name: 'far' } }]);
      },
    },
    {
      name: 'merge patch: null removes, lists are replaced',
      async play(api) {
        await api.given('configmaps', configMap('a', { one: '1', two: '2' }, { labels: { a: 'b' } }));
        const patch = { data: { one: null, three: '3' }, metadata: { labels: null } };
        await api.patch('merge', 'configmaps/a', patch, { show: ['data', 'metadata.labels'] });
        await api.given('widgets', widget({ parts: [{ name: 'x' }, { name: 'y' }], tags: ['a'] }));
        await api.patch('merge', 'widgets/a', { spec: { parts: [{ name: 'z' }], tags: null } }, { show: ['spec'] });
        await api.patch('merge', 'configmaps/a', '[]', { words: 'any' });
        await api.patch('merge', 'configmaps/a', '{', { words: 'any' });
        await api.patch('merge', 'configmaps/a', { data: { k: 1 } }, { words: 'any' });
      },
    },
    {
      name: 'strategic merge patch: containers merge by name, ports by port, and $patch directives',
      async play(api) {
        await api.given('deployments', deployment([{ name: 'a', image: 'a:1', ports: [{ containerPort: 80 }] }]));
        const change = (containers: object[]): object => ({ spec: { template: { spec: { containers } } } });
        const ask = (containers: object[]): Promise<unknown> =>
          api.patch('strategic', 'deployments/a', change(containers), { show: CONTAINERS, words: 'any' });
        await ask([{ name: 'a', image: 'a:2' }]);
        await ask([{ name: 'b', image: 'b:1', env: [{ name: 'X', value: '1' }] }]);
        await ask([{ name: 'b', env: [{ name: 'Y', value: '2' }] }]);
        await ask([{ name: 'a', ports: [{ containerPort: 80, name: 'http' }] }]);
        await ask([{ name: 'b', env: [{ name: 'X', $patch: 'delete' }] }]);
        await ask([{ name: 'a', $patch: 'delete' }]);
        await ask([{ $patch: 'replace' }, { name: 'c', image: 'c:1' }]);
        await ask([{ image: 'c:1' }]);
      },
    },
    {
      name: 'strategic merge patch: null removes, $retainKeys and order directives',
      async play(api) {
        await api.given('deployments', deployment());
        const show = ['spec.strategy', 'spec.revisionHistoryLimit', 'metadata.annotations'];
        await api.patch('strategic', 'deployments/a', { metadata: { annotations: { a: '1', b: '2' } } }, { show });
        await api.patch('strategic', 'deployments/a', { metadata: { annotations: { a: null } } }, { show });
        await api.patch('strategic', 'deployments/a', { spec: { revisionHistoryLimit: null } }, { show });
        const recreate = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
        await api.patch('strategic', 'deployments/a', recreate, { show });
        await api.patch('strategic', 'deployments/a', { spec: { strategy: { $patch: 'bogus' } } }, { words: 'any' });
      },
    },
    {
      name: 'strategic merge patch: conditions of a status merge by type, finalizers by value',
      async play(api) {
        await api.given('deployments', deployment());
        const ask = (conditions: object[]): Promise<unknown> =>
          api.patch(
            'strategic',
            'deployments/a/status',
            { status: { conditions } },
            { show: ['status.conditions.*.type'] },
          );
        await ask([{ type: 'Available', status: 'True' }]);
        await ask([{ type: 'Progressing', status: 'True' }]);
        const show = ['metadata.finalizers'];
        await api.patch('strategic', 'deployments/a', { metadata: { finalizers: ['x.dev/a'] } }, { show });
        await api.patch('strategic', 'deployments/a', { metadata: { finalizers: ['x.dev/b'] } }, { show });
        const removal = { metadata: { '$deleteFromPrimitiveList/finalizers': ['x.dev/a'] } };
        await api.patch('strategic', 'deployments/a', removal, { show });
      },
    },
    {
      name: 'strategic merge patch is not for custom resources, and a patch needs a type',
      async play(api) {
        await api.given('widgets', widget());
        await api.patch('strategic', 'widgets/a', { spec: { size: 4 } });
        const headers = (type: string): object => ({ headers: { 'content-type': type } });
        await api.patch('merge', 'widgets/a', '{}', headers('application/json'));
        await api.given('configmaps', configMap('a'));
        await api.patch('merge', 'configmaps/a', '{}', { ...headers('text/plain'), words: 'any' });
      },
    },
    {
      name: 'unknown fields of a patch',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await api.patch('merge', 'configmaps/a?fieldValidation=Strict', { dada: {} }, { words: 'any' });
        await api.patch('merge', 'configmaps/a', { dada: {} }, { show: ['data'] });
        await api.patch('strategic', 'configmaps/a?fieldValidation=Strict', { dada: {} }, { words: 'any' });
        await api.given('widgets', widget());
        await api.patch(
          'merge',
          'widgets/a?fieldValidation=Strict',
          { spec: { sise: 4, options: { dept: 1 } } },
          { words: 'any' },
        );
        await api.patch('merge', 'widgets/a', { spec: { sise: 4, options: { dept: 1 } } }, { show: ['spec'] });
        await api.patch('merge', 'widgets/a/status', { status: { red: true } }, { show: ['status'] });
        await api.patch('json', 'widgets/a?fieldValidation=Strict', [{ op: 'add', path: '/spec/x', value: 1 }], {
          words: 'any',
        });
      },
    },
  ],
};
