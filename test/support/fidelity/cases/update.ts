import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, gadget, replicaSet, widget } from '../objects.ts';

const VERSIONS = ['metadata.resourceVersion', 'metadata.generation'];

export const UPDATE: FidelityGroup = {
  name: 'update',
  cases: [
    {
      name: 'an update made from a stale read is a conflict',
      async play(api) {
        const first = await api.given('configmaps', configMap('a'));
        await api.put('configmaps/a', { ...first, data: { k: '2' } });
        await api.put('configmaps/a', { ...first, data: { k: '3' } });
        const version = first.metadata.resourceVersion;
        await api.patch('merge', 'configmaps/a', { metadata: { resourceVersion: version }, data: { k: '4' } });
        await api.patch('json', 'configmaps/a', [
          { op: 'test', path: '/metadata/resourceVersion', value: version },
          { op: 'replace', path: '/data/k', value: '5' },
        ]);
        await api.patch('json', 'configmaps/a', [{ op: 'replace', path: '/metadata/resourceVersion', value: version }]);
        const created = await api.given('widgets', widget());
        await api.patch('merge', 'widgets/a', { spec: { size: 4 } }, { show: VERSIONS });
        await api.put('widgets/a', { ...created, spec: { size: 5 } });
        await api.put('widgets/a/status', { ...created, status: { replicas: 5 } });
      },
    },
    {
      name: 'without a resourceVersion: built-in kinds take it, custom resources do not',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await api.put('configmaps/a', configMap('a', { k: '2' }));
        await api.given('widgets', widget());
        await api.put('widgets/a', widget({ size: 4 }));
        await api.put('widgets/a/status', { ...widget(), status: { replicas: 1 } });
        await api.given('leases', { metadata: { name: 'a' }, spec: { holderIdentity: 'one' } });
        await api.put('leases/a', { metadata: { name: 'a' }, spec: { holderIdentity: 'two' } });
        await api.given('replicasets', replicaSet({ replicas: 0 }));
        await api.put('replicasets/a', replicaSet({ replicas: 1 }), { show: ['spec.replicas'] });
      },
    },
    {
      name: 'another uid is a conflict',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        const uid = '11111111-2222-4333-8444-555555555555';
        await api.patch('merge', 'configmaps/a', { metadata: { uid } });
        await api.put('configmaps/a', configMap('a', {}, { uid }));
      },
    },
    {
      name: 'an update that changes nothing makes no new version',
      async play(api) {
        const first = await api.given('configmaps', configMap('a'));
        await api.put('configmaps/a', first, { show: VERSIONS });
        await api.patch('merge', 'configmaps/a', { data: { k: 'v' } }, { show: VERSIONS });
        await api.patch('merge', 'configmaps/a', {}, { show: VERSIONS });
        await api.get('configmaps/a', { show: VERSIONS });
        await api.given('widgets', widget());
        await api.patch('merge', 'widgets/a', { spec: { size: 3 } }, { show: VERSIONS });
        await api.get('widgets/a', { show: VERSIONS });
      },
    },
    {
      name: 'what is missing, named otherwise or elsewhere',
      async play(api) {
        await api.put('configmaps/a', configMap('a'));
        await api.put('leases/a', { metadata: { name: 'a' } });
        await api.put('widgets/a', widget());
        await api.patch('merge', 'configmaps/a', { data: {} });
        await api.patch('merge', 'widgets/a/status', { status: {} });
        await api.given('configmaps', configMap('a'));
        await api.put('configmaps/a', configMap('b'));
        await api.put('configmaps/a', { data: {} });
        await api.put('configmaps/a', configMap('a', {}, { namespace: 'other' }));
        await api.patch('merge', 'configmaps/a', { metadata: { name: 'b' } });
        await api.patch('merge', 'configmaps/a', { metadata: { namespace: 'other' } });
        await api.patch('merge', 'configmaps/a', { kind: 'Secret' }, { words: 'any' });
      },
    },
    {
      name: 'the generation counts changes of the spec',
      async play(api) {
        const show = ['metadata.generation'];
        await api.post('replicasets', replicaSet({ replicas: 0 }), { show });
        await api.patch('merge', 'replicasets/a', { metadata: { labels: { a: 'b' } } }, { show });
        await api.patch('merge', 'replicasets/a', { metadata: { annotations: { a: 'b' } } }, { show });
        await api.patch('merge', 'replicasets/a/status', { status: { replicas: 3 } }, { show });
        await api.patch('merge', 'replicasets/a', { spec: { replicas: 2 } }, { show });
        await api.patch('merge', 'replicasets/a/scale', { spec: { replicas: 0 } });
        await api.get('replicasets/a', { show });
        await api.patch('merge', 'replicasets/a', { metadata: { generation: 77 } }, { show });
      },
    },
    {
      name: 'the generation of custom resources',
      async play(api) {
        const show = ['metadata.generation'];
        await api.post('widgets', widget({}, { generation: 5 }), { show });
        await api.patch('merge', 'widgets/a', { metadata: { labels: { a: 'b' } } }, { show });
        await api.patch('merge', 'widgets/a/status', { status: { replicas: 3 } }, { show });
        await api.patch('merge', 'widgets/a', { spec: { size: 4 } }, { show });
        await api.patch('merge', 'widgets/a/scale', { spec: { replicas: 4 } });
        await api.get('widgets/a', { show });
        await api.post('gadgets', gadget({ spec: { a: 1 }, status: { a: 1 } }), { show });
        await api.patch('merge', 'gadgets/a', { metadata: { annotations: { a: 'b' } } }, { show });
        await api.patch('merge', 'gadgets/a', { status: { a: 2 } }, { show });
        await api.patch('merge', 'gadgets/a', { other: { a: 2 } }, { show });
      },
    },
    {
      name: 'the creation time and what the server owns cannot be changed',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await api.patch('merge', 'configmaps/a', { metadata: { creationTimestamp: '2001-01-01T00:00:00Z' } });
        await api.patch('merge', 'configmaps/a', { metadata: { deletionTimestamp: '2001-01-01T00:00:00Z' } });
        await api.patch('merge', 'configmaps/a', { metadata: { generateName: 'x-' } });
      },
    },
    {
      name: 'dry run changes nothing',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await api.patch('merge', 'configmaps/a?dryRun=All', { data: { k: '2' } });
        await api.put('configmaps/a?dryRun=All', configMap('a', { k: '3' }));
        await api.get('configmaps/a');
        await api.given('widgets', widget({ replicas: 1 }));
        await api.patch('merge', 'widgets/a/scale?dryRun=All', { spec: { replicas: 4 } });
        await api.patch('merge', 'widgets/a/status?dryRun=All', { status: { replicas: 4 } }, { show: ['status'] });
        await api.get('widgets/a', { show: ['spec.replicas', 'status', ...VERSIONS] });
      },
    },
    {
      name: 'immutable fields stay',
      async play(api) {
        await api.given('replicasets', replicaSet({ replicas: 0 }));
        await api.patch('merge', 'replicasets/a', { spec: { selector: { matchLabels: { app: 'b' } } } });
        await api.given('deployments', { ...replicaSet({ replicas: 0 }), kind: 'Deployment' });
        const both = { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } };
        await api.patch('merge', 'deployments/a', { spec: both });
        await api.given('configmaps', { ...configMap('a'), immutable: true });
        await api.patch('merge', 'configmaps/a', { data: { k: '2' } });
        await api.patch('merge', 'configmaps/a', { immutable: false });
        await api.given('services', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } });
        await api.patch('merge', 'services/a', { spec: { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] } });
      },
    },
  ],
};
