import type { AnalysisPhase, AnalysisRun, AnalysisTemplate, Measurement } from '../../src/api/analysis.ts';
import { isCompleted } from '../../src/api/analysis-phase.ts';
import type { Ingress, Pod, ReplicaSet, Service } from '../../src/api/core-types.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../../src/api/keys.ts';
import type { Rollout, RolloutSpec, RolloutStatus } from '../../src/api/rollout.ts';
import type { RolloutDuration } from '../../src/api/rollout-status.ts';
import type { EpochMs } from '../../src/api/time.ts';
import { BLINDNESS_KEY } from '../../src/core/analysis/outcome.ts';
import type { Action } from '../../src/core/rollout/action.ts';
import { describeAction } from '../../src/core/rollout/describe-action.ts';
import { type ObservedRollout, type ServiceEndpoints, templateKey } from '../../src/core/rollout/observed.ts';
import type { Plan } from '../../src/core/rollout/plan.ts';
import { planRollout } from '../../src/core/rollout/plan-rollout.ts';
import { deepEqual } from '../../src/core/values/deep-equal.ts';
import { scaled } from '../../src/core/values/int-or-string.ts';
import type { JsonObject } from '../../src/core/values/json.ts';
import { applyMergePatch, mergePatchBetween } from '../../src/core/values/merge-patch.ts';
import { formatTimestamp } from '../../src/core/values/rfc3339.ts';

/**
 * A cluster just large enough for one Rollout, under a virtual clock: ReplicaSets make pods that become ready after a
 * while, EndpointSlices lag behind pods, and a data plane lags behind weights and endpoints. The planner runs in it as
 * the controller runs it: observe, plan, apply. Every write and every change of the data plane is checked against the
 * invariants that a release must not break.
 */

/** Any moment will do; this one makes stories begin at midnight. */
const BEGINNING: EpochMs = Date.UTC(2026, 0, 1);
const MAX_PASSES_WITHOUT_TIME = 40;
const MEASURE_EACH_MS = 10_000;

export interface WorldOptions {
  readonly spec: RolloutSpec;
  /** Whether an nginx-like router splits the traffic. */
  readonly routed: boolean;
  readonly services?: boolean;
  readonly readyAfterMs?: number;
  readonly endpointLagMs?: number;
  /** How long the data plane acts on old weights and endpoints; the planner is told so. */
  readonly routerLagMs?: number;
  readonly templates?: readonly AnalysisTemplate[];
  /** Image whose pods never become ready. */
  readonly brokenImage?: string;
  /** A number in 0…1; decides the order of actors and which writes fail. */
  readonly random?: () => number;
  /** Chance that a write fails. */
  readonly failureChance?: number;
  readonly name?: string;
}

interface TinyPod {
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

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class TinyWorld {
  now: EpochMs = BEGINNING;
  rollout: Rollout;
  readonly replicaSets = new Map<string, ReplicaSet>();
  readonly services = new Map<string, Service>();
  readonly analysisRuns = new Map<string, AnalysisRun>();
  readonly templates = new Map<string, AnalysisTemplate>();
  readonly ingresses = new Map<string, Ingress>();
  pods: TinyPod[] = [];
  /** What the canary Ingress says; undefined before there is one. */
  routeWeight: number | undefined;
  /** Set to make the router refuse every write. */
  routerProblem: string | undefined;
  /** What requests meet. */
  readonly dataPlane = { weight: 0, endpoints: new Map<string, readonly string[]>() };
  readonly lines: string[] = [];
  readonly violations: string[] = [];
  /** Reasons of all events so far. */
  readonly reasons: string[] = [];
  /** Every change of the status that was stored, as a merge patch. */
  readonly statusPatches: JsonObject[] = [];
  /** Attempts at updates that plans ended, once their status was stored. */
  readonly endedAttempts: RolloutDuration[] = [];
  /** Set while a script breaks pods on purpose: then a black hole is not the planner's doing. */
  outage = false;
  readonly #options: Required<Omit<WorldOptions, 'templates' | 'brokenImage' | 'name' | 'services'>> & WorldOptions;
  readonly #endpoints = new Map<string, readonly string[]>();
  readonly #timers: Timer[] = [];
  #wakeAt: EpochMs | undefined;
  #serial = 0;
  #lastPhase = '';
  readonly #versions = new Map<string, string>();
  readonly #everServed = new Set<string>();

  constructor(options: WorldOptions) {
    this.#options = {
      readyAfterMs: 5_000,
      endpointLagMs: 1_000,
      routerLagMs: 5_000,
      random: () => 0,
      failureChance: 0,
      ...options,
    };
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
    this.#say(`apply ${this.#imageOf(this.rollout)}`);
  }

