import type { KubeObject } from '../../api/core-types.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { NODES, SERVICE_ACCOUNTS } from '../../kube/resources.ts';
import { systemClock } from '../../runtime/system-clock.ts';
import { type ClusterApi, type ClusterApiOptions, connect } from '../cluster-api.ts';
import { type Programs, programsOf } from '../components/component-cache.ts';
import { NODE_NAME } from '../pods/pod-runner.ts';
import { privateSubnet } from '../subnet.ts';
import { ControlPlane } from './control-plane.ts';
import { KUBERNETES_SERVICE, POD_NETWORK } from './network-namespace.ts';

/** A real control plane as the API server of a sandbox. */
export interface RealApi extends ClusterApi {
  readonly controlPlane: ControlPlane;
}

/** The programs of a control plane. @throws ComponentUnavailable */
export async function controlPlanePrograms(onProgress: (text: string) => void): Promise<Programs> {
  // One after the other: each build uses all cores.
  const etcd = await programsOf('etcd', onProgress);
  return { ...etcd, ...(await programsOf('kubernetes', onProgress)) };
}

/** Starts a real control plane with one node. Has to run inside of a network namespace. */
export async function startRealApi({ processes, folder }: ClusterApiOptions, programs: Programs): Promise<RealApi> {
  const controlPlane = await ControlPlane.start({ processes, clock: systemClock, programs, folder });
  const { transport, client } = await connect(controlPlane.kubeconfig, processes);
  await createNode(client);
  await serviceAccountOf(client, 'default');
  const { kubeconfig, authority, url } = controlPlane;
  return {
    controlPlane,
    kubeconfig,
    transport,
    client,
    subnet: privateSubnet(POD_NETWORK),
    hasScheduler: true,
    service: { host: KUBERNETES_SERVICE, port: Number(new URL(url).port), authority },
  };
}

const CAPACITY = { cpu: '64', memory: '256Gi', pods: '1000' };

/** A node without a kubelet: its status is written here once, and nobody takes it back. */
async function createNode(client: KubeClient): Promise<void> {
  await client.create(NODES, { metadata: { name: NODE_NAME, labels: { 'kubernetes.io/hostname': NODE_NAME } } });
  const status = {
    capacity: CAPACITY,
    allocatable: CAPACITY,
    conditions: [{ type: 'Ready', status: 'True', reason: 'Sandbox', message: 'pods are processes of this machine' }],
  };
  await client.patch(NODES, { name: NODE_NAME }, { type: 'strategic', patch: { status } }, { subresource: 'status' });
}

const START_LIMIT_MS = 180_000;
const POLL_MS = 50;

/** A namespace takes pods once the controller manager has made its default service account. */
async function serviceAccountOf(client: KubeClient, namespace: string): Promise<void> {
  const deadline = systemClock.monotonic() + START_LIMIT_MS;
  for (;;) {
    try {
      await client.get<KubeObject>(SERVICE_ACCOUNTS, { namespace, name: 'default' });
      return;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (systemClock.monotonic() > deadline) {
        const message = `kube-controller-manager does not work: no ServiceAccount after ${START_LIMIT_MS / 1000} s`;
        throw new Error(message, { cause: error });
      }
      await systemClock.sleep(POLL_MS);
    }
  }
}
