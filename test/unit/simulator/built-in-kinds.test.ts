import { beforeEach, describe, expect, test } from 'vitest';
import { DEPLOYMENTS, type Json, NAMESPACED, PODS, TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
});

const SERVICES = `${NAMESPACED}/services`;
const SECRETS = `${NAMESPACED}/secrets`;
const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }] },
};

/** `field: reason` of each cause of a 422. */
async function causes(answer: ReturnType<TestCluster['post']>): Promise<string[]> {
  const { status, body } = await answer;
  expect(status).toBe(422);
  return body.details.causes.map((cause: Json) => `${cause.field}: ${cause.reason}`);
}

describe('defaults', () => {
  test('of a Deployment and its pods', async () => {
    const { spec } = await cluster.must(
      cluster.post(DEPLOYMENTS, {
        metadata: { name: 'web' },
        spec: { selector: { matchLabels: { app: 'web' } }, template },
      }),
    );
    expect(spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    });
    expect(spec.template.spec).toEqual({
      containers: [
        {
          name: 'web',
          image: 'web:1',
          imagePullPolicy: 'IfNotPresent',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    });
  });

  test('of a pod: phase, quantities in canonical form, requests from limits, pull policy of latest', async () => {
    const spec = { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: 1, memory: '1024Mi' } } }] };
    const pod = await cluster.must(cluster.post(PODS, { metadata: { name: 'a' }, spec }));
    expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' });
    expect(pod.spec.containers[0]).toMatchObject({
      imagePullPolicy: 'Always',
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } },
    });
  });

  test('of a Job: it selects its pods by its uid', async () => {
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i:1' }] } } };
    const job = await cluster.must(
      cluster.post('/apis/batch/v1/namespaces/default/jobs', { metadata: { name: 'j' }, spec }),
    );
    expect(job.spec).toMatchObject({ completions: 1, parallelism: 1, backoffLimit: 6, suspend: false });
    expect(job.spec.selector.matchLabels).toEqual({ 'batch.kubernetes.io/controller-uid': job.metadata.uid });
    expect(job.spec.template.metadata.labels['job-name']).toBe('j');
  });

  test('of Services: addresses and node ports are unique and stay', async () => {
    const create = (name: string, spec: object): Promise<Json> =>
      cluster.must(cluster.post(SERVICES, { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } }));
    const one = await create('one', {});
    const two = await create('two', { type: 'NodePort' });
    const headless = await create('headless', { clusterIP: 'None' });
    expect([one.spec.clusterIP, two.spec.clusterIP]).toEqual(['10.96.0.10', '10.96.0.11']);
    expect(one.spec.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    expect(two.spec.ports[0].nodePort).toBe(30_000);
    expect(headless.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
    const replaced = await cluster.must(
      cluster.put(`${SERVICES}/one`, { metadata: { name: 'one' }, spec: { ports: [{ port: 81 }] } }),
    );
    expect(replaced.spec.clusterIP).toBe('10.96.0.10');
    expect(await causes(cluster.merge(`${SERVICES}/one`, { spec: { clusterIP: '10.96.9.9' } }))).toEqual([
      'spec.clusterIPs[0]: FieldValueInvalid',
    ]);
  });

  test('of a Secret: stringData is encoded and gone', async () => {
    const secret = await cluster.must(cluster.post(SECRETS, { metadata: { name: 's' }, stringData: { a: 'ü' } }));
    expect(secret).toMatchObject({ type: 'Opaque', data: { a: 'w7w=' } });
    expect(secret).not.toHaveProperty('stringData');
  });
});

describe('validation', () => {
  test('of pods', async () => {
    const containers = [
      { name: 'A_', image: 'i' },
      { name: 'b' },
      { name: 'b', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    ];
    expect(await causes(cluster.post(PODS, { metadata: { name: 'a' }, spec: { containers } }))).toEqual([
      'spec.containers[0].name: FieldValueInvalid',
      'spec.containers[1].image: FieldValueRequired',
      'spec.containers[2].volumeMounts[0].name: FieldValueInvalid',
      'spec.containers[2].name: FieldValueDuplicate',
    ]);
    await cluster.must(
      cluster.post(PODS, { metadata: { name: 'a' }, spec: { containers: [{ name: 'b', image: 'i' }] } }),
    );
    expect(await causes(cluster.merge(`${PODS}/a`, { spec: { restartPolicy: 'Never' } }))).toEqual([
      'spec: FieldValueForbidden',
    ]);
  });

  test('of a pod: its image may change', async () => {
    const { spec } = await cluster.must(
      cluster.post(PODS, { metadata: { name: 'a' }, spec: { containers: [{ name: 'b', image: 'i:1' }] } }),
    );
    const containers = [{ ...spec.containers[0], image: 'i:2' }];
    expect((await cluster.merge(`${PODS}/a`, { spec: { containers } })).status).toBe(200);
  });

  test('of Services and Ingresses', async () => {
    expect(
      await causes(
        cluster.post(SERVICES, { metadata: { name: 's' }, spec: { ports: [{ port: 1 }, { port: 70_000 }] } }),
      ),
    ).toEqual([
      'spec.ports[0].name: FieldValueRequired',
      'spec.ports[1].port: FieldValueInvalid',
      'spec.ports[1].targetPort: FieldValueInvalid',
      'spec.ports[1].name: FieldValueRequired',
    ]);
    expect(await causes(cluster.post(SERVICES, { metadata: { name: 's' }, spec: {} }))).toEqual([
      'spec.ports: FieldValueRequired',
    ]);
    const paths = [{ path: '/', backend: { service: { name: 'a' } } }];
    expect(
      await causes(cluster.post(INGRESSES, { metadata: { name: 'i' }, spec: { rules: [{ http: { paths } }] } })),
    ).toEqual([
      'spec.rules[0].http.paths[0].backend: FieldValueRequired',
      'spec.rules[0].http.paths[0].pathType: FieldValueRequired',
    ]);
  });

  test('of a Secret: the message never holds the value', async () => {
    const { status, body } = await cluster.post(SECRETS, { metadata: { name: 's' }, data: { key: 'hunter2!' } });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(body.message).toContain('data[key]');
  });

  test('of names, labels and types', async () => {
    expect(await causes(cluster.post(SECRETS, { metadata: { name: 'A', labels: { 'a b': 'c', d: 'e f' } } }))).toEqual([
      'metadata.name: FieldValueInvalid',
      'metadata.labels: FieldValueInvalid',
      'metadata.labels: FieldValueInvalid',
    ]);
    const mistyped = await cluster.post(DEPLOYMENTS, { metadata: { name: 'a' }, spec: { replicas: 'two' } });
    expect(mistyped.status).toBe(400);
    expect(mistyped.body.message).toContain('spec.replicas');
  });
});
