import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '../kube/client.ts';
import { createKubeClient } from '../kube/kube-client.ts';
import { loadConnection } from '../kube/kube-config.ts';
import type { KubeTransport } from '../kube/transport.ts';
import { UndiciTransport } from '../kube/undici-transport.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { startActors } from '../simulator/actors/start-actors.ts';
import { ApiServer } from '../simulator/api-server.ts';
import { kubeconfigFor, serveHttp } from '../simulator/http-server.ts';
import type { ApiService } from './pods/service-account.ts';
import type { ProcessGroup } from './process-group.ts';
import { reserveSubnet, type Subnet } from './subnet.ts';

/** The API server of a sandbox with the controllers of the workload kinds behind it, and where its pods live. */
export interface ClusterApi {
  readonly kubeconfig: string;
  readonly transport: KubeTransport;
  readonly client: KubeClient;
  /** Addresses of pods and of the sandbox's own servers. */
  readonly subnet: Subnet;
  /** Whether pods are bound to nodes by a scheduler; otherwise the pod runner takes them all. */
  readonly hasScheduler: boolean;
  /** How pods reach the API server; absent: they do not. */
  readonly service?: ApiService;
}

export interface ClusterApiOptions {
  readonly processes: ProcessGroup;
  /** Where it may write. */
  readonly folder: string;
}

/** The simulator's API server over HTTP, and its actors. */
export async function startSimulatedApi({ processes, folder }: ClusterApiOptions): Promise<ClusterApi> {
  const subnet = await reserveSubnet(Math.random);
  processes.defer(() => subnet.close());
  const api = new ApiServer({ clock: systemClock, random: Math.random });
  startActors(api.context);
  const server = await serveHttp(api);
  processes.defer(() => server.close());
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor(server.url));
  return { kubeconfig, subnet, hasScheduler: false, ...(await connect(kubeconfig, processes)) };
}

/** A client for whatever a kubeconfig points at. */
export async function connect(
  kubeconfig: string,
  processes: ProcessGroup,
): Promise<{ readonly transport: KubeTransport; readonly client: KubeClient }> {
  const connection = await loadConnection(systemClock, { kubeconfig }, { env: {} });
  const transport = new UndiciTransport({ connection, clock: systemClock, userAgent: 'linnet-sandbox' });
  processes.defer(() => transport.close());
  return { transport, client: createKubeClient(transport) };
}
