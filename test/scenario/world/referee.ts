import type { AnalysisRun } from '../../../src/api/analysis.ts';
import { isCompleted } from '../../../src/api/analysis-phase.ts';
import type { KubeObject, Lease, ReplicaSet } from '../../../src/api/core-types.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { deepEqual } from '../../../src/core/values/deep-equal.ts';
import type { StorageEvent } from '../../../src/simulator/storage.ts';
import { DataPlane, type Split } from '../../support/data-plane.ts';
import { mayBeDown, type Size } from '../../support/invariants/bounds.ts';
import { INVARIANTS, type InvariantName } from '../../support/invariants/table.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import type { Calm } from './calm.ts';
import { describeEvent } from './describe-event.ts';
import type { Narrative } from './narrative.ts';
import type { Pods } from './pods.ts';
import type { RolloutPlan, Scenario } from './scenario.ts';

/** What went wrong, when and where. */
export interface Violation {
  readonly invariant: InvariantName;
  /** Milliseconds since the world began. */
  readonly at: number;
  readonly text: string;
}

const HASH = 'rollouts-pod-template-hash';
/** What the controller is given to react to what befell it: more than any pass, retry or start of a pod takes. */
const REACTION_MS = 60_000;
const ABORT_REACTION_MS = 15_000;
const KUBE_PROXY_LAG = { minMs: 0, maxMs: 1_000 };
const LOOK_EVERY_MS = 5_000;

interface Watched {
  readonly plan: RolloutPlan;
  readonly dataPlane: DataPlane;
  /** Calm time of the last harm that the controller is not to blame for. */
  harmedAt: number;
  /** Replicas asked for, with the calm time at which they ceased to be. */
  readonly sizes: { readonly replicas: number; until: number }[];
  /** Calm time since which an abort has been possible; undefined without abort. */
  abortSince: number | undefined;
  /** Its spec allowed that nothing serves, and nothing has served since. */
  isDownByRight: boolean;
  /** A restart has evicted a pod, and not all of them are back. */
  restarting: boolean;
  /** Hashes that a person promoted with all steps skipped. */
  readonly forced: Set<string>;
  readonly stableHashes: Set<string>;
  /** Hashes that ever had pods. */
  readonly scaledUp: Set<string>;
  /** Hashes that a provider gave data about. */
  readonly measured: Set<string>;
}

/**
 * Watches a world and calls every breach of an invariant. It looks after every write, every change of a pod and every
 * change of what a data plane knows: between two of these nothing that an invariant speaks of changes, so looking every
 * 10 ms would see the same. Only what is bounded in time (I10) is looked at by the clock.
 *
 * Pods that crash and people who scale are no fault of the controller: for a reaction time of `Calm` afterwards, I1 to I3
 * are not called for that Rollout. That is one leniency; the second is that a restart may lack one pod until it is replaced,
 * whatever is scaled meanwhile; the third, that I1 waits where a spec lets nothing serve. Every world without such deeds and
 * specs has none.
 */
export class Referee {
  readonly violations: Violation[] = [];
  readonly #cluster: TestCluster;
  readonly #calm: Calm;
  readonly #pods: Pods;
  readonly #narrative: Narrative;
  readonly #watched = new Map<string, Watched>();
  /** In the order of their creation, whatever the clock said. */
  readonly #runs = new Map<string, AnalysisRun>();
  /** Calm time at which each run ended, by uid. */
  readonly #endedAt = new Map<string, number>();
  readonly #start: number;
  readonly #graceMs: number;
  readonly #abortBoundMs: number;
  /** How often an invariant was checked. */
  checks = 0;
  /** Writes of controllers, without Events and the lease. */
  writes = 0;
  /** Those of them that no running analysis explains. */
  unprovokedWrites = 0;
  #armed = false;
  /** The last of these. */
  lastWrite = (): string => '';

