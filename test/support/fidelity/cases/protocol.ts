import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, widget } from '../objects.ts';

export const PROTOCOL: FidelityGroup = {
  name: 'protocol',
  cases: [
    {
      name: 'what is not there',
      async play(api) {
        await api.get('/apis/nobody.dev/v1/namespaces/:ns/things');
        await api.get('/apis/nobody.dev/v1/namespaces/:ns/things/a');
        await api.get('/apis/fidelity.linnet.dev/v1/namespaces/:ns/things');
        await api.get('/apis/apps/v9/namespaces/:ns/deployments');
        await api.get('/api/v1/namespaces/:ns/things');
        await api.get('/nothing');
        await api.get('configmaps/a/nothing');
        await api.get('widgets/a/nothing');
      },
    },
    {
      name: 'methods that are not allowed',
      async play(api) {
        await api.put('configmaps', {});
        await api.patch('merge', 'configmaps', {});
        await api.post('configmaps/a', {});
      },
    },
    {
      name: 'a body that is not JSON, no object, empty, or of an unknown type',
      async play(api) {
        await api.post('configmaps', '{"metadata":', { words: 'any' });
        await api.post('configmaps', '[]', { words: 'any' });
        await api.post('configmaps', '"text"', { words: 'any' });
        await api.post('widgets', '{"metadata":', { words: 'any' });
        await api.post('widgets', '[]', { words: 'any' });
        await api.post('configmaps', '', { words: 'any' });
        await api.post('configmaps', 'x', { headers: { 'content-type': 'text/plain' } });
        await api.post('widgets', 'x', { headers: { 'content-type': 'text/plain' } });
        await api.put('configmaps/a', '{', { words: 'any' });
        await api.delete('configmaps/a', '{', { words: 'any' });
      },
    },
    {
      name: 'YAML is a body, too',
      async play(api) {
        const headers = { 'content-type': 'application/yaml' };
        await api.post('configmaps', 'metadata: {name: a}\ndata: {k: v}\n', { headers, show: ['data'] });
        await api.post('configmaps', 'metadata: {name: a\n', { headers, words: 'any' });
      },
    },
    {
      name: 'a body, or an object, that is too large',
      async play(api) {
        await api.post('configmaps', configMap('a', { k: 'x'.repeat(3 * 1024 * 1024 + 1) }));
        await api.post('configmaps', configMap('a', { k: 'x'.repeat(1024 * 1024 + 1) }));
        await api.given('configmaps', configMap('b'));
        await api.patch('merge', 'configmaps/b', { data: { k: 'x'.repeat(3 * 1024 * 1024 + 1) } });
      },
    },
    {
      name: 'query parameters that are no values',
      async play(api) {
        await api.get('configmaps?limit=many', { words: 'any' });
        await api.get('configmaps?timeoutSeconds=soon', { words: 'any' });
        await api.given('widgets', widget());
        await api.patch('apply', 'widgets/a?fieldManager=one&force=maybe', widget(), { words: 'any' });
        await api.patch('merge', 'widgets/a?force=true', {}, { show: ['kind'] });
        await api.patch('merge', `widgets/a?fieldManager=${'x'.repeat(129)}`, {});
      },
    },
    {
      name: 'discovery of a custom resource',
      async play(api) {
        await api.get('/apis/fidelity.linnet.dev');
        await api.get('/apis/fidelity.linnet.dev/v1', {
          show: [
            'kind',
            'groupVersion',
            ...['name', 'singularName', 'namespaced', 'kind', 'group', 'version', 'shortNames', 'categories'].map(
              (member) => `resources.*.${member}`,
            ),
          ],
        });
      },
    },
  ],
};
