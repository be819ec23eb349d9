import { expect, it } from 'vitest';
import { CountedTransport } from '../../../src/kube/counted-transport.ts';
import type { KubeRequest, KubeTransport } from '../../../src/kube/transport.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';

const inner: KubeTransport = {
  request: ({ method }) => Promise.resolve({ status: method === 'PATCH' ? 409 : 200, headers: {}, body: '' }),
  stream: () => Promise.resolve({ status: 200, headers: {}, chunks: (async function* () {})() }),
  close: () => Promise.resolve(),
};

it.each<[KubeRequest, string]>([
  [
    { method: 'PATCH', path: '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web/status' },
    'kind="rollouts",namespace="shop",name="web",verb="Patch",status_code="409"',
  ],
  [{ method: 'GET', path: '/api/v1/pods' }, 'kind="pods",namespace="",name="",verb="List",status_code="200"'],
  [
    { method: 'GET', path: '/api/v1/namespaces/shop' },
    'kind="namespaces",namespace="",name="shop",verb="Get",status_code="200"',
  ],
  [
    { method: 'POST', path: '/apis/apps/v1/namespaces/shop/replicasets' },
    'kind="replicasets",namespace="shop",name="",verb="Create",status_code="200"',
  ],
])('counts %o', async (request, labels) => {
  const metrics = new MetricsRegistry();
  await new CountedTransport(inner, metrics).request(request);
  expect(metrics.expose()).toContain(`controller_clientset_k8s_request_total{${labels}} 1\n`);
});

it('counts a watch as such', async () => {
  const metrics = new MetricsRegistry();
  const query = { watch: 'true' };
  await new CountedTransport(inner, metrics).stream({ method: 'GET', path: '/api/v1/services', query });
  expect(metrics.expose()).toContain('kind="services",namespace="",name="",verb="Watch"');
});
