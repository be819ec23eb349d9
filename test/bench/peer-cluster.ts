import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject, Pod, ReplicaSet } from '../../src/api/core-types.ts';
import { nameOf } from '../../src/api/object-name.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { Informer } from '../../src/kube/informer.ts';
import { INGRESSES, PODS, REPLICA_SETS, type Resource, ROLLOUTS, SERVICES } from '../../src/kube/resources.ts';
import type { KubeTransport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import type { Programs } from '../../src/sandbox/components/component-cache.ts';
import { startRealApi } from '../../src/sandbox/control-plane/real-api.ts';
import { installDefinitions } from '../../src/sandbox/definitions.ts';
import { ProcessGroup } from '../../src/sandbox/process-group.ts';
import { AuditLog, isWrite } from '../support/audit-log.ts';

const BY_KIND: Readonly<Record<string, Resource>> = { Rollout: ROLLOUTS, Service: SERVICES, Ingress: INGRESSES };
const POLL_MS = 100;
/** Far beyond what anything takes; a bench that hangs says nothing. */
const LIMIT_MS = 1_200_000;
/** Requests under way at the same time. */
const PARALLEL = 8;
const ADDRESSES_PER_NET = 250;

/** A real control plane for a controller that is compared with others, with pods that are nothing but their status. */
export class PeerCluster {
  readonly processes: ProcessGroup;
  readonly folder: string;
  readonly kubeconfig: string;
  readonly client: KubeClient;
  /** All writes of everybody. */
  readonly writes: AuditLog;
  readonly rollouts: Informer<Rollout>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly #stop = new AbortController();
  #pods = 0;

  private constructor(place: Place) {
    const { processes, folder, kubeconfig, client, transport, auditLog } = place;
    this.processes = processes;
    this.folder = folder;
    this.kubeconfig = kubeconfig;
    this.client = client;
    this.writes = new AuditLog(auditLog, isWrite);
    this.rollouts = informerOf<Rollout>(ROLLOUTS, transport);
    this.replicaSets = informerOf<ReplicaSet>(REPLICA_SETS, transport);
  }

  /** Has to run inside of a network namespace. */
  static async start(programs: Programs): Promise<PeerCluster> {
    const processes = new ProcessGroup();
    const folder = await mkdtemp(join(tmpdir(), 'linnet-bench-'));
    processes.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const { controlPlane, kubeconfig, client, transport } = await startRealApi({ processes, folder }, programs);
    await installDefinitions(client);
    const { auditLog } = controlPlane;
    const cluster = new PeerCluster({ processes, folder, kubeconfig, client, transport, auditLog });
    await cluster.#run(transport);
    return cluster;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.processes.close();
  }

  async create(objects: readonly KubeObject[]): Promise<void> {
    await inParallel(objects, async (object) => {
      const resource = BY_KIND[object.kind ?? ''];
      if (resource === undefined) throw new Error(`the bench cannot create a ${object.kind}`);
      await this.client.create(resource, object);
    });
  }

  /** @throws Error after a time that is far beyond what anything takes */
  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = systemClock.monotonic() + LIMIT_MS;
    while (!condition()) {
      if (systemClock.monotonic() > deadline) throw new Error(`waited in vain for ${what}`);
      await systemClock.sleep(POLL_MS);
    }
  }

  async #run(transport: KubeTransport): Promise<void> {
    const pods = informerOf<Pod>(PODS, transport);
    pods.onChange({ added: (pod) => void this.#lookAfter(pod), updated: (pod) => void this.#lookAfter(pod) });
    const informers = [pods, this.rollouts, this.replicaSets];
    for (const informer of informers) void informer.run(this.#stop.signal);
    await Promise.all(informers.map(({ synced }) => synced));
  }

  /** A kubelet that starts nothing: a pod is ready when it is bound, and gone when it is deleted. */
  async #lookAfter(pod: Pod): Promise<void> {
    const { metadata, spec, status } = pod;
    const key = { namespace: metadata.namespace ?? '', name: nameOf(pod) };
    try {
      if (metadata.deletionTimestamp !== undefined) {
        await this.client.delete(PODS, key, { gracePeriodSeconds: 0 });
      } else if (spec?.nodeName !== undefined && status?.phase !== 'Running') {
        const patch = { status: readyStatus(this.#nextAddress()) };
        await this.client.patch(PODS, key, { type: 'strategic', patch }, { subresource: 'status' });
      }
    } catch {
      // It went in this moment; a later event brings another try where one is needed.
    }
  }

  #nextAddress(): string {
    this.#pods += 1;
    return `10.244.${1 + Math.floor(this.#pods / ADDRESSES_PER_NET)}.${1 + (this.#pods % ADDRESSES_PER_NET)}`;
  }
}

interface Place {
  readonly processes: ProcessGroup;
  readonly folder: string;
  readonly kubeconfig: string;
  readonly client: KubeClient;
  readonly transport: KubeTransport;
  readonly auditLog: string;
}

function informerOf<T extends KubeObject>(resource: Resource, transport: KubeTransport): Informer<T> {
  return new Informer<T>({ resource, transport, clock: systemClock, random: Math.random });
}

function readyStatus(podIP: string): object {
  const lastTransitionTime = new Date().toISOString();
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime,
  }));
  return { phase: 'Running', conditions, podIP, podIPs: [{ ip: podIP }], startTime: lastTransitionTime };
}

/** A few at a time, as a client with a connection pool does. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
