import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { KubeObject, Pod } from '../../../src/api/core-types.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { PODS, type Resource } from '../../../src/kube/resources.ts';
import type { KubeTransport } from '../../../src/kube/transport.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import type { Backoff } from '../../../src/sandbox/pods/container-runner.ts';
import { PodRunner } from '../../../src/sandbox/pods/pod-runner.ts';
import { ProcessGroup } from '../../../src/sandbox/process-group.ts';
import { reserveSubnet } from '../../../src/sandbox/subnet.ts';
import { startActors } from '../../../src/simulator/actors/start-actors.ts';
import { ApiServer } from '../../../src/simulator/api-server.ts';
import { InProcessTransport } from '../../../src/simulator/in-process-transport.ts';
import { silentLogger } from '../../../src/telemetry/logger.ts';

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface SmallCluster {
  readonly client: KubeClient;
  readonly transport: KubeTransport;
  /** Resolves with the object once it is as asked; `undefined` stands for "it is gone". */
  until<T extends KubeObject>(
    resource: Resource,
    name: string,
    condition: (object: T | undefined) => boolean,
  ): Promise<T | undefined>;
  logOf(pod: string, container: string): string;
}

/** The simulator in this process, the workload controllers, and pods as real processes. */
export async function startSmallCluster(backoff?: Backoff): Promise<SmallCluster> {
  const api = new ApiServer({ clock: systemClock });
  startActors(api.context);
  const transport = new InProcessTransport(api, { clock: systemClock });
  const client = createKubeClient(transport);
  const processes = new ProcessGroup();
  const subnet = await reserveSubnet(Math.random);
  const logFolder = temporaryFolder();
  const shared = { transport, clock: systemClock, random: Math.random, logger: silentLogger };
  const runner = new PodRunner({ ...shared, client, processes, subnet, logFolder, ...(backoff ? { backoff } : {}) });
  await runner.start();
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await runner.stop();
    await processes.close();
    await subnet.close();
    await transport.close();
  });
  return {
    client,
    transport,
    until: async <T extends KubeObject>(
      resource: Resource,
      name: string,
      condition: (object: T | undefined) => boolean,
    ) => {
      const informer = new Informer<T>({ ...shared, resource });
      const { promise, resolve } = Promise.withResolvers<T | undefined>();
      const look = (): void => {
        const object = informer.store.list().find(({ metadata }) => metadata.name === name);
        if (condition(object)) resolve(object);
      };
      informer.onChange({ added: look, updated: look, deleted: look });
      void informer.run(stop.signal);
      await informer.synced;
      look();
      return promise;
    },
    logOf: (pod, container) => readFileSync(join(logFolder, `default_${pod}_${container}.log`), 'utf8'),
  };
}

type Container = NonNullable<Pod['spec']>['containers'][number];

/** A pod with one container that runs a shell script. */
export function shellPod(name: string, script: string, more: Partial<NonNullable<Pod['spec']>> = {}): Pod {
  return pod(name, { name: 'main', image: 'busybox', command: ['sh', '-c', script] }, more);
}

export function pod(name: string, container: Container, more: Partial<NonNullable<Pod['spec']>> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [container], ...more },
  };
}

export function createPod(cluster: SmallCluster, object: Pod): Promise<Pod> {
  return cluster.client.create(PODS, object);
}
