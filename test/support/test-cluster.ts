import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { AnalysisRun } from '../../src/api/analysis.ts';
import type { KubeEvent, KubeObject, Pod } from '../../src/api/core-types.ts';
import { customResourceDefinition } from '../../src/api/crd/definitions.ts';
import { KIND_SCHEMAS, type KindName } from '../../src/api/kinds.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import type { AssemblyOptions } from '../../src/controllers/assemble.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { createKubeClient } from '../../src/kube/kube-client.ts';
import type { LeaseTiming } from '../../src/kube/lease.ts';
import {
  ANALYSIS_TEMPLATES,
  CLUSTER_ANALYSIS_TEMPLATES,
  INGRESSES,
  type Resource,
  ROLLOUTS,
  SECRETS,
  SERVICES,
} from '../../src/kube/resources.ts';
import { KubeletActor, type KubeletOptions } from '../../src/simulator/actors/kubelet-actor.ts';
import { startActors } from '../../src/simulator/actors/start-actors.ts';
import { ApiServer } from '../../src/simulator/api-server.ts';
import { typesOfDefinition } from '../../src/simulator/custom-resource.ts';
import { InProcessTransport, type TransportHooks } from '../../src/simulator/in-process-transport.ts';
import type { KubeObject as StoredObject } from '../../src/simulator/kube-object.ts';
import { seededRandom } from '../../src/simulator/random.ts';
import type { ResourceType } from '../../src/simulator/resource-type.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { type Logger, silentLogger } from '../../src/telemetry/logger.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics.ts';
import type { RouterOptions } from '../../src/traffic/registry.ts';
import { ControllerProcess } from './controller-process.ts';
import { ProcessClock } from './process-clock.ts';
import { type PrometheusFunction, stubPrometheus } from './prometheus-stub.ts';
import { Writers } from './writers.ts';

export interface TestClusterOptions {
  readonly kubelet?: KubeletOptions;
  /** Why a pod is not admitted, e.g. by a quota; undefined admits it. */
  readonly refusePod?: (pod: Pod) => string | undefined;
  /** How long EndpointSlices lag behind. */
  readonly endpointLagMs?: number;
  readonly prometheus?: PrometheusFunction;
  /** Faults of the connections of controllers that bring none of their own. */
  readonly hooks?: TransportHooks;
  readonly seed?: number;
  readonly logger?: Logger;
}

/** What may differ between the controllers of one cluster. */
export interface StartOptions {
  readonly hooks?: TransportHooks;
  readonly namespace?: string;
  readonly instanceId?: string;
  /** Takes part in leader election by this name. */
  readonly identity?: string;
  readonly timing?: AssemblyOptions['timing'];
  /** Default: so much that nobody waits. */
  readonly rate?: AssemblyOptions['rate'];
  /** Default: client-go's. */
  readonly leaseTiming?: LeaseTiming;
  /** Such as how long nginx may act on an old weight. */
  readonly routers?: RouterOptions;
  /** By how much the wall clock of its machine is ahead, milliseconds. */
  readonly skewMs?: number;
  readonly logger?: Logger;
}

/** An Event as often as it was recorded. */
export interface RecordedEvent {
  readonly at: number;
  readonly object: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** client-go's. */
const LEASE_TIMING: LeaseTiming = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

const GENEROUS_RATE = { qps: 1_000, burst: 1_000 };

const BY_KIND: Readonly<Record<string, Resource>> = {
  Rollout: ROLLOUTS,
  AnalysisTemplate: ANALYSIS_TEMPLATES,
  ClusterAnalysisTemplate: CLUSTER_ANALYSIS_TEMPLATES,
  Service: SERVICES,
  Ingress: INGRESSES,
  Secret: SECRETS,
};

/** The real controllers on the simulator, with pods that are only their status, on a virtual clock. */
export class TestCluster {
  readonly clock = new VirtualClock();
  /** Of the API server's machine. */
  readonly serverClock = new ProcessClock(this.clock);
  /** Of the nodes' machines. */
  readonly nodeClock = new ProcessClock(this.clock);
  readonly server: ApiServer;
  /** A person's access; never faulty. */
  readonly client: KubeClient;
  /** All Events in the order in which they were recorded. */
  readonly events: RecordedEvent[] = [];
  /** Who writes. Processes are `controller-1`, `controller-2`, … in the order of their start. */
  readonly writers = new Writers();
  /** Of all controllers. */
  readonly metrics = new MetricsRegistry();
  readonly #options: TestClusterOptions;
  readonly #processes: ControllerProcess[] = [];

