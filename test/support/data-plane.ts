import type { EndpointSlice, Ingress, Pod } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import { isReady } from '../../src/simulator/actors/pod-state.ts';
import { type Random, seededRandom } from '../../src/simulator/random.ts';
import type { StorageEvent } from '../../src/simulator/storage.ts';
import { capacity } from './invariants/capacity.ts';
import { noBlackHole } from './invariants/no-black-hole.ts';
import { validWeight } from './invariants/weights.ts';
import type { TestCluster } from './test-cluster.ts';

export interface DataPlaneOptions {
  readonly rollout: string;
  readonly canaryService: string;
  readonly stableService: string;
  readonly seed?: number;
  /** Longest time that one change takes to reach the data plane. */
  readonly maxLagMs?: number;
  /** How long weights take. Default: anything up to `maxLagMs`. */
  readonly weightLag?: Lag;
  /** How long endpoints take, once their EndpointSlice says so. Default: anything up to `maxLagMs`. */
  readonly endpointLag?: Lag;
  /** Judges every change in place of the rules of this class; `weights` of which the writer is at fault come separately. */
  readonly judge?: Judge;
}

/** Bounds between which a change takes any time, milliseconds. */
export interface Lag {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Where requests go at one moment. */
export interface Split {
  readonly weight: number;
  readonly max: number;
  readonly backends: readonly Backend[];
  /** The share of the requests that each version gets, by hash. */
  readonly shares: ReadonlyMap<string, number>;
  /** Pods that serve, by hash. */
  readonly serving: ReadonlyMap<string, number>;
}

interface Backend {
  readonly service: string;
  /** Of all requests, 0 to 1. */
  readonly share: number;
  /** Endpoints that the data plane knows as ready. */
  readonly known: number;
  /** Those of them that do serve. */
  readonly serving: number;
}

/** Complains about a change; each complaint begins with the name of its invariant. */
export type Judge = (before: Split, after: Split, change: string) => readonly string[];

const INGRESSES = 'networking.k8s.io/ingresses';
const SLICES = 'discovery.k8s.io/endpointslices';
const PREFIX = 'nginx.ingress.kubernetes.io';
const HASH = 'rollouts-pod-template-hash';
const SERVICE_NAME = 'kubernetes.io/service-name';
/** Below the five seconds that the controller grants nginx. */
const DEFAULT_MAX_LAG_MS = 4_000;
const NOWHERE: Split = { weight: 0, max: 100, backends: [], shares: new Map(), serving: new Map() };

interface EndpointView {
  readonly service: string;
  /** Uids of the pods that it lists as ready. */
  readonly pods: readonly string[];
}

/**
 * An ingress controller of nginx as users meet it: it learns of Ingresses and of EndpointSlices by two watches that lag
 * independently, and splits requests by what it knows. After every change, of its knowledge or of a pod, it writes down
 * what users would suffer from: between two changes nothing can begin to go wrong, so that is as good as looking all the
 * time.
 */
export class DataPlane {
  /** What went wrong: invariant, moment, what happened. */
  readonly violations: string[] = [];
  /** The canary weights that took effect, one after the other. */
  readonly weights: number[] = [];
  readonly #cluster: TestCluster;
  readonly #options: DataPlaneOptions;
  readonly #random: Random;
  readonly #arrivals = new Map<string, number>();
  readonly #ingresses = new Map<string, Ingress>();
  readonly #slices = new Map<string, EndpointView>();
  /** Version of each pod that was ever seen, by uid. */
  readonly #hashes = new Map<string, string>();
  readonly #ready = new Set<string>();
  readonly #serving = new Map<string, number>();
  #split: Split = NOWHERE;
  #armed = false;

  constructor(cluster: TestCluster, options: DataPlaneOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 1);
    cluster.server.context.storage.subscribe((event) => this.#observe(event));
  }

  /** From now on users are there: before the first version is up nothing is promised. */
  arm(): void {
    this.#armed = true;
    this.#check('armed');
  }

  /** Where requests go now. */
  get split(): Split {
    return this.#split;
  }

  /** The share of the requests that each version gets, by hash. */
  get shares(): ReadonlyMap<string, number> {
    return this.#split.shares;
  }

  #observe(event: StorageEvent): void {
    if (event.collection === '/pods') this.#observePod(event);
    else if (event.collection === INGRESSES) this.#observeIngress(event);
    else if (event.collection === SLICES && this.#isOurs(serviceOf(event.object))) this.#later(event);
  }

  #isOurs(service: string): boolean {
    return service === this.#options.canaryService || service === this.#options.stableService;
  }

  #observePod({ type, object }: StorageEvent): void {
    const pod = object as unknown as Pod;
    const uid = object.metadata.uid ?? '';
    const hash = pod.metadata.labels?.[HASH] ?? '';
    this.#hashes.set(uid, hash);
    const serves = type !== 'DELETED' && isReady(pod);
    if (serves === this.#ready.has(uid)) return;
    if (serves) this.#ready.add(uid);
    else this.#ready.delete(uid);
    this.#serving.set(hash, (this.#serving.get(hash) ?? 0) + (serves ? 1 : -1));
    this.#check(`pod ${pod.metadata.name} ${serves ? 'serves' : 'is gone'}`);
  }

