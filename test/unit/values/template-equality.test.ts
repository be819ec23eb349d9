import { describe, expect, test } from 'vitest';
import { sameTemplate } from '../../../src/core/values/template-equality.ts';

/** A template as a Rollout holds it. */
const desired = {
  metadata: { labels: { app: 'web' } },
  spec: {
    serviceAccountName: 'web',
    initContainers: [{ name: 'init', image: 'busybox' }],
    containers: [
      {
        name: 'web',
        image: 'registry.example:5000/web:v1',
        ports: [{ containerPort: 8080 }],
        env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
        resources: { limits: { cpu: '1000m', memory: '1Gi' }, requests: { cpu: '0.0001' } },
        livenessProbe: { httpGet: { port: 8080 } },
        readinessProbe: { grpc: { port: 9090 }, periodSeconds: 5 },
        command: [],
      },
    ],
    volumes: [
      { name: 'scratch' },
      { name: 'secret', secret: { secretName: 's' } },
      { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    ],
  },
};

/** The same template as the API server stores it in a ReplicaSet. */
const live = {
  metadata: { creationTimestamp: null, labels: { app: 'web', 'rollouts-pod-template-hash': '674d8cf959' } },
  spec: {
    serviceAccountName: 'web',
    serviceAccount: 'web',
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    initContainers: [
      {
        name: 'init',
        image: 'busybox',
        imagePullPolicy: 'Always',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    containers: [
      {
        name: 'web',
        image: 'registry.example:5000/web:v1',
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
        env: [{ name: 'IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } }],
        resources: { limits: { cpu: '1', memory: '1024Mi' }, requests: { cpu: '1m' } },
        livenessProbe: {
          httpGet: { path: '/', port: 8080, scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        readinessProbe: {
          grpc: { port: 9090, service: '' },
          timeoutSeconds: 1,
          periodSeconds: 5,
          successThreshold: 1,
          failureThreshold: 3,
        },
      },
    ],
    volumes: [
      { name: 'scratch', emptyDir: {} },
      { name: 'secret', secret: { secretName: 's', defaultMode: 420 } },
      {
        name: 'token',
        projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }] },
      },
    ],
  },
};

test('what the API server added makes no difference', () => {
  expect(sameTemplate(live, desired)).toBe(true);
  expect(sameTemplate(live, live)).toBe(true);
  expect(sameTemplate(desired, structuredClone(desired))).toBe(true);
});

describe('what a person changed does', () => {
  const changed = (change: (spec: (typeof desired)['spec']) => void): object => {
    const copy = structuredClone(desired);
    change(copy.spec);
    return copy;
  };

  test.each<[string, object]>([
    ['image', changed((spec) => (spec.containers[0]!.image = 'registry.example:5000/web:v2'))],
    ['limit', changed((spec) => (spec.containers[0]!.resources.limits.memory = '1G'))],
    ['grace period', changed((spec) => Object.assign(spec, { terminationGracePeriodSeconds: 0 }))],
    ['pull policy', changed((spec) => Object.assign(spec.containers[0]!, { imagePullPolicy: 'Always' }))],
    ['service account', changed((spec) => (spec.serviceAccountName = 'other'))],
    ['volume mode', changed((spec) => Object.assign(spec.volumes[1]!.secret!, { defaultMode: 0 }))],
    ['label', { ...desired, metadata: { labels: { app: 'api' } } }],
    ['annotation', { ...desired, metadata: { ...desired.metadata, annotations: { restarted: 'now' } } }],
  ])('%s', (_what, template) => {
    expect(sameTemplate(live, template)).toBe(false);
  });
});

test.each([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['host:5000/nginx', 'Always'],
  ['nginx:1', 'IfNotPresent'],
  [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
])('image %s is pulled %s', (image, imagePullPolicy) => {
  const template = (container: object): object => ({ spec: { containers: [{ name: 'a', image, ...container }] } });
  expect(sameTemplate(template({ imagePullPolicy }), template({}))).toBe(true);
  expect(sameTemplate(template({ imagePullPolicy: 'Never' }), template({}))).toBe(false);
});