  constructor(options: TestClusterOptions = {}) {
    this.#options = options;
    this.server = new ApiServer({ clock: this.serverClock, random: seededRandom(options.seed ?? 1) });
    for (const type of ourTypes()) this.server.context.registry.install(type);
    const { endpointLagMs = 500, refusePod } = options;
    startActors(this.server.context, { lagMs: endpointLagMs, ...(refusePod === undefined ? {} : { refusePod }) });
    new KubeletActor(this.server.context, { clock: this.nodeClock, ...options.kubelet }).start();
    this.client = this.clientOf('person');
    this.server.context.storage.subscribe(({ collection, type, object }) => {
      if (collection === '/events' && type !== 'DELETED') this.events.push(this.#recorded(object));
    });
  }

  /** Access for somebody else; never faulty. */
  clientOf(name: string): KubeClient {
    const hooks = this.writers.announce(name, {});
    return createKubeClient(new InProcessTransport(this.server, { clock: this.clock, userAgent: `${name}/1`, hooks }));
  }

  /** Starts a controller process beside those that run. */
  startController(options: StartOptions = {}): ControllerProcess {
    const { hooks, namespace, instanceId = '', identity, timing, routers = {}, logger, rate = GENEROUS_RATE } = options;
    const { leaseTiming = LEASE_TIMING } = options;
    const faults = hooks ?? this.#options.hooks;
    const process = new ControllerProcess({
      name: `controller-${this.#processes.length + 1}`,
      server: this.server,
      clock: this.clock,
      writers: this.writers,
      ...(faults === undefined ? {} : { hooks: faults }),
      ...(options.skewMs === undefined ? {} : { skewMs: options.skewMs }),
      assembly: {
        random: seededRandom((this.#options.seed ?? 1) * 1000 + this.#processes.length),
        logger: logger ?? this.#options.logger ?? silentLogger,
        metrics: this.#processes.length === 0 ? this.metrics : new MetricsRegistry(),
        namespace,
        instanceId,
        leaderElection:
          identity === undefined ? undefined : { namespace: 'default', name: 'leader', identity, timing: leaseTiming },
        providers: { http: stubPrometheus(this.clock, this.#options.prometheus ?? (() => [])) },
        routers,
        workers: { rollouts: 10, analysisRuns: 30 },
        rate,
        ...(timing === undefined ? {} : { timing }),
      },
    });
    this.#processes.push(process);
    return process;
  }

  /** Stops every controller that runs. */
  async stopController(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }

  async apply(...objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const resource = BY_KIND[object.kind ?? ''];
      if (resource === undefined) throw new Error(`the test cluster cannot apply a ${object.kind}`);
      const namespace = resource.namespaced ? { namespace: object.metadata.namespace ?? 'default' } : {};
      const patch = { ...object, metadata: { ...object.metadata, ...namespace } };
      const key = { ...namespace, name: object.metadata.name ?? '' };
      await this.client.patch(resource, key, { type: 'apply', patch, fieldManager: 'gitops', force: true });
    }
  }

  rollout(name: string, namespace = 'default'): Promise<Rollout> {
    return this.client.get<Rollout>(ROLLOUTS, { namespace, name });
  }

  /** A merge patch as clients send it. */
  async patch(name: string, patch: object, subresource?: 'status'): Promise<Rollout> {
    return this.client.patch<Rollout>(
      ROLLOUTS,
      { namespace: 'default', name },
      { type: 'merge', patch },
      subresource === undefined ? {} : { subresource },
    );
  }

  // The types of what is stored follow from the collection, which only the caller knows.
  // oxlint-disable typescript/no-unnecessary-type-parameters
  /** What is stored now, without a request. `collection` is such as `apps/replicasets` or `/pods`. */
  stored<T extends KubeObject>(collection: string): readonly T[] {
    return this.server.context.storage.list(collection) as unknown as readonly T[];
  }

  find<T extends KubeObject>(collection: string, name: string, namespace = 'default'): T | undefined {
    return this.server.context.storage.get(collection, `${namespace}/${name}`) as unknown as T | undefined;
  }
  // oxlint-enable typescript/no-unnecessary-type-parameters

  runs(): readonly AnalysisRun[] {
    return this.stored<AnalysisRun>('argoproj.io/analysisruns');
  }

  /** Reasons of the Events about an object, in order. */
  reasons(object: string): readonly string[] {
    return this.events.filter((event) => event.object === object).map(({ reason }) => reason);
  }

  /** How often the first controller has looked at a Rollout. */
  passes(name: string, namespace = 'default'): number {
    const start = `rollout_reconcile_count{namespace="${namespace}",name="${name}"} `;
    const lines = this.metrics.expose().split('\n');
    return Number(lines.find((line) => line.startsWith(start))?.slice(start.length) ?? 0);
  }

  /** Lets time pass until the Rollout fulfils `condition`; fails after `horizonMs` with the status that it had then. */
  async until(name: string, condition: (rollout: Rollout) => boolean, horizonMs: number): Promise<Rollout> {
    const current = () => this.find<Rollout>('argoproj.io/rollouts', name);
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

  #recorded(object: StoredObject): RecordedEvent {
    const { type, reason, message, involvedObject } = object as unknown as KubeEvent;
    return {
      at: this.clock.now(),
      object: involvedObject?.name ?? '',
      type: type ?? '',
      reason: reason ?? '',
      message: message ?? '',
    };
  }
}

let types: readonly ResourceType[] | undefined;

/** Served from the start, because parsing and checking five large definitions takes longer than a whole release. */
function ourTypes(): readonly ResourceType[] {
  types ??= (Object.keys(KIND_SCHEMAS) as KindName[]).flatMap((kind) =>
    typesOfDefinition(customResourceDefinition(kind) as unknown as StoredObject),
  );
  return types;
}

/** The objects of a YAML file. */
export function manifestsIn(path: string): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as KubeObject);
}
