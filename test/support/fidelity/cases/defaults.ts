import type { FidelityGroup } from '../fidelity-case.ts';
import { deployment, pod, replicaSet, SERVICE_ACCOUNT } from '../objects.ts';

const BUSY = {
  name: 'a',
  image: 'a:1',
  ports: [{ containerPort: 80 }],
  env: [{ name: 'X', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  readinessProbe: { httpGet: { port: 80 } },
  livenessProbe: { exec: { command: ['true'] } },
  resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: 0.5 } },
};

/** What the server fills in where a manifest is silent: Linnet compares templates after that. */
export const DEFAULTS: FidelityGroup = {
  name: 'defaults',
  cases: [
    {
      name: 'Deployment and its pod template',
      async play(api) {
        await api.post('deployments', deployment());
      },
    },
    {
      name: 'ReplicaSet with a busy container, volumes and an init container',
      async play(api) {
        const set = replicaSet() as { spec: { template: { spec: object } } };
        set.spec.template.spec = {
          containers: [BUSY],
          initContainers: [{ name: 'i', image: 'i:latest' }],
          volumes: [
            { name: 'c', configMap: { name: 'c' } },
            { name: 's', secret: { secretName: 's' } },
            { name: 'e', emptyDir: {} },
            { name: 'p', projected: { sources: [] } },
            { name: 'd', downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.labels' } }] } },
            { name: 'h', hostPath: { path: '/x' } },
          ],
        };
        await api.post('replicasets', set, { show: ['spec', 'metadata.labels', 'status'] });
      },
    },
    {
      name: 'images decide how they are pulled',
      async play(api) {
        const show = ['spec.template.spec.containers.*.imagePullPolicy'];
        const images = [
          'a',
          'a:latest',
          'a:1',
          'registry:5000/a',
          'a@sha256:0123456789012345678901234567890123456789012345678901234567890123',
          'r.dev/a:latest@sha256:0123456789012345678901234567890123456789012345678901234567890123',
        ];
        const containers = images.map((image, index) => ({ name: `c${index}`, image }));
        await api.post('deployments', deployment(containers), { show });
      },
    },
    {
      name: 'Pod',
      async play(api) {
        await api.given('serviceaccounts', SERVICE_ACCOUNT).catch(() => {});
        await api.post('pods', pod('a', { containers: [BUSY] }), { show: ['spec', 'status'] });
        await api.post('pods', pod('b'), { show: ['spec', 'status'] });
      },
    },
    {
      name: 'Service',
      async play(api) {
        await api.post('services', {
          metadata: { name: 'a' },
          spec: { selector: { app: 'a' }, ports: [{ port: 80 }] },
        });
        await api.post('services', {
          metadata: { name: 'b' },
          spec: { clusterIP: 'None', ports: [{ port: 80, targetPort: 'http', name: 'x' }] },
        });
        await api.post('services', { metadata: { name: 'c' }, spec: { type: 'ExternalName', externalName: 'x.dev' } });
      },
    },
    {
      name: 'Ingress',
      async play(api) {
        const backend = { service: { name: 'a', port: { number: 80 } } };
        const rules = [{ host: 'a.dev', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
        await api.post('ingresses', { metadata: { name: 'a' }, spec: { ingressClassName: 'nginx', rules } });
      },
    },
    {
      name: 'Job, HorizontalPodAutoscaler, PodDisruptionBudget, EndpointSlice',
      async play(api) {
        const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } };
        await api.post('jobs', { metadata: { name: 'a' }, spec: { template } });
        const scaleTargetRef = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'a' };
        await api.post('horizontalpodautoscalers', {
          metadata: { name: 'a' },
          spec: { scaleTargetRef, maxReplicas: 5 },
        });
        await api.post('poddisruptionbudgets', {
          metadata: { name: 'a' },
          spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } },
        });
        const slice = { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.1.1'] }], ports: [{ port: 80 }] };
        await api.post('endpointslices', { metadata: { name: 'a' }, ...slice });
      },
    },
    {
      name: 'Secret and ServiceAccount',
      async play(api) {
        await api.post('secrets', { metadata: { name: 'a' }, stringData: { k: 'v' }, data: { k: 'eA==', l: 'bA==' } });
        await api.patch('merge', 'secrets/a', { stringData: { k: 'w' } });
        await api.post('secrets', { metadata: { name: 'b' }, data: { k: 'not base64!' } }, { words: 'any' });
        await api.patch('merge', 'secrets/a', { type: 'x.dev/y' });
        await api.post('serviceaccounts', { metadata: { name: 'b' } });
      },
    },
    {
      name: 'an explicit null is a field left out',
      async play(api) {
        await api.post('deployments', deployment([{ name: 'a', image: 'a:1' }], { replicas: null, strategy: null }), {
          show: ['spec.replicas', 'spec.strategy'],
        });
        await api.post('configmaps', {
          metadata: { name: 'a', labels: null, annotations: {} },
          data: { k: null },
          binaryData: null,
        });
        await api.post('configmaps', { metadata: { name: 'b', labels: {} }, data: {} });
      },
    },
  ],
};
