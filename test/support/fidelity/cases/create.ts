import type { FidelityGroup } from '../fidelity-case.ts';
import { gadget, replicaSet, widget } from '../objects.ts';

export const CREATE: FidelityGroup = {
  name: 'create',
  cases: [
    {
      name: 'the server fills in what it owns, and ignores what clients say of it',
      async play(api) {
        await api.post('configmaps', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: {
            name: 'a',
            uid: 'mine',
            generation: 9,
            selfLink: '/x',
            creationTimestamp: '2020-01-01T00:00:00Z',
            deletionTimestamp: '2020-01-01T00:00:00Z',
            deletionGracePeriodSeconds: 5,
          },
          data: { k: 'v' },
        });
      },
    },
    {
      name: 'kind and apiVersion may be absent',
      async play(api) {
        await api.post('configmaps', { metadata: { name: 'a' } });
      },
    },
    {
      name: 'generateName',
      async play(api) {
        await api.post('configmaps', { metadata: { generateName: 'a-' } });
        await api.post('configmaps', { metadata: { generateName: 'a-', name: 'b' } });
      },
    },
    {
      name: 'what exists already',
      async play(api) {
        await api.given('configmaps', { metadata: { name: 'a' } });
        await api.post('configmaps', { metadata: { name: 'a' } });
        await api.given('replicasets', replicaSet());
        await api.post('replicasets', replicaSet());
        await api.post('configmaps?dryRun=All', { metadata: { name: 'a' } });
      },
    },
    {
      name: 'no name',
      async play(api) {
        await api.post('configmaps', { metadata: {} });
        await api.post('configmaps', {});
      },
    },
    {
      name: 'another namespace, kind or version than that of the URL, and a namespace that is missing',
      async play(api) {
        await api.post('configmaps', { metadata: { name: 'a', namespace: 'other' } });
        await api.post('configmaps', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }, { words: 'any' });
        await api.post('deployments', { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'a' } });
        await api.post('/api/v1/namespaces/nowhere/configmaps', { metadata: { name: 'a' } });
        await api.post('/api/v1/configmaps', { metadata: { name: 'a' } });
        await api.post('/api/v1/namespaces', { metadata: { name: 'b-of-fidelity', namespace: 'default' } });
      },
    },
    {
      name: 'a resourceVersion',
      async play(api) {
        await api.post('configmaps', { metadata: { name: 'a', resourceVersion: '1' } });
      },
    },
    {
      name: 'dry run stores nothing',
      async play(api) {
        await api.post('configmaps?dryRun=All', { metadata: { name: 'a' } });
        await api.post('configmaps?dryRun=All', { metadata: { generateName: 'a-' } });
        await api.get('configmaps/a');
        await api.post('configmaps?dryRun=Some', { metadata: { name: 'a' } });
      },
    },
    {
      name: 'unknown fields of a built-in kind: refused, told or dropped',
      async play(api) {
        const body = { metadata: { name: 'a', labelz: {} }, data: { a: 'b' }, dada: {}, 'd"q': 1 };
        await api.post('configmaps?fieldValidation=Strict', body);
        await api.post('configmaps?fieldValidation=Warn', body);
        await api.post('configmaps', { ...body, metadata: { name: 'b' } });
        await api.post('configmaps?fieldValidation=Ignore', { ...body, metadata: { name: 'c' } });
        await api.post('configmaps?fieldValidation=Perhaps', { metadata: { name: 'd' } });
      },
    },
    {
      name: 'a field that occurs twice',
      async play(api) {
        const text = '{"metadata":{"name":"a"},"data":{"k":"1"},"data":{"k":"2"}}';
        await api.post('configmaps?fieldValidation=Strict', text);
        await api.post('configmaps', text);
      },
    },
    {
      name: 'a wrong type in a built-in kind',
      async play(api) {
        await api.post('configmaps', { metadata: { name: 'a' }, data: { k: 1 } }, { words: 'any' });
        await api.post('configmaps', { metadata: { name: 'a' }, data: [] }, { words: 'any' });
        await api.post('configmaps', { metadata: { name: 1 } }, { words: 'any' });
        await api.post('deployments', { metadata: { name: 'a' }, spec: { replicas: 'three' } }, { words: 'any' });
        await api.post('services', { metadata: { name: 'a' }, spec: { ports: [{ port: '80' }] } }, { words: 'any' });
      },
    },
    {
      name: 'a status is not taken from the creator where there is a status subresource',
      async play(api) {
        await api.post(
          'replicasets',
          { ...replicaSet({ replicas: 0 }), status: { replicas: 7 } },
          { show: ['status'] },
        );
        await api.post('widgets', { ...widget(), status: { replicas: 7 } }, { show: ['status'] });
        await api.post('gadgets', gadget({ status: { replicas: 7 } }), { show: ['status'] });
      },
    },
  ],
};
