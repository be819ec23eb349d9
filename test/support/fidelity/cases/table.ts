import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, deployment, pod, replicaSet, SERVICE_ACCOUNT, widget } from '../objects.ts';
import type { Answer, Probe } from '../probe.ts';

const ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** Descriptions are documentation, and ages grow. */
const COLUMNS = ['name', 'type', 'format', 'priority'].map((member) => `columnDefinitions.*.${member}`);

function table(api: Probe, path: string, show?: readonly string[]): Promise<Answer> {
  return api.get(path, { headers: { accept: ACCEPT }, ...(show === undefined ? {} : { show }) });
}

export const TABLE: FidelityGroup = {
  name: 'table',
  cases: [
    {
      name: 'columns of a custom resource',
      async play(api) {
        const conditions = [
          { type: 'Other', status: 'No' },
          { type: 'Ready', status: 'True' },
        ];
        await api.given('widgets', widget({ ratio: 0.5, enabled: true, parts: [{ name: 'x' }, { name: 'y' }] }));
        const status = { conditions, since: '2020-01-01T00:00:00Z' };
        await api.patch('merge', 'widgets/a/status', { status }, { show: ['status'] });
        await api.given('widgets', widget({}, { name: 'b' }));
        await table(api, 'widgets', COLUMNS);
        await table(api, 'widgets?includeObject=None', [
          'rows.*.cells.0',
          'rows.*.cells.1',
          'rows.*.cells.2',
          'rows.*.cells.3',
          'rows.*.cells.4',
          'rows.*.cells.5',
          'rows.*.cells.6',
          'rows.*.cells.7',
          'rows.*.cells.8',
        ]);
      },
    },
    {
      name: 'what a row carries',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await table(api, 'configmaps/a', ['kind', 'apiVersion', 'metadata', ...COLUMNS, 'rows.*.object']);
        await table(api, 'configmaps/a?includeObject=None', ['rows.*.object']);
        await table(api, 'configmaps/a?includeObject=Object', ['rows.*.object']);
        await table(api, 'configmaps/a?includeObject=All');
        await table(api, 'configmaps/none');
        await table(api, 'configmaps?labelSelector=none', [...COLUMNS, 'rows']);
      },
    },
    {
      name: 'built-in kinds',
      async play(api) {
        await api.given('serviceaccounts', SERVICE_ACCOUNT).catch(() => {});
        await api.given('deployments', deployment());
        await api.given('replicasets', replicaSet({ replicas: 2 }));
        await api.given('pods', pod('a'));
        await api.given('services', {
          metadata: { name: 'a' },
          spec: { clusterIP: 'None', selector: { app: 'a' }, ports: [{ port: 80 }] },
        });
        await api.given('leases', { metadata: { name: 'a' }, spec: { holderIdentity: 'me' } });
        await api.given('secrets', { metadata: { name: 'a' }, stringData: { k: 'v' } });
        const paths = [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }];
        await api.given('ingresses', {
          metadata: { name: 'a' },
          spec: { ingressClassName: 'nginx', rules: [{ host: 'a.dev', http: { paths } }] },
        });
        for (const path of ['deployments', 'replicasets', 'pods', 'services', 'leases', 'secrets', 'ingresses']) {
          await table(api, `${path}/a`, COLUMNS);
        }
        await table(api, 'deployments/a', [
          'rows.*.cells.0',
          'rows.*.cells.1',
          'rows.*.cells.2',
          'rows.*.cells.3',
          'rows.*.cells.5',
          'rows.*.cells.6',
          'rows.*.cells.7',
        ]);
        await table(api, 'replicasets/a', [
          'rows.*.cells.0',
          'rows.*.cells.1',
          'rows.*.cells.2',
          'rows.*.cells.3',
          'rows.*.cells.5',
        ]);
        await table(api, 'pods/a', [
          'rows.*.cells.0',
          'rows.*.cells.1',
          'rows.*.cells.2',
          'rows.*.cells.3',
          'rows.*.cells.5',
          'rows.*.cells.6',
        ]);
        await table(api, 'services/a', [
          'rows.*.cells.0',
          'rows.*.cells.1',
          'rows.*.cells.2',
          'rows.*.cells.3',
          'rows.*.cells.4',
          'rows.*.cells.6',
        ]);
        await table(api, 'ingresses/a', [
          'rows.*.cells.0',
          'rows.*.cells.1',
          'rows.*.cells.2',
          'rows.*.cells.3',
          'rows.*.cells.4',
        ]);
        await table(api, 'secrets/a', ['rows.*.cells.0', 'rows.*.cells.1', 'rows.*.cells.2']);
      },
    },
    {
      name: 'a representation that does not exist',
      async play(api) {
        await api.given('configmaps', configMap('a'));
        await api.get('configmaps/a', { headers: { accept: 'application/json;as=Chair;v=v1;g=meta.k8s.io' } });
        await api.get('configmaps/a', { headers: { accept: 'text/html' }, words: 'any' });
        await api.get('configmaps/a', {
          headers: { accept: 'application/json;as=Chair;v=v1;g=meta.k8s.io, */*' },
          show: ['kind'],
        });
      },
    },
  ],
};
