import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, widget } from '../objects.ts';

const SEEN = ['metadata.name', 'metadata.resourceVersion', 'metadata.labels', 'metadata.annotations', 'data', 'spec'];

export const WATCH: FidelityGroup = {
  name: 'watch',
  cases: [
    {
      name: 'without a version: what is there, then what happens',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        const watch = await api.watch('configmaps?fieldSelector=metadata.name%21%3Dkube-root-ca.crt', { show: SEEN });
        await watch.take(1);
        await api.given('configmaps', configMap('b'));
        await api.patch('merge', 'configmaps/a', { data: { k: '2' } }, { show: SEEN });
        await api.delete('configmaps/b');
        await watch.take(3);
      },
    },
    {
      name: 'from a version: what happened since',
      async play(api) {
        const { metadata } = await api.given('configmaps', configMap('a'));
        await api.patch('merge', 'configmaps/a', { data: { k: '2' } }, { show: SEEN });
        await api.given('configmaps', configMap('b'));
        await api.delete('configmaps/a');
        const watch = await api.watch(`configmaps?resourceVersion=${metadata.resourceVersion}`, { show: SEEN });
        await watch.take(3);
      },
    },
    {
      name: 'from version 0: what is there',
      async play(api) {
        await api.given('widgets', widget());
        await api.look('widgets');
        const watch = await api.watch('widgets?resourceVersion=0', { show: SEEN });
        await watch.take(1);
      },
    },
    {
      name: 'events have the form of objects',
      async play(api) {
        await api.given('widgets', widget());
        const watch = await api.watch('widgets');
        await watch.take(1);
        await api.delete('widgets/a');
        await watch.take(1);
      },
    },
    {
      name: 'labels that come and go are objects that come and go',
      async play(api) {
        const { metadata } = await api.given('configmaps', configMap('a'));
        const watch = await api.watch(`configmaps?labelSelector=app%3Dx&resourceVersion=${metadata.resourceVersion}`, {
          show: SEEN,
        });
        const label = (app: string | null): Promise<unknown> =>
          api.patch('merge', 'configmaps/a', { metadata: { labels: { app } } }, { show: ['metadata.resourceVersion'] });
        await label('y');
        await label('x');
        await api.patch('merge', 'configmaps/a', { data: { k: '2' } }, { show: ['metadata.resourceVersion'] });
        await label('y');
        await label('x');
        await api.delete('configmaps/a');
        await watch.take(5);
      },
    },
    {
      name: 'a single name is watched by field selector; its own path is not watched',
      async play(api) {
        const { metadata } = await api.given('widgets', widget());
        const from = `resourceVersion=${metadata.resourceVersion}`;
        const bySelector = await api.watch(`widgets?fieldSelector=metadata.name%3Db&${from}`, { show: SEEN });
        await api.patch('merge', 'widgets/a', { spec: { size: 4 } }, { show: SEEN });
        await api.given('widgets', widget({}, { name: 'b' }));
        await bySelector.take(1);
        await api.get('widgets/b?watch=true', { show: SEEN });
      },
    },
    {
      name: 'initial events, and the bookmark that ends them',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
        const watch = await api.watch(`configmaps?labelSelector=%21none&fieldSelector=metadata.name%3Da&${query}`);
        await watch.take(2);
        await api.patch('merge', 'configmaps/a', { data: { k: '2' } }, { show: SEEN });
        await watch.take(1);
      },
    },
    {
      name: 'initial events: what has to go with them',
      async play(api) {
        await api.watch('configmaps?sendInitialEvents=true');
        await api.watch('configmaps?sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=5');
        await api.watch('configmaps?resourceVersionMatch=NotOlderThan');
        await api.get('configmaps?sendInitialEvents=true&resourceVersionMatch=NotOlderThan');
      },
    },
    {
      name: 'no initial events',
      async play(api) {
        await api.given('widgets', widget());
        const query = 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan';
        const watch = await api.watch(`widgets?${query}`, { show: SEEN });
        await api.given('widgets', widget({}, { name: 'b' }));
        await watch.take(1);
      },
    },
    {
      name: 'a version that is forgotten',
      async play(api) {
        await api.given('widgets', widget());
        await api.compact();
        const watch = await api.watch('widgets?resourceVersion=1');
        await watch.end();
      },
    },
    {
      name: 'a version that has not been, or is none',
      async play(api) {
        await api.watch('configmaps?resourceVersion=abc', { words: 'any' });
        await api.watch('configmaps?resourceVersion=99999999&timeoutSeconds=1');
        await api.get('configmaps?resourceVersion=99999999');
        await api.get('configmaps?resourceVersion=abc', { words: 'any' });
      },
    },
    {
      name: 'a time limit ends it',
      async play(api) {
        const { metadata } = await api.given('configmaps', configMap('a'));
        const watch = await api.watch(`configmaps?timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`);
        await watch.end();
      },
    },
    {
      name: 'as metadata alone, and as a table',
      async play(api) {
        await api.given('widgets', widget());
        const headers = (as: string): object => ({
          headers: { accept: `application/json;as=${as};v=v1;g=meta.k8s.io` },
        });
        const partial = await api.watch('widgets', headers('PartialObjectMetadata'));
        await partial.take(1);
        const table = await api.watch('widgets', {
          ...headers('Table'),
          show: ['kind', 'columnDefinitions.*.name', 'rows.*.object.kind'],
        });
        await table.take(1);
        await api.given('widgets', widget({}, { name: 'b' }));
        await table.take(1);
      },
    },
    {
      name: 'old style: the path says watch',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        const watch = await api.watch('/api/v1/watch/namespaces/:ns/configmaps/a', { show: SEEN });
        await watch.take(1);
      },
    },
  ],
};
