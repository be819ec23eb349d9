import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, pod, replicaSet, SERVICE_ACCOUNT, widget } from '../objects.ts';
import type { Probe } from '../probe.ts';

const NAMES = ['items.*.metadata.name', 'metadata'];

async function three(api: Probe): Promise<void> {
  for (const [name, tier] of [
    ['a', 'web'],
    ['b', 'db'],
    ['c', 'web'],
  ] as const) {
    await api.given('widgets', widget({}, { name, labels: { tier, [name]: '' } }));
  }
}

export const LIST: FidelityGroup = {
  name: 'list',
  cases: [
    {
      name: 'a list and its items',
      async play(api) {
        await api.get('widgets');
        await api.given('widgets', widget());
        await api.get('widgets');
        await api.given('leases', { metadata: { name: 'a' } });
        await api.get('leases');
        await api.get('/api/v1/namespaces/nowhere/configmaps');
      },
    },
    {
      name: 'pages',
      async play(api) {
        await three(api);
        const { body } = await api.get('widgets?limit=2', { show: NAMES });
        await api.given('widgets', widget({}, { name: 'd' }));
        await api.get(`widgets?limit=2&continue=${body.metadata.continue}`, { show: NAMES });
        await api.get('widgets?limit=4', { show: NAMES });
        await api.get('widgets?limit=1&labelSelector=tier%3Dweb', { show: NAMES });
        await api.get('widgets?limit=2&resourceVersion=0', { show: NAMES });
        await api.get('widgets?limit=-1', { show: NAMES });
        await api.get('widgets?limit=x', { words: 'any' });
      },
    },
    {
      name: 'a continue token that is expired, foreign or combined with a version',
      async play(api) {
        await three(api);
        await api.compact();
        const token = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
        const old = token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a\u0000' });
        const { body } = await api.get(`widgets?limit=1&continue=${old}`);
        await api.get(`widgets?limit=1&continue=${body.metadata.continue}`, { show: NAMES });
        await api.get('widgets?limit=1&continue=garbage', { words: 'any' });
        await api.get(`widgets?limit=1&continue=${token({ v: 'x', rv: 1, start: 'a' })}`, { words: 'any' });
        await api.get(`widgets?limit=1&resourceVersion=5&continue=${old}`);
      },
    },
    {
      name: 'versions: exact, not older, forgotten, wrong',
      async play(api) {
        await three(api);
        const { resourceVersion } = (await api.look('widgets/a')).metadata;
        await api.get(`widgets?resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`, { show: NAMES });
        await api.get(`widgets?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`, {
          show: ['items.*.metadata.name'],
        });
        await api.get(`widgets?resourceVersion=${resourceVersion}`, { show: NAMES });
        await api.get('widgets?resourceVersionMatch=Exact');
        await api.get('widgets?resourceVersion=0&resourceVersionMatch=Exact');
        await api.get('widgets?resourceVersion=5&resourceVersionMatch=Roughly');
        await api.compact();
        await api.get('widgets?resourceVersion=1&resourceVersionMatch=Exact');
        await api.get('widgets/a?resourceVersion=0', { show: ['metadata.name'] });
      },
    },
    {
      name: 'label selectors',
      async play(api) {
        await three(api);
        const ask = (selector: string): Promise<unknown> =>
          api.get(`widgets?labelSelector=${encodeURIComponent(selector)}`, {
            show: ['items.*.metadata.name'],
            words: 'any',
          });
        for (const selector of [
          'tier=web',
          'tier!=web',
          'tier in (db, web),!a',
          'tier notin (db)',
          'a',
          '!a',
          'b=',
          'tier==web,c',
        ])
          await ask(selector);
        for (const selector of ['tier=web=x', 'tier in web', ',', 'a b', 'tier in ()', '-x=1', 'tier=_a'])
          await ask(selector);
      },
    },
    {
      name: 'field selectors',
      async play(api) {
        await three(api);
        const ask = (path: string, selector: string): Promise<unknown> =>
          api.get(`${path}?fieldSelector=${encodeURIComponent(selector)}`, { show: ['items.*.metadata.name'] });
        await ask('widgets', 'metadata.name=a');
        await ask('widgets', 'metadata.name!=a,metadata.namespace==:ns');
        await ask('widgets', `metadata.namespace=${api.namespace}`);
        await ask('widgets', 'spec.size=3');
        await ask('widgets', 'metadata.name');
        await api.given('serviceaccounts', SERVICE_ACCOUNT).catch(() => {});
        await api.given('pods', pod('p', { nodeName: 'n1' }));
        await ask('pods', 'spec.nodeName=n1');
        await ask('pods', 'status.phase=Pending');
        await ask('pods', 'spec.nodeName=');
        await ask('pods', 'spec.containers=x');
        await api.given('replicasets', replicaSet({ replicas: 0 }));
        await ask('replicasets', 'status.replicas=0');
        await ask('deployments', 'spec.replicas=0');
        await ask('configmaps', 'data.k=v');
        await api.given('secrets', { metadata: { name: 's' }, type: 'x.dev/y' });
        await ask('secrets', 'type=x.dev/y');
      },
    },
    {
      name: 'across namespaces',
      async play(api) {
        await api.given('configmaps', configMap('only-here', {}, { labels: { of: 'list' } }));
        await api.get('/api/v1/configmaps?labelSelector=of%3Dlist', { show: ['kind', 'items.*.metadata'] });
      },
    },
    {
      name: 'metadata alone',
      async play(api) {
        await api.given('widgets', widget());
        const headers = { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' };
        await api.get('widgets', { headers });
        await api.get('widgets/a', {
          headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json' },
        });
      },
    },
  ],
};
