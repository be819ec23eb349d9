import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfigMap, Job, Pod, Secret } from '../../../src/api/core-types.ts';
import { CONFIG_MAPS, JOBS, PODS, SECRETS } from '../../../src/kube/resources.ts';
import { createPod, pod, shellPod, startSmallCluster, temporaryFolder } from './small-cluster.ts';

const main = (object: Pod | undefined) => object?.status?.containerStatuses?.[0];
const isTrue = (object: Pod | undefined, type: string): boolean =>
  object?.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

const SAMPLE_APP = {
  name: 'main',
  image: 'linnet.dev/sample-app:v7',
  env: [{ name: 'PORT', value: '18080' }],
  ports: [{ name: 'http', containerPort: 18080, protocol: 'TCP' }],
  readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 },
};

describe('PodRunner', () => {
  it('runs the sample application at an address of its own and reports it ready once its probe succeeds', async () => {
    const cluster = await startSmallCluster();
    await createPod(cluster, pod('web', SAMPLE_APP));
    const ready = await cluster.until<Pod>(PODS, 'web', (object) => isTrue(object, 'Ready'));
    expect(ready?.spec?.nodeName).toBe('sandbox');
    expect(ready?.status?.podIP).toMatch(/^127\.\d+\.\d+\.\d+$/);
    const answer = await fetch(`http://${ready?.status?.podIP}:18080/`);
    expect([answer.status, answer.headers.get('x-version'), answer.headers.get('x-pod')]).toEqual([200, 'v7', 'web']);
  });

  it('is not ready while the probe fails', async () => {
    const cluster = await startSmallCluster();
    const probe = { exec: { command: ['false'] }, periodSeconds: 1 };
    const container = { name: 'main', image: 'busybox', command: ['sleep', '60'], readinessProbe: probe };
    await createPod(cluster, pod('web', container));
    const running = await cluster.until<Pod>(PODS, 'web', (object) => main(object)?.state?.running !== undefined);
    expect([running?.status?.phase, main(running)?.ready, isTrue(running, 'Ready')]).toEqual(['Running', false, false]);
  });

  it('waits for the readiness gates of others and leaves their conditions alone', async () => {
    const cluster = await startSmallCluster();
    const gates = { readinessGates: [{ conditionType: 'example.com/open' }] };
    await createPod(cluster, shellPod('web', 'exec sleep 60', gates));
    const before = await cluster.until<Pod>(PODS, 'web', (object) => isTrue(object, 'ContainersReady'));
    expect(isTrue(before, 'Ready')).toBe(false);
    const patch = { status: { conditions: [{ type: 'example.com/open', status: 'True' }] } };
    const key = { namespace: 'default', name: 'web' };
    await cluster.client.patch(PODS, key, { type: 'strategic', patch }, { subresource: 'status' });
    const after = await cluster.until<Pod>(PODS, 'web', (object) => isTrue(object, 'Ready'));
    expect(isTrue(after, 'example.com/open')).toBe(true);
  });

  it('says that an unknown image cannot be pulled', async () => {
    const cluster = await startSmallCluster();
    await createPod(cluster, pod('web', { name: 'main', image: 'registry.example.com/shop:1' }));
    const waiting = await cluster.until<Pod>(PODS, 'web', (object) => main(object)?.state?.waiting !== undefined);
    const refused = await cluster.until<Pod>(
      PODS,
      'web',
      (object) => main(object)?.state?.waiting?.reason === 'ImagePullBackOff',
    );
    expect(waiting?.status?.phase).toBe('Pending');
    expect(main(refused)?.state?.waiting?.message).toContain('registry.example.com/shop:1');
  });

  it('restarts what ends, at once and then ever more slowly', async () => {
    const cluster = await startSmallCluster({ baseMs: 100, maxMs: 60_000 });
    await createPod(cluster, shellPod('web', 'exit 3'));
    const crashing = await cluster.until<Pod>(PODS, 'web', (object) => (main(object)?.restartCount ?? 0) >= 3);
    expect(main(crashing)?.lastState?.terminated?.exitCode).toBe(3);
    expect(main(crashing)?.state?.waiting).toEqual({
      reason: 'CrashLoopBackOff',
      message: 'back-off 0.2s restarting failed container=main',
    });
    expect(crashing?.status?.phase).toBe('Running');
  });

  it('keeps to the end of a pod that is not restarted', async () => {
    const cluster = await startSmallCluster();
    await createPod(cluster, shellPod('good', 'true', { restartPolicy: 'Never' }));
    await createPod(cluster, shellPod('bad', 'exit 4', { restartPolicy: 'Never' }));
    await cluster.until<Pod>(PODS, 'good', (object) => object?.status?.phase === 'Succeeded');
    const bad = await cluster.until<Pod>(PODS, 'bad', (object) => object?.status?.phase === 'Failed');
    expect(main(bad)?.state?.terminated).toMatchObject({ exitCode: 4, reason: 'Error' });
  });

  it('runs init containers one after the other before the others', async () => {
    const cluster = await startSmallCluster();
    const init = (name: string, script: string) => ({ name, image: 'busybox', command: ['sh', '-c', script] });
    const initContainers = [init('first', 'echo one'), init('second', 'echo two')];
    await createPod(cluster, shellPod('web', 'echo three; exec sleep 60', { initContainers }));
    const running = await cluster.until<Pod>(PODS, 'web', (object) => isTrue(object, 'Ready'));
    expect(running?.status?.initContainerStatuses?.map(({ state }) => state?.terminated?.exitCode)).toEqual([0, 0]);
    expect(isTrue(running, 'Initialized')).toBe(true);
  });

  it('gives containers their environment, and waits for a Secret that is missing', async () => {
    const cluster = await startSmallCluster();
    const settings: ConfigMap = { metadata: { name: 'settings', namespace: 'default' }, data: { COLOUR: 'green' } };
    await cluster.client.create(CONFIG_MAPS, settings);
    await createPod(
      cluster,
      pod(
        'env',
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', 'echo $COLOUR $SECRET $GREETING $WHO'],
          envFrom: [{ configMapRef: { name: 'settings' } }],
          env: [
            { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
            { name: 'WHO', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
            { name: 'GREETING', value: 'hello-$(WHO)-$$(WHO)' },
          ],
        },
        { restartPolicy: 'Never' },
      ),
    );
    const waiting = await cluster.until<Pod>(
      PODS,
      'env',
      (object) => main(object)?.state?.waiting?.reason === 'CreateContainerConfigError',
    );
    expect(main(waiting)?.state?.waiting?.message).toBe('secret "keys" not found');
    const secret: Secret = { metadata: { name: 'keys', namespace: 'default' }, stringData: { token: 'swordfish' } };
    await cluster.client.create(SECRETS, secret);
    await cluster.until<Pod>(PODS, 'env', (object) => object?.status?.phase === 'Succeeded');
    expect(cluster.logOf('env', 'main')).toBe('green swordfish hello-env-$(WHO) env\n');
  });

  it('stops a pod gently: preStop, SIGTERM, and only then is the object gone', async () => {
    const cluster = await startSmallCluster();
    const script = 'trap "echo asked; exit 0" TERM; echo up; while :; do sleep 0.05; done';
    const lifecycle = { preStop: { exec: { command: ['sh', '-c', 'sleep 0.2'] } } };
    const container = { name: 'main', image: 'busybox', command: ['sh', '-c', script], lifecycle };
    await createPod(cluster, pod('web', container));
    await cluster.until<Pod>(PODS, 'web', (object) => isTrue(object, 'Ready'));
    const asked = performance.now();
    await cluster.client.delete(PODS, { namespace: 'default', name: 'web' });
    const stillThere = await cluster.until<Pod>(
      PODS,
      'web',
      (object) => object?.metadata.deletionTimestamp !== undefined,
    );
    expect(stillThere).toBeDefined();
    await cluster.until<Pod>(PODS, 'web', (object) => object === undefined);
    expect(performance.now() - asked).toBeGreaterThan(190);
    expect(cluster.logOf('web', 'main')).toContain('asked');
  });

  it('kills what does not stop within its grace period', async () => {
    const cluster = await startSmallCluster();
    const container = {
      name: 'main',
      image: 'busybox',
      command: ['sh', '-c', 'trap "" TERM; touch "$DEAF"; while :; do sleep 0.05; done'],
      env: [{ name: 'DEAF', value: join(temporaryFolder(), 'deaf') }],
      readinessProbe: { exec: { command: ['sh', '-c', 'test -e "$DEAF"'] }, periodSeconds: 1 },
    };
    await createPod(cluster, pod('stubborn', container, { terminationGracePeriodSeconds: 1 }));
    await cluster.until<Pod>(PODS, 'stubborn', (object) => isTrue(object, 'Ready'));
    const asked = performance.now();
    await cluster.client.delete(PODS, { namespace: 'default', name: 'stubborn' });
    await cluster.until<Pod>(PODS, 'stubborn', (object) => object === undefined);
    expect(performance.now() - asked).toBeGreaterThan(990);
  });

  it('completes Jobs', async () => {
    const cluster = await startSmallCluster();
    const job: Job = {
      metadata: { name: 'migrate', namespace: 'default' },
      spec: {
        backoffLimit: 0,
        template: {
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['true'] }] },
        },
      },
    };
    await cluster.client.create(JOBS, job);
    const done = await cluster.until<Job>(JOBS, 'migrate', (object) => object?.status?.succeeded === 1);
    expect(done?.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Complete', status: 'True' }));
  });
});