  constructor(cluster: TestCluster, scenario: Scenario, parts: { calm: Calm; pods: Pods; narrative: Narrative }) {
    this.#cluster = cluster;
    this.#calm = parts.calm;
    this.#pods = parts.pods;
    this.#narrative = parts.narrative;
    this.#start = cluster.clock.now();
    const { weightLag, endpointLag, sliceLagMs } = scenario;
    const minReadyMs = 1_000 * Math.max(...scenario.rollouts.map(({ minReadySeconds = 0 }) => minReadySeconds));
    this.#graceMs = REACTION_MS + 2 * (weightLag.maxMs + endpointLag.maxMs + sliceLagMs + minReadyMs);
    this.#abortBoundMs = ABORT_REACTION_MS + weightLag.maxMs + minReadyMs;
    for (const plan of scenario.rollouts) this.#watch(plan, scenario);
    cluster.server.context.storage.subscribe((event) => this.#observe(event));
  }

  /** From now on users are there. */
  arm(): void {
    this.#armed = true;
    for (const { dataPlane } of this.#watched.values()) dataPlane.arm();
    const look = (): void => {
      for (const watched of this.#watched.values()) this.#lookAgain(watched);
      this.#cluster.clock.schedule(LOOK_EVERY_MS, look);
    };
    look();
  }

  /** Something befell the Rollout that its controller could not prevent. */
  harm(rollout: string): void {
    const watched = this.#watched.get(rollout);
    if (watched !== undefined) watched.harmedAt = this.#calm.elapsedMs;
  }

  /** A provider had data about a version. */
  measured(rollout: string, hash: string): void {
    this.#watched.get(rollout)?.measured.add(hash);
  }

  dataPlaneOf(rollout: string): DataPlane | undefined {
    return this.#watched.get(rollout)?.dataPlane;
  }

  /** Calls what an invariant found. */
  call(invariant: InvariantName, complaints: readonly string[], where: string): void {
    this.checks += 1;
    for (const text of complaints) {
      const at = this.#cluster.clock.now() - this.#start;
      this.violations.push({ invariant, at, text: `${where}: ${text}` });
      this.#narrative.tell(() => `!!! ${invariant} ${where}: ${text}`);
      this.#narrative.keep();
    }
  }

  #watch(plan: RolloutPlan, { seed, weightLag, endpointLag }: Scenario): void {
    const watched: Watched = {
      plan,
      dataPlane: new DataPlane(this.#cluster, {
        rollout: plan.name,
        canaryService: `${plan.name}-canary`,
        stableService: `${plan.name}-stable`,
        seed,
        weightLag,
        // Without a router it is kube-proxy that learns.
        endpointLag: plan.routed ? endpointLag : KUBE_PROXY_LAG,
        judge: (before, after, change) => this.#judgeSplit(watched, before, after, change),
      }),
      harmedAt: Number.NEGATIVE_INFINITY,
      sizes: [{ replicas: plan.replicas, until: Number.POSITIVE_INFINITY }],
      abortSince: undefined,
      isDownByRight: false,
      restarting: false,
      forced: new Set(),
      stableHashes: new Set(),
      scaledUp: new Set(),
      measured: new Set(),
    };
    this.#watched.set(plan.name, watched);
  }

  #judgeSplit(watched: Watched, before: Split, after: Split, change: string): readonly string[] {
    const { plan } = watched;
    if (before.weight !== after.weight)
      this.#narrative.tell(() => `data plane: ${plan.name} weight ${before.weight} → ${after.weight}`);
    if (!this.#armed) return [];
    this.#checkReach(watched, after, `${plan.name} (${change})`);
    if (this.#isExcused(watched)) return [];
    const { min } = this.#desired(watched);
    // Where pods of several versions are behind one Service, shares follow pods and nothing raises them.
    if (plan.routed || after.shares.size === 1)
      this.call('I2', INVARIANTS.I2.check(before, after, min), `${plan.name} (${change})`);
    return [];
  }

  /** Where the spec has a single pod replaced by its successor, users wait for that one, whatever is asked for meanwhile. */
  #checkReach(watched: Watched, split: Split, where: string): void {
    const { routed, maxSurge, maxUnavailable } = watched.plan;
    const { min } = this.#desired(watched);
    const complaints = INVARIANTS.I1.check(split);
    const mayGoDown = !routed && min > 0 && mayBeDown(min, maxSurge, maxUnavailable);
    watched.isDownByRight = complaints.length > 0 && (watched.isDownByRight || mayGoDown);
    if (min > 0 && !watched.isDownByRight && !this.#isExcused(watched)) this.call('I1', complaints, where);
  }

  #lookAgain(watched: Watched): void {
    const { plan, dataPlane } = watched;
    const { max } = this.#desired(watched);
    this.#checkReach(watched, dataPlane.split, plan.name);
    const { status } = this.#rollout(plan.name) ?? {};
    const { currentPodHash: hash = '', stableRS = '', abort } = status ?? {};
    const isPossible =
      abort === true &&
      hash !== stableRS &&
      plan.routed &&
      !this.#isExcused(watched) &&
      this.#pods.available(stableRS) >= max;
    if (!isPossible) {
      watched.abortSince = undefined;
      return;
    }
    watched.abortSince ??= this.#calm.elapsedMs;
    const possibleForMs = this.#calm.elapsedMs - watched.abortSince;
    const share = dataPlane.shares.get(hash) ?? 0;
    this.call('I10', INVARIANTS.I10.check({ hash, share, possibleForMs, boundMs: this.#abortBoundMs }), plan.name);
  }

  #observe(event: StorageEvent): void {
    const { collection } = event;
    if (collection === 'coordination.k8s.io/leases') return;
    const writer = this.#cluster.writers.of(event);
    const isController = writer.startsWith('controller-');
    this.#narrative.tell(() => describeEvent(event, writer));
    if (isController && collection !== '/events') {
      this.writes += 1;
      if (!this.#isMeasured(event)) {
        this.unprovokedWrites += 1;
        this.lastWrite = () => describeEvent(event, writer);
      }
      this.#checkLeader(writer);
      this.#checkForeign(event);
    }
    if (collection === 'argoproj.io/rollouts') this.#observeRollout(event, isController);
    else if (collection === 'apps/replicasets') this.#observeReplicaSet(event, isController);
    else if (collection === 'argoproj.io/analysisruns') this.#observeRun(event);
    else if (collection === '/pods' && isController) this.#observeEviction(event);
  }

  #observeRollout(event: StorageEvent, isController: boolean): void {
    const rollout = event.object as unknown as Rollout;
    const before = event.previous as unknown as Rollout | undefined;
    const watched = this.#watched.get(rollout.metadata.name ?? '');
    if (watched === undefined || event.type === 'DELETED') return;
    const { status = {}, metadata, spec } = rollout;
    const where = metadata.name ?? '';
    if (spec.replicas !== before?.spec.replicas) this.#resized(watched, spec.replicas ?? 1);
    if (status.promoteFull === true && status.currentPodHash !== undefined) watched.forced.add(status.currentPodHash);
    if (!isController || deepEqual(status, before?.status)) return;
    this.call('I8', INVARIANTS.I8.check(rollout), where);
    const { weights } = status.canary ?? {};
    if (weights !== undefined) this.call('I4', INVARIANTS.I4.checkSum(weights, watched.plan.maxTrafficWeight), where);
    this.call('I5', INVARIANTS.I5.checkStable(before?.status, rollout), where);
    this.call('I10', INVARIANTS.I10.checkOrder(before?.status ?? {}, status), where);
    if (status.stableRS !== before?.status?.stableRS) this.#promoted(watched, status.stableRS ?? '');
  }

  #promoted(watched: Watched, hash: string): void {
    const { plan, forced, stableHashes, measured, scaledUp } = watched;
    const isFirst = stableHashes.size === 0;
    // Without steps and router nobody asked for a proof: whether it works shows when it gets pods.
    if (!isFirst && !plan.routed && this.#desired(watched).min === 0 && !scaledUp.has(hash))
      watched.isDownByRight = true;
    const wasStable = stableHashes.has(hash);
    stableHashes.add(hash);
    if (isFirst || wasStable || forced.has(hash) || !plan.analysis) return;
    const runs = [...this.#runs.values()].filter(({ metadata }) => metadata.labels?.[HASH] === hash);
    const endedAt = this.#endedAt.get(runs.at(-1)?.metadata.uid ?? '') ?? Number.POSITIVE_INFINITY;
    const endedForMs = this.#calm.elapsedMs - endedAt;
    const facts = { hash, runs, endedForMs, boundMs: this.#graceMs, hasData: measured.has(hash) };
    this.call('P4', INVARIANTS.P4.check(facts), plan.name);
  }

  #observeRun({ key, object }: StorageEvent): void {
    const run = object as unknown as AnalysisRun;
    const uid = run.metadata.uid ?? '';
    if (this.#runs.get(key)?.metadata.uid !== uid) this.#runs.delete(key);
    this.#runs.set(key, run);
    if (isCompleted(run.status?.phase) && !this.#endedAt.has(uid)) this.#endedAt.set(uid, this.#calm.elapsedMs);
  }

  #observeReplicaSet({ type, object, previous }: StorageEvent, isController: boolean): void {
    const replicaSet = object as unknown as ReplicaSet;
    const before = previous as unknown as ReplicaSet | undefined;
    const watched = this.#watched.get(ownerOf(replicaSet));
    if (watched === undefined || !isController || type === 'DELETED') return;
    if ((replicaSet.spec?.replicas ?? 0) > 0) watched.scaledUp.add(hashOf(replicaSet));
    const all = this.#replicaSets(watched.plan.name);
    const where = `${watched.plan.name} ${replicaSet.metadata.name}`;
    if (type === 'ADDED') {
      const others = all.filter(({ metadata }) => metadata.uid !== replicaSet.metadata.uid);
      this.call('I5', INVARIANTS.I5.checkTemplate(replicaSet, others), where);
    }
    if (replicaSet.spec?.replicas === before?.spec?.replicas) return;
    const after = all.map((each) => this.#sizeOf(each));
    const hash = hashOf(replicaSet);
    const sizes = after.map((size) => (size.hash === hash ? { ...size, replicas: before?.spec?.replicas ?? 0 } : size));
    // Pods of versions that nobody needs may go while a restart replaces one that serves.
    if (after.every(({ available, replicas }) => available >= replicas)) watched.restarting = false;
    this.#checkBounds(watched, sizes, after, where, watched.restarting ? 1 : 0);
  }

  /** A restart takes pods away one by one. */
  #observeEviction({ object, previous }: StorageEvent): void {
    const hash = object.metadata.labels?.[HASH] ?? '';
    const isGoing = previous?.metadata.deletionTimestamp === undefined;
    const owner = this.#cluster.stored<ReplicaSet>('apps/replicasets').find((each) => hashOf(each) === hash);
    const watched = owner === undefined ? undefined : this.#watched.get(ownerOf(owner));
    if (watched === undefined || !isGoing) return;
    // A restart takes at least one pod at a time, as with Argo Rollouts: of a single one nothing is left meanwhile.
    if (this.#desired(watched).min <= 1) watched.harmedAt = this.#calm.elapsedMs;
    watched.restarting = true;
    const sizes = this.#replicaSets(watched.plan.name).map((each) => this.#sizeOf(each));
    const before = sizes.map((size) => (size.hash === hash ? { ...size, available: size.available + 1 } : size));
    this.#checkBounds(watched, before, sizes, `${watched.plan.name} eviction of ${object.metadata.name}`, 1);
  }

  #checkBounds(
    watched: Watched,
    before: readonly Size[],
    after: readonly Size[],
    where: string,
    leastUnavailable: number,
  ): void {
    if (!this.#armed || this.#isExcused(watched)) return;
    const { plan, dataPlane } = watched;
    const shares = plan.routed ? dataPlane.shares : undefined;
    const { maxSurge, maxUnavailable } = plan;
    const desired = this.#desired(watched);
    this.call(
      'I3',
      INVARIANTS.I3.check({ before, after, desired, maxSurge, maxUnavailable, shares, leastUnavailable }),
      where,
    );
  }

  /** A run that goes on measuring sees something new each time. */
  #isMeasured({ collection, key }: StorageEvent): boolean {
    if (collection === 'argoproj.io/analysisruns') return true;
    return (
      collection === 'argoproj.io/rollouts' &&
      [...this.#runs.values()].some(
        ({ metadata, status }) =>
          status?.phase === 'Running' && key.endsWith(`/${metadata.ownerReferences?.[0]?.name}`),
      )
    );
  }

  #checkForeign({ collection, object, previous }: StorageEvent): void {
    const isOurs = object.metadata.ownerReferences?.some(({ kind }) => kind === 'Rollout' || kind === 'ReplicaSet');
    if (previous === undefined || isOurs === true || collection === '/pods') return;
    const [before, after] = [previous, object] as readonly unknown[] as readonly [KubeObject, KubeObject];
    this.call('I9', INVARIANTS.I9.check(before, after), collection);
  }

  #checkLeader(writer: string): void {
    const lease = this.#cluster.find<Lease>('coordination.k8s.io/leases', 'leader');
    const holder = lease?.spec?.holderIdentity ?? '';
    if (holder === '') return;
    this.call('I7', holder === writer ? [] : [`${writer} writes while ${holder} holds the lease`], writer);
  }

  #resized(watched: Watched, replicas: number): void {
    const now = this.#calm.elapsedMs;
    const last = watched.sizes.at(-1);
    if (last !== undefined) last.until = now;
    if (this.#armed && (last?.replicas === 0 || replicas === 0)) watched.harmedAt = now;
    watched.sizes.push({ replicas, until: Number.POSITIVE_INFINITY });
  }

  /** What the Rollout asked for lately. */
  #desired({ sizes }: Watched): { readonly min: number; readonly max: number } {
    const since = this.#calm.elapsedMs - this.#graceMs;
    const recent = sizes.filter(({ until }) => until >= since).map(({ replicas }) => replicas);
    return { min: Math.min(...recent), max: Math.max(...recent) };
  }

  #isExcused({ harmedAt }: Watched): boolean {
    return this.#calm.elapsedMs - harmedAt < this.#graceMs;
  }

  #sizeOf(replicaSet: ReplicaSet): Size {
    const hash = hashOf(replicaSet);
    return { hash, replicas: replicaSet.spec?.replicas ?? 0, available: this.#pods.available(hash) };
  }

  #replicaSets(rollout: string): readonly ReplicaSet[] {
    return this.#cluster.stored<ReplicaSet>('apps/replicasets').filter((each) => ownerOf(each) === rollout);
  }

  #rollout(name: string): Rollout | undefined {
    return this.#cluster.find<Rollout>('argoproj.io/rollouts', name);
  }
}

function ownerOf({ metadata }: ReplicaSet): string {
  return metadata.ownerReferences?.find(({ kind }) => kind === 'Rollout')?.name ?? '';
}

function hashOf({ metadata }: ReplicaSet): string {
  return metadata.labels?.[HASH] ?? '';
}
