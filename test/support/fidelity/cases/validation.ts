import type { FidelityGroup } from '../fidelity-case.ts';
import { configMap, deployment, replicaSet, widget } from '../objects.ts';

const LONG = 'x'.repeat(64);

export const VALIDATION: FidelityGroup = {
  name: 'validation',
  cases: [
    {
      name: 'names',
      async play(api) {
        for (const name of ['UPPER', 'under_score', '-a', 'a.', 'x'.repeat(254)]) {
          await api.post('configmaps', configMap(name));
        }
        await api.post('widgets', widget({}, { name: 'Upper' }));
        await api.post('services', { metadata: { name: 'a.b' }, spec: { ports: [{ port: 80 }] } });
        await api.post('services', { metadata: { name: '1a' }, spec: { ports: [{ port: 80 }] } });
        await api.post('services', { metadata: { name: LONG }, spec: { ports: [{ port: 80 }] } });
        await api.post('/api/v1/namespaces', { metadata: { name: 'a.b' } });
        await api.post('configmaps', configMap('x/y'));
      },
    },
    {
      name: 'labels and annotations',
      async play(api) {
        const ask = (metadata: object): Promise<unknown> => api.post('configmaps', configMap('a', {}, metadata));
        await ask({ labels: { 'a b': 'x' } });
        await ask({ labels: { a: 'x y' } });
        await ask({ labels: { a: LONG } });
        await ask({ labels: { [LONG]: 'x' } });
        await ask({ labels: { 'UPPER.dev/a': 'x', 'a/b/c': 'x', '/a': 'x', 'x.dev/': 'x' } });
        await ask({ annotations: { 'a b': 'x' } });
        await ask({ annotations: { a: 'x'.repeat(262_145) } });
        await ask({ labels: { a: 'x y' }, annotations: { 'b c': '' } });
      },
    },
    {
      name: 'ReplicaSet and Deployment',
      async play(api) {
        await api.post('replicasets', replicaSet({ selector: { matchLabels: { app: 'b' } } }));
        await api.post('replicasets', replicaSet({ selector: null }));
        await api.post('replicasets', replicaSet({ replicas: -1 }));
        await api.post('replicasets', { metadata: { name: 'a' }, spec: {} });
        await api.post('deployments', deployment([]));
        await api.post('deployments', deployment([{ name: 'a' }]));
        await api.post(
          'deployments',
          deployment([
            { name: 'A', image: 'a:1' },
            { name: 'b', image: 'b' },
            { name: 'b', image: 'b' },
          ]),
        );
        await api.post('deployments', deployment([{ name: 'a', image: 'a:1', ports: [{ containerPort: 0 }] }]));
        await api.post('deployments', deployment([{ name: 'a', image: 'a:1', imagePullPolicy: 'Maybe' }]));
        await api.post(
          'deployments',
          deployment(undefined, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
        );
      },
    },
    {
      name: 'ConfigMap and Secret keys',
      async play(api) {
        await api.post('configmaps', configMap('a', { 'a b': 'x', ok: 'y' }));
        await api.post('configmaps', configMap('a', { '..': 'x' }));
        await api.post('secrets', { metadata: { name: 'a' }, stringData: { 'a b': 'x' } });
      },
    },
    {
      name: 'Service',
      async play(api) {
        await api.post('services', { metadata: { name: 'a' }, spec: {} });
        await api.post('services', { metadata: { name: 'a' }, spec: { ports: [{ port: 0 }] } });
        await api.post('services', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }, { port: 81 }] } });
        await api.post('services', { metadata: { name: 'a' }, spec: { type: 'Odd', ports: [{ port: 80 }] } });
        await api.post('services', { metadata: { name: 'a' }, spec: { type: 'ExternalName' } });
      },
    },
    {
      name: 'Ingress',
      async play(api) {
        const ask = (spec: object): Promise<unknown> => api.post('ingresses', { metadata: { name: 'a' }, spec });
        const backend = { service: { name: 'a', port: { number: 80 } } };
        await ask({});
        await ask({ rules: [{ http: { paths: [{ path: '/', backend }] } }] });
        await ask({ rules: [{ http: { paths: [{ path: 'x', pathType: 'Prefix', backend }] } }] });
        await ask({ rules: [{ http: { paths: [{ path: '/', pathType: 'Odd', backend }] } }] });
        await ask({ rules: [{ http: { paths: [{ path: '/', pathType: 'Exact', backend: {} }] } }] });
        await ask({
          rules: [{ http: { paths: [{ path: '/', pathType: 'Exact', backend: { service: { name: 'a' } } }] } }],
        });
      },
    },
  ],
};