  #observeIngress(event: StorageEvent): void {
    const ingress: Ingress = event.object;
    if (!leadsTo(ingress, this.#options.canaryService) && !leadsTo(ingress, this.#options.stableService)) return;
    const weight = ingress.metadata.annotations?.[`${PREFIX}/canary-weight`];
    if (weight !== undefined && event.type !== 'DELETED')
      for (const complaint of validWeight(weight, maxOf(ingress))) this.#complain(`I4 ${complaint}`);
    this.#later(event);
  }

  /** Each watch keeps its own order. */
  #later(event: StorageEvent): void {
    const { clock } = this.#cluster;
    const { maxLagMs = DEFAULT_MAX_LAG_MS, weightLag, endpointLag } = this.#options;
    const { minMs, maxMs } = (event.collection === INGRESSES ? weightLag : endpointLag) ?? {
      minMs: 0,
      maxMs: maxLagMs,
    };
    const lag = minMs + this.#random() * (maxMs - minMs);
    const arrival = Math.max(this.#arrivals.get(event.collection) ?? 0, clock.monotonic() + lag);
    this.#arrivals.set(event.collection, arrival);
    clock.schedule(arrival - clock.monotonic(), () => this.#learn(event));
  }

  #learn({ collection, type, key, object }: StorageEvent): void {
    if (collection === INGRESSES) {
      if (type === 'DELETED') this.#ingresses.delete(key);
      else this.#ingresses.set(key, object);
    } else {
      const slice = object as unknown as EndpointSlice;
      const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
      const pods = ready.map(({ targetRef }) => targetRef?.uid ?? '');
      if (type === 'DELETED') this.#slices.delete(key);
      else this.#slices.set(key, { service: serviceOf(object), pods });
    }
    this.#check(`${collection} ${key}`);
  }

  #check(change: string): void {
    const before = this.#split;
    this.#split = this.#splitNow();
    if (this.weights.at(-1) !== this.#split.weight) this.weights.push(this.#split.weight);
    const judge = this.#options.judge ?? this.#judge;
    for (const complaint of judge(before, this.#split, change)) this.#complain(complaint);
  }

  #splitNow(): Split {
    const { canaryService, stableService } = this.#options;
    const canary = [...this.#ingresses.values()].find(
      (ingress) => isCanary(ingress) && leadsTo(ingress, canaryService),
    );
    const max = canary === undefined ? 100 : maxOf(canary);
    const weight = canary === undefined ? 0 : Number(canary.metadata.annotations?.[`${PREFIX}/canary-weight`] ?? 0);
    const shares = new Map<string, number>();
    const backends = [
      this.#backend(canaryService, weight / max, shares),
      this.#backend(stableService, (max - weight) / max, shares),
    ];
    return { weight, max, backends, shares, serving: new Map(this.#serving) };
  }

  #backend(service: string, share: number, shares: Map<string, number>): Backend {
    const known = [...this.#slices.values()].filter((slice) => slice.service === service).flatMap(({ pods }) => pods);
    if (share > 0) {
      for (const pod of known) {
        const hash = this.#hashes.get(pod) ?? '';
        shares.set(hash, (shares.get(hash) ?? 0) + share / known.length);
      }
    }
    return { service, share, known: known.length, serving: known.filter((pod) => this.#ready.has(pod)).length };
  }

  readonly #judge: Judge = (before, after, change) => {
    const desired = this.#rollout()?.spec.replicas ?? 0;
    return [
      ...noBlackHole(after).map((complaint) => `I1 ${complaint} (${change})`),
      ...capacity(before, after, desired).map((complaint) => `I2 ${complaint} (${change})`),
      ...this.#checkAbort(after).map((complaint) => `abort ${complaint} (${change})`),
    ];
  };

  /** No request to a version whose abort took effect. */
  #checkAbort({ shares }: Split): readonly string[] {
    const { abort, canary, currentPodHash = '', stableRS } = this.#rollout()?.status ?? {};
    const since = canary?.weights?.inEffectSince;
    if (abort !== true || canary?.weights?.canary.weight !== 0 || since === undefined || currentPodHash === stableRS)
      return [];
    const isInEffect = Date.parse(since) <= this.#cluster.clock.now();
    return isInEffect && (shares.get(currentPodHash) ?? 0) > 0
      ? [`${currentPodHash} is aborted and still gets requests`]
      : [];
  }

  #rollout(): Rollout | undefined {
    return this.#cluster.find<Rollout>('argoproj.io/rollouts', this.#options.rollout);
  }

  #complain(complaint: string): void {
    if (!this.#armed) return;
    const [invariant = '', ...text] = complaint.split(' ');
    this.violations.push(`${invariant} at ${new Date(this.#cluster.clock.now()).toISOString()}: ${text.join(' ')}`);
  }
}

function serviceOf(slice: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }): string {
  return slice.metadata.labels?.[SERVICE_NAME] ?? '';
}

function isCanary(ingress: Ingress): boolean {
  return ingress.metadata.annotations?.[`${PREFIX}/canary`] === 'true';
}

function leadsTo({ spec }: Ingress, service: string): boolean {
  const paths = (spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  return paths.some(({ backend }) => backend.service?.name === service);
}

function maxOf(ingress: Ingress): number {
  return Number(ingress.metadata.annotations?.[`${PREFIX}/canary-weight-total`] ?? 100);
}
