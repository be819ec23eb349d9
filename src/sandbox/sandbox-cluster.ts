import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '../kube/client.ts';
import { NAMESPACES } from '../kube/resources.ts';
import type { KubeTransport } from '../kube/transport.ts';
import { systemClock } from '../runtime/system-clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type ClusterApi, type ClusterApiOptions, startSimulatedApi } from './cluster-api.ts';
import { startController } from './controller-process.ts';
import { installDefinitions } from './definitions.ts';
import { fileLogger } from './file-logger.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { NginxIngress } from './nginx/nginx-ingress.ts';
import { PodRunner } from './pods/pod-runner.ts';
import type { ProcessGroup } from './process-group.ts';
import { PrometheusServer } from './prometheus/prometheus-server.ts';
import { TargetFile } from './prometheus/target-file.ts';

export interface SandboxOptions {
  readonly processes: ProcessGroup;
  /** Told what starts, for people who wait. */
  readonly onProgress: (text: string) => void;
  /** Start the controller, too. */
  readonly controller: boolean;
  /** The CRDs and the controller's namespace are left to the caller, who installs with manifests. */
  readonly bare?: boolean;
  /** Starts the API server; absent: the simulator's. */
  readonly startApi?: (options: ClusterApiOptions) => Promise<ClusterApi>;
  /** Base URL that the controller takes for Slack's. */
  readonly slackApiUrl?: string;
}

/** A running cluster and how to reach it. */
export interface SandboxCluster {
  /** Everything that it writes. Removed at the end. */
  readonly folder: string;
  readonly kubeconfig: string;
  readonly client: KubeClient;
  readonly transport: KubeTransport;
  readonly nginx: NginxIngress;
  readonly nginxUrl: string;
  readonly prometheusUrl: string;
  /** Absent when the controller was left out. */
  readonly controllerLog: string | undefined;
}

/** Where Argo Rollouts is installed by its own manifests, and its notifications' configuration is looked for. */
export const CONTROLLER_NAMESPACE = 'argo-rollouts';
const FOLDER_PREFIX = 'linnet-sandbox-';
const random = Math.random;

/**
 * Starts a laptop-sized cluster: API server, workload controllers, a kubelet that runs pods as processes, nginx,
 * Prometheus and Linnet's controller. Each part puts its own end on the way down of `processes`.
 */
export async function startSandbox(options: SandboxOptions): Promise<SandboxCluster> {
  const { processes, onProgress } = options;
  const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  processes.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  onProgress('API server');
  const api = await (options.startApi ?? startSimulatedApi)({ processes, folder });
  const shared = { processes, folder, subnet: api.subnet, logger: fileLogger(join(folder, 'sandbox.log')) };
  if (options.bare !== true) {
    await Promise.all([installDefinitions(api.client), createNamespace(api.client, CONTROLLER_NAMESPACE)]);
  }
  await startPods(shared, api);
  onProgress('nginx and Prometheus');
  const [nginx, prometheusUrl] = await Promise.all([startNginx(shared, api), startPrometheus(shared, api)]);
  const controllerLog = options.controller ? join(folder, 'controller.log') : undefined;
  if (controllerLog !== undefined) {
    onProgress('controller');
    const controller = startController({
      processes,
      kubeconfig: api.kubeconfig,
      logFile: controllerLog,
      address: '127.0.0.1',
      podNetwork: `${api.subnet.prefix}.0.0/16`,
      prometheusUrl,
      slackApiUrl: options.slackApiUrl,
    });
    processes.defer(async () => void (await controller.stop()));
  }
  return {
    folder,
    kubeconfig: api.kubeconfig,
    client: api.client,
    transport: api.transport,
    nginx: nginx.ingress,
    nginxUrl: nginx.url,
    prometheusUrl,
    controllerLog,
  };
}

interface Shared {
  readonly processes: ProcessGroup;
  readonly folder: string;
  readonly subnet: ClusterApi['subnet'];
  readonly logger: Logger;
}

async function createNamespace(client: KubeClient, name: string): Promise<void> {
  await client.create(NAMESPACES, { metadata: { name } });
}

async function startPods({ processes, folder, subnet, logger }: Shared, api: ClusterApi): Promise<void> {
  const logFolder = join(folder, 'pods');
  mkdirSync(logFolder);
  const { transport, client } = api;
  const { hasScheduler, service } = api;
  const runner = new PodRunner({
    transport,
    client,
    clock: systemClock,
    random,
    logger,
    processes,
    subnet,
    hasScheduler,
    service,
    logFolder,
  });
  processes.defer(() => runner.stop());
  await runner.start();
}

async function startNginx(
  { processes, folder, subnet, logger }: Shared,
  { transport }: ClusterApi,
): Promise<{ readonly ingress: NginxIngress; readonly url: string }> {
  const host = `${subnet.prefix}.0.1`;
  const listen = `${host}:${await freePort(host)}`;
  const ingress = new NginxIngress({
    transport,
    clock: systemClock,
    random,
    logger,
    processes,
    listen,
    folder: join(folder, 'nginx'),
    program: findProgram('nginx'),
  });
  processes.defer(() => ingress.stop());
  await ingress.start();
  return { ingress, url: `http://${listen}` };
}

async function startPrometheus(
  { processes, folder, subnet, logger }: Shared,
  { transport }: ClusterApi,
): Promise<string> {
  const own = join(folder, 'prometheus');
  mkdirSync(own);
  const file = join(own, 'targets.json');
  const targets = new TargetFile({ transport, clock: systemClock, random, logger, file });
  processes.defer(async () => targets.stop());
  await targets.start();
  const host = `${subnet.prefix}.0.2`;
  const server = new PrometheusServer({
    clock: systemClock,
    processes,
    targetFile: file,
    listen: `${host}:${await freePort(host)}`,
    folder: own,
    program: findProgram('prometheus'),
  });
  processes.defer(() => server.stop());
  await server.start();
  return server.url;
}
