import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeObject } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { createKubeClient } from '../../src/kube/kube-client.ts';
import {
  ANALYSIS_TEMPLATES,
  CUSTOM_RESOURCE_DEFINITIONS,
  INGRESSES,
  NAMESPACES,
  type Resource,
  ROLLOUTS,
  SERVICES,
} from '../../src/kube/resources.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { KubeletActor } from '../../src/simulator/actors/kubelet-actor.ts';
import { startActors } from '../../src/simulator/actors/start-actors.ts';
import type { ApiRequest, ApiResponse } from '../../src/simulator/api-request.ts';
import { ApiServer } from '../../src/simulator/api-server.ts';
import { kubeconfigFor, serveHttp } from '../../src/simulator/http-server.ts';
import { InProcessTransport } from '../../src/simulator/in-process-transport.ts';
import type { StorageEvent } from '../../src/simulator/storage.ts';

/** Pods and EndpointSlices at the pace of a quick cluster, so that the bench measures the controller and not the pods. */
const READY_AFTER_MS = 200;
const STOPS_AFTER_MS = 200;
const ENDPOINT_LAG_MS = 100;

const BY_KIND: Readonly<Record<string, Resource>> = {
  Rollout: ROLLOUTS,
  AnalysisTemplate: ANALYSIS_TEMPLATES,
  Service: SERVICES,
  Ingress: INGRESSES,
};

/** One request of the controller, as the server saw it. */
export interface SeenRequest {
  readonly at: number;
  readonly kind: 'write' | 'read' | 'watch';
  /** `PATCH rollouts/status`, `POST events`. */
  readonly text: string;
}

/** The simulator on HTTP, in this process and on the system clock, with actors in place of the other components. */
export class BenchCluster {
  readonly server: ObservedServer;
  /** A person's access, not counted. */
  readonly client: KubeClient;
  readonly kubeconfig: string;
  readonly #close: () => Promise<void>;

  private constructor(server: ObservedServer, kubeconfig: string, close: () => Promise<void>) {
    this.server = server;
    this.kubeconfig = kubeconfig;
    this.#close = close;
    this.client = createKubeClient(new InProcessTransport(server, { clock: systemClock, userAgent: 'person/1' }));
  }

  static async start(): Promise<BenchCluster> {
    const server = new ObservedServer({ clock: systemClock, random: Math.random });
    startActors(server.context, { lagMs: ENDPOINT_LAG_MS });
    const behaviour = () => ({ readyAfterMs: READY_AFTER_MS, stopsAfterMs: STOPS_AFTER_MS });
    new KubeletActor(server.context, { behaviour }).start();
    const http = await serveHttp(server);
    const folder = await mkdtemp(join(tmpdir(), 'linnet-bench-'));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigFor(http.url));
    const cluster = new BenchCluster(server, kubeconfig, async () => {
      await http.close();
      await rm(folder, { recursive: true, force: true });
    });
    await cluster.#install();
    return cluster;
  }

  close(): Promise<void> {
    return this.#close();
  }

  async create(...objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const resource = BY_KIND[object.kind ?? ''];
      if (resource === undefined) throw new Error(`the bench cannot create a ${object.kind}`);
      await this.client.create(resource, object);
    }
  }

  /** All Rollouts as they are stored now. */
  rollouts(): readonly Rollout[] {
    return this.server.context.storage.list('argoproj.io/rollouts') as unknown as readonly Rollout[];
  }

  /** The first write that fulfils `condition`, from now on. */
  async event(condition: (event: StorageEvent) => boolean, timeoutMs: number): Promise<StorageEvent> {
    const { promise, resolve, reject } = Promise.withResolvers<StorageEvent>();
    const timer = setTimeout(
      () => reject(new Error(`the write that the bench waits for did not come within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const unsubscribe = this.server.context.storage.subscribe((event) => {
      if (condition(event)) resolve(event);
    });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }

  /** Resolves when nobody, the actors included, has written anything for a while. */
  async quiet(quietMs = 1_000): Promise<void> {
    const { storage } = this.server.context;
    for (let revision = -1; revision !== storage.revision; await systemClock.sleep(quietMs))
      revision = storage.revision;
  }

  /** Resolves when every Rollout is in `phase` and the controller has written nothing for `quietMs`. */
  async settled(phase: string, timeoutMs: number, quietMs = 2_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const isSettled = (): boolean => {
      const lastWrite = this.server.seen.findLast(({ kind }) => kind === 'write')?.at ?? 0;
      return performance.now() - lastWrite > quietMs && this.rollouts().every(({ status }) => status?.phase === phase);
    };
    while (!isSettled()) {
      if (performance.now() > deadline) {
        const other = this.rollouts().find(({ status }) => status?.phase !== phase);
        throw new Error(`not settled after ${timeoutMs} ms: ${JSON.stringify(other?.status ?? 'it goes on writing')}`);
      }
      await systemClock.sleep(100);
    }
  }

  async #install(): Promise<void> {
    for (const file of (await readdir('crds')).filter((name) => name.endsWith('.yaml'))) {
      const definition = parse(await readFile(join('crds', file), 'utf8')) as KubeObject;
      await this.client.create(CUSTOM_RESOURCE_DEFINITIONS, definition);
    }
    await this.client.create(NAMESPACES, { metadata: { name: 'argo-rollouts' } });
  }
}

/** Remembers what the controller asked for. */
class ObservedServer extends ApiServer {
  readonly seen: SeenRequest[] = [];

  override handle(request: ApiRequest): Promise<ApiResponse> {
    if (request.headers['user-agent']?.startsWith('linnet-controller/') === true) {
      this.seen.push({ at: performance.now(), kind: kindOf(request), text: describe(request) });
    }
    return super.handle(request);
  }
}

function kindOf({ method, query }: ApiRequest): SeenRequest['kind'] {
  if (method !== 'GET') return 'write';
  return query['watch'] === 'true' ? 'watch' : 'read';
}

/** Verb and resource without the object's name, which is what requests are counted by. */
function describe({ method, path }: ApiRequest): string {
  const parts = path.split('/').filter((part) => part !== '');
  const afterVersion = parts.slice(parts[0] === 'api' ? 2 : 3);
  const scoped = afterVersion[0] === 'namespaces' && afterVersion.length > 2 ? afterVersion.slice(2) : afterVersion;
  const [plural = path, , subresource] = scoped;
  return `${method} ${plural}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** `12 PATCH rollouts/status, 3 POST events`, the most frequent first. */
export function tally(requests: readonly SeenRequest[]): string {
  const counts = Object.entries(Object.groupBy(requests, ({ text }) => text)).map(
    ([text, same]) => [text, same?.length ?? 0] as const,
  );
  return counts
    .sort(([, left], [, right]) => right - left)
    .map(([text, count]) => `${count} ${text}`)
    .join(', ');
}
