import type { AnalysisRun, AnalysisTemplate } from '../../../src/api/analysis.ts';
import type { Ingress, ReplicaSet, Service } from '../../../src/api/core-types.ts';
import type { Rollout, RolloutSpec } from '../../../src/api/rollout.ts';
import type { EpochMs } from '../../../src/api/time.ts';
import { templateKey } from '../../../src/core/rollout/observed.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import type { Verdict } from './stage.ts';

/** Any moment will do; this one makes stories begin at midnight. */
export const BEGINNING: EpochMs = Date.UTC(2026, 0, 1);

/** What a cluster is made of. */
export interface ClusterOptions {
  readonly spec: RolloutSpec;
  /** Whether an nginx-like router splits the traffic. */
  readonly routed: boolean;
  readonly readyAfterMs?: number;
  readonly endpointLagMs?: number;
  /** How long the data plane acts on old weights and endpoints; the planner is told so. */
  readonly routerLagMs?: number;
  readonly templates?: readonly AnalysisTemplate[];
  /** Image whose pods never become ready. */
  readonly brokenImage?: string;
  readonly name?: string;
}

export interface TinyPod {
  readonly name: string;
  readonly uid: string;
  readonly hash: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly createdAt: EpochMs;
  ready: boolean;
}

interface Timer {
  readonly at: EpochMs;
  readonly run: () => void;
}

/** The objects of a cluster just large enough for one Rollout, and its virtual clock. */
export class TinyCluster {
  now: EpochMs = BEGINNING;
  rollout: Rollout;
  readonly replicaSets = new Map<string, ReplicaSet>();
  readonly services = new Map<string, Service>();
  readonly analysisRuns = new Map<string, AnalysisRun>();
  readonly templates = new Map<string, AnalysisTemplate>();
  readonly ingresses = new Map<string, Ingress>();
  pods: TinyPod[] = [];
  /** Uids of the ready pods of each Service, as its EndpointSlices say. */
  readonly endpoints = new Map<string, readonly string[]>();
  /** What the canary Ingress says; undefined before there is one. */
  routeWeight: number | undefined;
  routerProblem: string | undefined;
  /** What requests meet. */
  readonly dataPlane = { weight: 0, endpoints: new Map<string, readonly string[]>() };
  /** Image of each version, by hash. */
  readonly versions = new Map<string, string>();
  /** Set while a script breaks pods on purpose: then a black hole is not the planner's doing. */
  outage = false;
  judge: () => Verdict = () => 'Successful';
  readonly readyAfterMs: number;
  readonly endpointLagMs: number;
  readonly routerLagMs: number;
  readonly isRouted: boolean;
  readonly brokenImage: string | undefined;
  #serial = 0;
  readonly #timers: Timer[] = [];

  constructor(options: ClusterOptions) {
    this.readyAfterMs = options.readyAfterMs ?? 5_000;
    this.endpointLagMs = options.endpointLagMs ?? 1_000;
    this.routerLagMs = options.routerLagMs ?? 5_000;
    this.isRouted = options.routed;
    this.brokenImage = options.brokenImage;
    this.rollout = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: {
        name: options.name ?? 'web',
        namespace: 'default',
        uid: 'rollout-uid',
        generation: 1,
        creationTimestamp: formatTimestamp(this.now),
      },
      spec: options.spec,
    };
    for (const template of options.templates ?? [])
      this.templates.set(templateKey(template.metadata.name!, false), template);
    for (const name of this.#serviceNames()) {
      this.services.set(name, { metadata: { name, resourceVersion: '1' }, spec: { selector: { app: 'web' } } });
    }
    if (options.routed) {
      const backend = { service: { name: 'web-stable', port: { number: 80 } } };
      const rules = [{ host: 'web.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
      this.ingresses.set('web', { metadata: { name: 'web' }, spec: { rules } });
    }
  }

  /** Pods of a version that are ready. */
  available(hash: string | undefined): number {
    return this.pods.filter((pod) => pod.ready && pod.hash === hash).length;
  }

  get maxWeight(): number {
    return this.rollout.spec.strategy?.canary?.trafficRouting?.maxTrafficWeight ?? 100;
  }

  nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  after(milliseconds: number, run: () => void): void {
    this.#timers.push({ at: this.now + milliseconds, run });
  }

  /** When the next timer is due; undefined when there is none. */
  nextTimer(): EpochMs | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ at }) => at));
  }

  /** Runs the timers that are due, each followed by `look`. */
  fire(look: () => void): void {
    for (const timer of this.#timers.filter(({ at }) => at <= this.now)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.run();
      look();
    }
  }

  #serviceNames(): readonly string[] {
    const { canaryService, stableService } = this.rollout.spec.strategy?.canary ?? {};
    return [canaryService, stableService].filter((name) => name !== undefined);
  }
}
