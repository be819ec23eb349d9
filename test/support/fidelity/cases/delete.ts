import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, pod, SERVICE_ACCOUNT, widget } from '../objects.ts';

const DELETION = [
  'metadata.finalizers',
  'metadata.deletionTimestamp',
  'metadata.deletionGracePeriodSeconds',
  'metadata.generation',
];

export const DELETE: FidelityGroup = {
  name: 'delete',
  cases: [
    {
      name: 'an object without finalizers is gone at once',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await api.delete('configmaps/a');
        await api.delete('configmaps/a');
        await api.get('configmaps/a');
        await api.given('widgets', widget());
        await api.delete('widgets/a');
        await api.delete('widgets/a');
        await api.delete('configmaps/a', { kind: 'DeleteOptions', apiVersion: 'v1' });
      },
    },
    {
      name: 'preconditions',
      async play(api) {
        const first = await api.given('configmaps', configMap('a'));
        const { uid, resourceVersion } = first.metadata;
        await api.delete('configmaps/a', { preconditions: { uid: '11111111-2222-4333-8444-555555555555' } });
        await api.patch('merge', 'configmaps/a', { data: { k: '2' } }, { show: ['data'] });
        await api.delete('configmaps/a', { preconditions: { uid, resourceVersion } });
        await api.delete('configmaps/a', { preconditions: { uid } });
      },
    },
    {
      name: 'dry run, and options that are wrong',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await api.delete('configmaps/a?dryRun=All');
        await api.delete('configmaps/a', { dryRun: ['All'] });
        await api.delete('configmaps/a?propagationPolicy=Sideways');
        await api.delete('configmaps/a', { propagationPolicy: 'Sideways' });
        await api.delete('configmaps/a', { propagationPolicy: 'Orphan', orphanDependents: true });
        await api.delete('configmaps/a?dryRun=Some');
        await api.get('configmaps/a', { show: ['data', 'metadata.deletionTimestamp'] });
      },
    },
    {
      name: 'finalizers hold an object, and the last one to go lets it go',
      async play(api) {
        const { metadata } = await api.given('widgets', widget({}, { finalizers: ['x.dev/one', 'x.dev/two'] }));
        const watch = await api.watch(`widgets?resourceVersion=${metadata.resourceVersion}`, { show: DELETION });
        await api.delete('widgets/a');
        await api.delete('widgets/a', undefined, { show: DELETION });
        await api.patch('merge', 'widgets/a', { metadata: { finalizers: ['x.dev/two', 'x.dev/three'] } });
        await api.patch('merge', 'widgets/a', { metadata: { finalizers: ['x.dev/two'] } }, { show: DELETION });
        await api.patch('merge', 'widgets/a', { spec: { size: 4 } }, { show: [...DELETION, 'spec.size'] });
        await api.patch('merge', 'widgets/a/status', { status: { ready: true } }, { show: ['status'] });
        await api.post('widgets', widget());
        await api.patch('merge', 'widgets/a', { metadata: { finalizers: null } }, { show: DELETION });
        await api.get('widgets/a');
        await watch.take(5);
      },
    },
    {
      name: 'finalizers need qualified names',
      async play(api) {
        await api.post('configmaps', configMap('a', {}, { finalizers: ['plain'] }));
        await api.post('widgets', widget({}, { finalizers: ['plain'] }), { show: ['metadata.finalizers'] });
        await api.post('configmaps', configMap('b', {}, { finalizers: ['x.dev/b_ad!'] }));
      },
    },
    {
      name: 'a pod is given its grace period',
      async play(api) {
        await api.given('serviceaccounts', SERVICE_ACCOUNT).catch(() => {});
        await api.given('pods', pod('a'));
        await api.delete('pods/a', undefined, { show: [...DELETION, 'kind'] });
        await api.given('pods', pod('b', { nodeName: 'n1', terminationGracePeriodSeconds: 9 }));
        await api.delete('pods/b', undefined, { show: DELETION });
        await api.delete('pods/b?gracePeriodSeconds=3', undefined, { show: DELETION });
        await api.delete('pods/b?gracePeriodSeconds=20', undefined, { show: DELETION });
        await api.delete('pods/b', { gracePeriodSeconds: 0 }, { show: [...DELETION, 'kind'] });
        await api.get('pods/b');
      },
    },
    {
      name: 'a collection, by selector',
      async play(api) {
        await api.given('configmaps', configMap('a', {}, { labels: { app: 'a' } }));
        await api.given('configmaps', configMap('b', {}, { labels: { app: 'b' } }));
        await api.given('configmaps', configMap('c', {}, { labels: { app: 'a' }, finalizers: ['x.dev/one'] }));
        await api.delete('configmaps?labelSelector=app%3Da', undefined, { show: ['kind', 'items.*.metadata.name'] });
        await api.get('configmaps?labelSelector=app', {
          show: ['items.*.metadata.name', 'items.*.metadata.deletionTimestamp'],
        });
        await api.delete('configmaps?labelSelector=app%3Da%3D', undefined, { words: 'any' });
      },
    },
    {
      name: 'a namespace goes with what is in it, and takes nothing new meanwhile',
      async play(api) {
        await api.given('configmaps', configMap('a', {}, { finalizers: ['x.dev/hold'] }));
        const contents = await api.watch('configmaps?fieldSelector=metadata.name%3Da', { show: DELETION });
        const namespaces = await api.watch('/api/v1/namespaces?fieldSelector=metadata.name%3D:ns', {
          show: ['status.phase', 'spec.finalizers', 'metadata.deletionTimestamp'],
        });
        await contents.take(1);
        await namespaces.take(1);
        await api.delete('/api/v1/namespaces/:ns', undefined, { show: ['kind', 'status.phase', 'spec.finalizers'] });
        await contents.take(1);
        await api.post('configmaps', configMap('b'));
        await api.patch('merge', 'configmaps/a', { metadata: { finalizers: null } }, { show: DELETION });
        await contents.take(1);
        await namespaces.until(({ type }) => type === 'DELETED');
        await api.get('/api/v1/namespaces/:ns');
        await api.post('configmaps', configMap('b'));
      },
    },
  ],
};
