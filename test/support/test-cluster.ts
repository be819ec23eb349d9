import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import { type Assembly, assembleControllers } from '../../src/controllers/assemble.ts';
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
import type { HttpClient } from '../../src/net/http-client.ts';
import { KubeletActor, type KubeletOptions } from '../../src/simulator/actors/kubelet-actor.ts';
import { startActors } from '../../src/simulator/actors/start-actors.ts';
import { ApiServer } from '../../src/simulator/api-server.ts';
import { InProcessTransport, type TransportHooks } from '../../src/simulator/in-process-transport.ts';
import { seededRandom } from '../../src/simulator/random.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { type Logger, silentLogger } from '../../src/telemetry/logger.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics.ts';

export interface TestClusterOptions {
  readonly kubelet?: KubeletOptions;
  /** How long EndpointSlices lag behind. */
  readonly endpointLagMs?: number;
  /** What Prometheus answers to a query: the samples of an instant vector, or an error. */
  readonly prometheus?: (query: string) => readonly string[] | Error;
  /** Faults of the controller's own connection. */
  readonly hooks?: TransportHooks;
  readonly seed?: number;
  readonly logger?: Logger;
}

const BY_KIND: Readonly<Record<string, Resource>> = {
  Rollout: ROLLOUTS,
  AnalysisTemplate: ANALYSIS_TEMPLATES,
  Service: SERVICES,
  Ingress: INGRESSES,
};

/** The real controllers on the simulator, with pods that are only their status, on a virtual clock. */
export class TestCluster {
  readonly clock = new VirtualClock();
  readonly server: ApiServer;
  /** A person's access; never faulty. */
  readonly client: KubeClient;
  readonly #options: TestClusterOptions;
  #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #generation = 0;

  constructor(options: TestClusterOptions = {}) {
    this.#options = options;
    this.server = new ApiServer({ clock: this.clock, random: seededRandom(options.seed ?? 1) });
    startActors(this.server.context, { lagMs: options.endpointLagMs ?? 500 });
    new KubeletActor(this.server.context, options.kubelet).start();
    this.client = createKubeClient(new InProcessTransport(this.server, { clock: this.clock, userAgent: 'person/1' }));
  }

  /** CRDs and a namespace. */
  async install(): Promise<void> {
    for (const file of readdirSync('crds')) {
      for (const object of manifestsIn(`crds/${file}`)) await this.client.create(CUSTOM_RESOURCE_DEFINITIONS, object);
    }
    await this.clock.advanceBy(1_000);
    await this.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argo-rollouts' } });
  }

  /** Starts a controller process; the one before has to be stopped. */
  startController(): Assembly {
    const { clock } = this;
    this.#stop = new AbortController();
    this.#generation += 1;
    const assembly = assembleControllers({
      transport: new InProcessTransport(this.server, {
        clock,
        userAgent: 'linnet-controller/test',
        ...(this.#options.hooks === undefined ? {} : { hooks: this.#options.hooks }),
      }),
      clock,
      random: seededRandom((this.#options.seed ?? 1) * 1000 + this.#generation),
      logger: this.#options.logger ?? silentLogger,
      metrics: new MetricsRegistry(),
      namespace: undefined,
      instanceId: '',
      leaderElection: undefined,
      providers: { http: this.#prometheus() },
      routers: {},
      workers: { rollouts: 10, analysisRuns: 30 },
      rate: { qps: 1_000, burst: 1_000 },
    });
    this.#running = assembly.manager.run(this.#stop.signal);
    return assembly;
  }

  async stopController(): Promise<void> {
    this.#stop.abort(new Error('stopped by the test'));
    await this.clock.advanceBy(10_000);
    await this.#running;
  }

  async apply(...objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const resource = BY_KIND[object.kind ?? ''];
      if (resource === undefined) throw new Error(`the test cluster cannot apply a ${object.kind}`);
      const key = { namespace: object.metadata.namespace ?? 'default', name: object.metadata.name ?? '' };
      const patch = { ...object, metadata: { ...object.metadata, namespace: key.namespace } };
      await this.client.patch(resource, key, { type: 'apply', patch, fieldManager: 'gitops', force: true });
    }
  }

  rollout(name: string, namespace = 'default'): Promise<Rollout> {
    return this.client.get<Rollout>(ROLLOUTS, { namespace, name });
  }

  /** Lets time pass until the Rollout fulfils `condition`; fails after `horizonMs` with the status that it had then. */
  async until(name: string, condition: (rollout: Rollout) => boolean, horizonMs: number): Promise<Rollout> {
    const current = () =>
      this.server.context.storage.get('argoproj.io/rollouts', `default/${name}`) as unknown as Rollout | undefined;
    const holds = () => {
      const rollout = current();
      return rollout !== undefined && condition(rollout);
    };
    try {
      await this.clock.runUntil(holds, horizonMs);
    } catch (error) {
      throw new Error(`status: ${JSON.stringify(current()?.status, null, 1)}`, { cause: error });
    }
    return this.rollout(name);
  }

  #prometheus(): HttpClient {
    const answer = this.#options.prometheus ?? (() => []);
    return {
      request: ({ url, body }) => {
        const query = new URLSearchParams(body ?? new URL(url).search).get('query') ?? '';
        const samples = answer(query);
        if (samples instanceof Error) return Promise.reject(samples);
        const result = samples.map((value) => ({ metric: {}, value: [this.clock.now() / 1000, value] }));
        return Promise.resolve({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }),
        });
      },
      close: () => Promise.resolve(),
    };
  }
}

/** The objects of a YAML file. */
export function manifestsIn(path: string): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as KubeObject);
}