  #serviceNames(): readonly string[] {
    const { canaryService, stableService } = this.rollout.spec.strategy?.canary ?? {};
    return [canaryService, stableService].filter((name) => name !== undefined);
  }

  #imageOf({ spec }: Rollout): string {
    return spec.template?.spec?.containers[0]?.image ?? '';
  }

  // ---- what people do ----

  /** Changes the spec, as a new manifest would. */
  edit(what: string, change: (spec: RolloutSpec) => RolloutSpec): void {
    const { metadata } = this.rollout;
    const generation = (metadata.generation ?? 0) + 1;
    this.rollout = { ...this.rollout, metadata: { ...metadata, generation }, spec: change(this.rollout.spec) };
    this.#say(what);
  }

  image(image: string): void {
    this.edit(`apply ${image}`, (spec) => {
      const container = spec.template!.spec!.containers[0]!;
      const podSpec = { ...spec.template!.spec!, containers: [{ ...container, image }] };
      return { ...spec, template: { ...spec.template, spec: podSpec } };
    });
  }

  /** Merge-patches the status, as the plugin does. */
  order(what: string, patch: JsonObject): void {
    const status = applyMergePatch(asJson(this.rollout.status), patch);
    this.rollout = { ...this.rollout, status: status as RolloutStatus };
    this.#say(what);
  }

  promote(): void {
    this.order('promote', { pauseConditions: null });
  }

  abort(): void {
    this.order('abort', { abort: true });
  }

  retry(): void {
    this.order('retry', { abort: null });
  }

  /** All pods of an image die at once and come back as new pods. */
  killPods(image: string): void {
    this.outage = true;
    this.#say(`all pods of ${image} die`);
    const hash = [...this.#versions].find(([, version]) => version === image)?.[0];
    this.pods = this.pods.filter((pod) => pod.hash !== hash);
  }

  scale(replicas: number): void {
    this.#boundBefore = Number.POSITIVE_INFINITY;
    this.edit(`scale to ${replicas}`, (spec) => ({ ...spec, replicas }));
  }

  addTemplate(template: AnalysisTemplate): void {
    this.templates.set(templateKey(template.metadata.name!, false), template);
    this.#say(`add AnalysisTemplate ${template.metadata.name!}`);
  }

  timestamp(): string {
    return formatTimestamp(this.now);
  }

  /** What the next measurement of a run finds; undefined: no data, which is no success and no failure. */
  judge: () => 'Successful' | 'Failed' | 'Inconclusive' | undefined = () => 'Successful';

  // ---- time ----

  /** Lets everything happen that happens without time passing, then time itself, for so long. */
  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    this.settle();
    for (let next = this.#nextMoment(); next !== undefined && next <= end; next = this.#nextMoment()) {
      this.now = Math.max(this.now, next);
      this.#fire();
      this.settle();
    }
    this.now = Math.max(this.now, end);
    this.settle();
  }

  #nextMoment(): EpochMs | undefined {
    const moments = [...this.#timers.map(({ at }) => at), ...(this.#wakeAt === undefined ? [] : [this.#wakeAt])];
    return moments.length === 0 ? undefined : Math.min(...moments);
  }

  #fire(): void {
    if (this.#wakeAt !== undefined && this.#wakeAt <= this.now) this.#wakeAt = undefined;
    for (const timer of this.#timers.filter(({ at }) => at <= this.now)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.run();
      this.#check('data plane');
    }
  }

  #after(milliseconds: number, run: () => void): void {
    this.#timers.push({ at: this.now + milliseconds, run });
  }

  /** Runs the actors, in a random order where one is given, until none has anything to do. */
  settle(): void {
    const actors = [
      () => this.#controllerPass(),
      () => this.#replicaSetController(),
      () => this.#endpointsController(),
    ];
    const rested = new Set<() => boolean>();
    for (let passes = 0; rested.size < actors.length; passes += 1) {
      if (passes > MAX_PASSES_WITHOUT_TIME * actors.length) throw new Error(`no rest:\n${this.story()}`);
      const actor = this.#options.failureChance > 0 ? this.#pick(actors) : actors[passes % actors.length]!;
      if (actor()) rested.clear();
      else rested.add(actor);
    }
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#options.random() * items.length)]!;
  }

  // ---- the controller ----

  observe(): ObservedRollout {
    const endpoints = new Map<string, ServiceEndpoints>(
      [...this.services.keys()].map((name) => {
        const readyByHash = new Map<string, number>();
        for (const uid of this.#endpoints.get(name) ?? []) {
          const hash = uid.split('/')[0]!;
          readyByHash.set(hash, (readyByHash.get(hash) ?? 0) + 1);
        }
        return [name, { readyByHash, readyForeign: 0 }] as const;
      }),
    );
    return {
      rollout: this.rollout,
      replicaSets: [...this.replicaSets.values()],
      analysisRuns: [...this.analysisRuns.values()],
      services: this.services,
      endpoints,
      ingresses: this.ingresses,
      templates: this.templates,
      pods: this.pods.map((pod) => this.#podObject(pod)),
      routers: this.#options.routed ? [this.#router()] : [],
      lastFailures: [],
      instanceId: '',
    };
  }

  #router(): ObservedRollout['routers'][number] {
    return {
      type: 'Nginx',
      weight: this.routeWeight,
      verified: null,
      propagationMs: this.#options.routerLagMs,
      allowsEmptyBackend: false,
      ...(this.routerProblem === undefined ? {} : { problem: this.routerProblem }),
    };
  }

  #podObject(pod: TinyPod): Pod {
    const condition = { type: 'Ready', status: pod.ready ? 'True' : 'False' };
    return {
      metadata: {
        name: pod.name,
        uid: pod.uid,
        labels: { ...pod.labels },
        creationTimestamp: formatTimestamp(pod.createdAt),
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: pod.owner, uid: `${pod.owner}-uid`, controller: true },
        ],
      },
      status: { phase: 'Running', conditions: [condition] },
    };
  }

  plan(): Plan {
    return planRollout(this.observe(), this.now);
  }

  #controllerPass(): boolean {
    const plan = this.plan();
    this.#wakeAt = plan.requeueAt;
    const before = this.rollout.status ?? {};
    const changed = !deepEqual(before, plan.status);
    if (plan.actions.length === 0 && !changed) return false;
    for (const action of plan.actions) this.#apply(action);
    if (this.#writeFails()) return true;
    const patch = mergePatchBetween(before, plan.status);
    if (patch !== undefined) this.#recordPatch(patch);
    if (plan.endedAttempt !== undefined) this.endedAttempts.push(plan.endedAttempt);
    const stableBefore = this.rollout.status?.stableRS;
    const status = patch === undefined ? before : applyMergePatch(asJson(before), patch);
    this.rollout = { ...this.rollout, status: status as RolloutStatus };
    this.reasons.push(...plan.events.map(({ reason }) => reason));
    for (const event of plan.events) this.#tell(`  ! ${event.reason}: ${event.message}`);
    const phase = `${plan.status.phase ?? ''}${plan.status.message === '' ? '' : ` - ${plan.status.message ?? ''}`}`;
    if (phase !== this.#lastPhase) this.#tell(`  = ${phase}`);
    this.#lastPhase = phase;
    this.#checkPromotion(stableBefore);
    this.#check('status');
    return true;
  }

  #recordPatch(patch: JsonObject): void {
    this.statusPatches.push(patch);
    if (Object.keys(patch).join(',') === 'duration') this.#violate('a write that tells of nothing but the duration');
  }

  #writeFails(): boolean {
    return this.#options.failureChance > 0 && this.#options.random() < this.#options.failureChance;
  }

  #apply(action: Action): void {
    if (this.#writeFails()) return;
    this.#tell(`  > ${describeAction(action)}`);
    this.#checkWrite(action);
    this.#perform(action);
    this.#check(describeAction(action));
  }

  #perform(action: Action): void {
    switch (action.kind) {
      case 'createReplicaSet':
        return this.#createReplicaSet(action.replicaSet);
      case 'scaleReplicaSet':
        return this.#patchReplicaSet(action.target.name, {
          metadata: { annotations: { ...action.annotations } },
          spec: { replicas: action.to },
        });
      case 'patchReplicaSet':
        return this.#patchReplicaSet(action.target.name, action.patch as JsonObject);
      case 'deleteReplicaSet':
        this.replicaSets.delete(action.target.name);
        return undefined;
      case 'setServiceSelector':
        return this.#switchService(action.service, action.to);
      case 'setTraffic':
        return this.#setTraffic(action.intent.canaryWeight);
      case 'silenceRoute':
        return undefined;
      case 'createAnalysisRun': {
        const name = action.run.metadata.name!;
        const metadata = { ...action.run.metadata, uid: `${name}-uid`, creationTimestamp: formatTimestamp(this.now) };
        if (this.analysisRuns.has(name)) return undefined;
        this.analysisRuns.set(name, { ...action.run, metadata });
        return this.#measure(name);
      }
      case 'terminateAnalysisRun': {
        const run = this.analysisRuns.get(action.target.name)!;
        const status = { ...run.status, phase: 'Successful' as const };
        this.analysisRuns.set(action.target.name, { ...run, spec: { ...run.spec, terminate: true }, status });
        return undefined;
      }
      case 'deleteAnalysisRun':
        this.analysisRuns.delete(action.target.name);
        return undefined;
      case 'evictPod':
        this.pods = this.pods.filter((pod) => pod.uid !== action.target.uid);
        return undefined;
      case 'patchRollout': {
        const { status: _status, ...rest } = this.rollout;
        const patched = applyMergePatch(
          rest as unknown as JsonObject,
          action.patch as JsonObject,
        ) as unknown as Rollout;
        this.rollout = { ...patched, ...(this.rollout.status === undefined ? {} : { status: this.rollout.status }) };
        return undefined;
      }
    }
  }

  #createReplicaSet(replicaSet: ReplicaSet): void {
    const name = replicaSet.metadata.name!;
    if (this.replicaSets.has(name)) return;
    this.#serial += 1;
    const metadata = {
      ...replicaSet.metadata,
      uid: `${name}-uid`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: formatTimestamp(this.now + this.#serial),
    };
    this.replicaSets.set(name, { ...replicaSet, metadata, status: { replicas: 0, observedGeneration: 1 } });
    const hash = replicaSet.metadata.labels![POD_TEMPLATE_HASH_LABEL]!;
    this.#versions.set(hash, replicaSet.spec!.template!.spec!.containers[0]!.image!);
  }

  #patchReplicaSet(name: string, patch: JsonObject): void {
    const current = this.replicaSets.get(name)!;
    const patched = applyMergePatch(current as unknown as JsonObject, patch) as unknown as ReplicaSet;
    const resourceVersion = String(Number(current.metadata.resourceVersion) + 1);
    const generation = (current.metadata.generation ?? 0) + 1;
    this.replicaSets.set(name, { ...patched, metadata: { ...patched.metadata, resourceVersion, generation } });
  }

  #switchService(name: string, hash: string): void {
    const service = this.services.get(name)!;
    const selector = { ...service.spec?.selector, [POD_TEMPLATE_HASH_LABEL]: hash };
    const annotations = { [MANAGED_BY_ANNOTATION]: this.rollout.metadata.name! };
    const resourceVersion = String(Number(service.metadata.resourceVersion) + 1);
    const metadata = { ...service.metadata, annotations, resourceVersion };
    this.services.set(name, { metadata, spec: { selector } });
  }

  #setTraffic(weight: number): void {
    if (this.routerProblem !== undefined) return;
    this.routeWeight = weight;
    this.#after(this.#options.routerLagMs, () => {
      this.dataPlane.weight = weight;
    });
  }

  // ---- the rest of the cluster ----

  /** Measures every metric of a new run each ten seconds until the run ends. */
  #measure(name: string): void {
    this.#after(MEASURE_EACH_MS, () => {
      const run = this.analysisRuns.get(name);
      if (run === undefined || isCompleted(run.status?.phase)) return;
      const verdict = this.judge();
      const phase: AnalysisPhase = verdict === 'Failed' || verdict === 'Inconclusive' ? verdict : 'Running';
      const at = formatTimestamp(this.now);
      const metricResults = run.spec.metrics.map((metric) => {
        const before = run.status?.metricResults?.find((result) => result.name === metric.name)?.measurements ?? [];
        const measurement: Measurement = {
          phase: verdict ?? 'Error',
          startedAt: at,
          finishedAt: at,
          ...(verdict === undefined ? { message: 'no data', metadata: { [BLINDNESS_KEY]: 'no-data' } } : {}),
        };
        return { name: metric.name, phase, measurements: [...before, measurement].slice(-10) };
      });
      const message = phase === 'Running' ? '' : `Metric "success-rate" assessed ${phase}`;
      this.analysisRuns.set(name, { ...run, status: { phase, message, metricResults } });
      this.#measure(name);
    });
  }

  #replicaSetController(): boolean {
    let acted = false;
    for (const [name, replicaSet] of this.replicaSets) {
      const own = this.pods.filter((pod) => pod.owner === name);
      const wanted = replicaSet.spec?.replicas ?? 0;
      for (let index = own.length; index < wanted; index += 1) this.#createPod(replicaSet);
      if (own.length > wanted) this.#deletePods(own, own.length - wanted);
      acted = this.#reportStatus(name) || acted || own.length !== wanted;
    }
    return acted;
  }

  #createPod(replicaSet: ReplicaSet): void {
    this.#serial += 1;
    const owner = replicaSet.metadata.name!;
    const hash = replicaSet.metadata.labels![POD_TEMPLATE_HASH_LABEL]!;
    const pod: TinyPod = {
      name: `${owner}-${this.#serial}`,
      uid: `${hash}/${this.#serial}`,
      hash,
      labels: replicaSet.spec?.template?.metadata?.labels ?? {},
      owner,
      createdAt: this.now,
      ready: false,
    };
    this.pods.push(pod);
    if (this.#versions.get(hash) === this.#options.brokenImage) return;
    this.#after(this.#options.readyAfterMs, () => {
      (pod as Mutable<TinyPod>).ready = true;
    });
  }

  /** Pods that are not ready go first, then the youngest, as in Kubernetes. */
  #deletePods(own: readonly TinyPod[], count: number): void {
    const victims = own.toReversed().toSorted((left, right) => Number(left.ready) - Number(right.ready));
    const doomed = new Set(victims.slice(0, count));
    this.pods = this.pods.filter((pod) => !doomed.has(pod));
  }

  #reportStatus(name: string): boolean {
    const replicaSet = this.replicaSets.get(name)!;
    const own = this.pods.filter((pod) => pod.owner === name);
    const ready = own.filter((pod) => pod.ready).length;
    const status = {
      replicas: own.length,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: replicaSet.metadata.generation ?? 0,
    };
    if (deepEqual(replicaSet.status, status)) return false;
    const resourceVersion = String(Number(replicaSet.metadata.resourceVersion) + 1);
    this.replicaSets.set(name, { ...replicaSet, status, metadata: { ...replicaSet.metadata, resourceVersion } });
    return true;
  }

  readonly #publishing = new Map<string, string>();

  #endpointsController(): boolean {
    let acted = false;
    for (const [name, service] of this.services) {
      const selector = Object.entries(service.spec?.selector ?? {});
      const uids = this.pods
        .filter((pod) => pod.ready && selector.every(([key, value]) => pod.labels[key] === value))
        .map((pod) => pod.uid);
      const text = uids.join(',');
      if (this.#publishing.get(name) === text) continue;
      this.#publishing.set(name, text);
      acted = true;
      this.#after(this.#options.endpointLagMs, () => {
        this.#endpoints.set(name, uids);
        this.#after(this.#options.routerLagMs, () => {
          this.dataPlane.endpoints.set(name, uids);
        });
      });
    }
    return acted;
  }

  // ---- invariants ----

  #violate(text: string): void {
    this.violations.push(`${this.#clock()} ${this.#readable(text)}`);
  }

  available(hash: string | undefined): number {
    return this.pods.filter((pod) => pod.ready && pod.hash === hash).length;
  }

  #check(when: string): void {
    const max = this.maxWeight;
    const { weight } = this.dataPlane;
    this.#checkBackend('web-canary', weight > 0, when);
    this.#checkBackend('web-stable', weight < max, when);
    const identities = [...this.replicaSets.values()].map((rs) => JSON.stringify(rs.spec?.template?.spec));
    if (new Set(identities).size !== identities.length) this.#violate(`I5 two ReplicaSets for one template (${when})`);
    if (!this.#options.routed) this.#checkBounds(when);
  }

  get maxWeight(): number {
    return this.rollout.spec.strategy?.canary?.trafficRouting?.maxTrafficWeight ?? 100;
  }

  /** A request meets a pod if the data plane knows one that is still there. */
  #checkBackend(service: string, inUse: boolean, when: string): void {
    if (!this.#options.routed) return;
    const living = new Set(this.pods.filter((pod) => pod.ready).map((pod) => pod.uid));
    const serves = (this.dataPlane.endpoints.get(service) ?? []).some((uid) => living.has(uid));
    if (serves) this.#everServed.add(service);
    // Back from zero there is nothing to reach at first, whatever the planner does.
    if (this.rollout.spec.replicas === 0) this.#everServed.delete(service);
    if (inUse && !serves && this.#everServed.has(service) && !this.outage) {
      this.#violate(`I1 Service ${service} has weight but no pod (${when})`);
    }
  }

  #checkBounds(when: string): void {
    const { desired, surge } = this.#allowances();
    const total = [...this.replicaSets.values()].reduce((sum, replicaSet) => sum + (replicaSet.spec?.replicas ?? 0), 0);
    if (total > Math.max(desired + surge, this.#boundBefore)) this.#violate(`I3 ${total} pods of ${desired} (${when})`);
    this.#boundBefore = Math.min(this.#boundBefore, Math.max(total, desired + surge));
  }

  #allowances(): { readonly desired: number; readonly surge: number; readonly unavailable: number } {
    const { maxSurge = '25%', maxUnavailable = '25%' } = this.rollout.spec.strategy?.canary ?? {};
    const desired = this.rollout.spec.replicas ?? 1;
    const surge = scaled(maxSurge, desired, 'up');
    const unavailable = scaled(maxUnavailable, desired, 'down');
    return { desired, surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
  }

  /** Sizes from before `spec.replicas` was lowered count until they are gone. */
  #boundBefore = 0;

  /** Without routing, scaling down never takes available pods below what `maxUnavailable` leaves. */
  #checkScaleDown(name: string, to: number): void {
    const { desired, unavailable } = this.#allowances();
    const serving = (cap: (owner: string) => number): number =>
      [...this.replicaSets.keys()].reduce((sum, owner) => {
        const ready = this.pods.filter((pod) => pod.owner === owner && pod.ready).length;
        return sum + Math.min(ready, cap(owner));
      }, 0);
    const before = serving(() => Number.POSITIVE_INFINITY);
    const after = serving((owner) => (owner === name ? to : Number.POSITIVE_INFINITY));
    if (after < before && after < desired - unavailable)
      this.#violate(`I3 ${after} of ${desired} pods serve once ${name} has ${to}`);
  }

  #checkWrite(action: Action): void {
    if (action.kind === 'scaleReplicaSet' && !this.#options.routed && !this.outage) {
      this.#checkScaleDown(action.target.name, action.to);
    }
    if (action.kind !== 'setTraffic') return;
    const { canaryWeight, maxWeight } = action.intent;
    const desired = this.rollout.spec.replicas ?? 1;
    if (!Number.isInteger(canaryWeight) || canaryWeight < 0 || canaryWeight > maxWeight)
      this.#violate(`I4 weight ${canaryWeight}`);
    const before = this.routeWeight ?? 0;
    const canary = this.available(this.#selected('web-canary'));
    const stable = this.available(this.#selected('web-stable'));
    if (canaryWeight > before && (canaryWeight / maxWeight) * desired > canary) {
      this.#violate(`I2 canary weight ${before} -> ${canaryWeight} with ${canary} pods of ${desired}`);
    }
    if (canaryWeight < before && canary > 0 && ((maxWeight - canaryWeight) / maxWeight) * desired > stable + 1) {
      this.#violate(
        `I2 stable weight ${maxWeight - before} -> ${maxWeight - canaryWeight} with ${stable} pods of ${desired}`,
      );
    }
  }

  #selected(service: string): string | undefined {
    return this.services.get(service)?.spec?.selector?.[POD_TEMPLATE_HASH_LABEL];
  }

  #checkPromotion(before: string | undefined): void {
    const after = this.rollout.status?.stableRS;
    const desired = this.rollout.spec.replicas ?? 1;
    if (after === before || after === undefined) return;
    if (this.available(after) < desired && after === this.rollout.status?.currentPodHash) {
      this.#violate(`I5 promoted ${after} with ${this.available(after)} of ${desired} pods`);
    }
  }

  // ---- the story ----

  #clock(): string {
    const total = Math.round((this.now - BEGINNING) / 1000);
    return `${String(Math.floor(total / 60)).padStart(3, '0')}:${String(total % 60).padStart(2, '0')}`;
  }

  #say(text: string): void {
    this.lines.push('', `${this.#clock()} ${text}`);
  }

  #lastClock = '';

  #tell(text: string): void {
    const clock = this.#clock();
    if (clock !== this.#lastClock) this.lines.push(clock);
    this.#lastClock = clock;
    this.lines.push(text);
  }

  comment(text: string): void {
    this.lines.push('', `-- ${text}`);
  }

  /** Hashes read as images, e.g. `web-<v1>`. */
  #readable(text: string): string {
    let readable = text;
    for (const [hash, version] of this.#versions) readable = readable.replaceAll(hash, `<${version}>`);
    return readable;
  }

  story(): string {
    return `${this.#readable(this.lines.join('\n')).trim()}\n`;
  }
}

function asJson(value: object | undefined): JsonObject {
  return (value ?? {}) as unknown as JsonObject;
}
