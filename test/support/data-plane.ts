import type { EndpointSlice, Ingress, Pod } from '../../src/api/core-types.ts';
import type { Rollout } from '../../src/api/rollout.ts';
import { isReady } from '../../src/simulator/actors/pod-state.ts';
import { type Random, seededRandom } from '../../src/simulator/random.ts';
import type { StorageEvent } from '../../src/simulator/storage.ts';
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
}

/** Bounds between which a change takes any time, milliseconds. */
export interface Lag {
  readonly minMs: number;
  readonly maxMs: number;
}

const INGRESSES = 'networking.k8s.io/ingresses';
const SLICES = 'discovery.k8s.io/endpointslices';
const PREFIX = 'nginx.ingress.kubernetes.io';
const HASH = 'rollouts-pod-template-hash';
const SERVICE_NAME = 'kubernetes.io/service-name';
/** Below the five seconds that the controller grants nginx. */
const DEFAULT_MAX_LAG_MS = 4_000;
/** One pod may be missing from what a share needs when the share is raised (invariant I2). */
const TOLERATED_PODS = 1;

interface EndpointView {
  readonly service: string;
  /** Uids of the pods that it lists as ready. */
  readonly pods: readonly string[];
}

/**
 * An ingress controller of nginx as users meet it: it learns of Ingresses and of EndpointSlices by two watches that lag
 * independently, and splits requests by what it knows. After every change, of its knowledge or of a pod, it writes down
 * what users would suffer from.
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
  readonly #hashes = new Map<string, string>();
  readonly #ready = new Set<string>();
  #shares = new Map<string, number>();
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

  /** The share of the requests that each version gets, by hash. */
  get shares(): ReadonlyMap<string, number> {
    return this.#shares;
  }

  #observe(event: StorageEvent): void {
    if (event.collection === '/pods') this.#observePod(event);
    else if (event.collection === INGRESSES || event.collection === SLICES) this.#later(event);
  }

  #observePod({ type, object }: StorageEvent): void {
    const pod = object as unknown as Pod;
    const uid = object.metadata.uid ?? '';
    this.#hashes.set(uid, pod.metadata.labels?.[HASH] ?? '');
    const serves = type !== 'DELETED' && isReady(pod);
    if (serves === this.#ready.has(uid)) return;
    if (serves) this.#ready.add(uid);
    else this.#ready.delete(uid);
    this.#check(`pod ${pod.metadata.name} ${serves ? 'serves' : 'is gone'}`);
  }

  /** Each watch keeps its own order. */
  #later(event: StorageEvent): void {
    if (event.collection === INGRESSES && event.type !== 'DELETED') this.#checkAnnotations(event.object);
    const { clock } = this.#cluster;
    const { maxLagMs = DEFAULT_MAX_LAG_MS, weightLag, endpointLag } = this.#options;
    const { minMs, maxMs } = (event.collection === INGRESSES ? weightLag : endpointLag) ?? {
      minMs: 0,
      maxMs: maxLagMs,
    };
    const lag = minMs + this.#random() * (maxMs - minMs);
    const arrival = Math.max(this.#arrivals.get(event.collection) ?? 0, clock.now() + lag);
    this.#arrivals.set(event.collection, arrival);
    clock.schedule(arrival - clock.now(), () => this.#learn(event));
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
      else this.#slices.set(key, { service: slice.metadata.labels?.[SERVICE_NAME] ?? '', pods });
    }
    this.#check(`${collection} ${key}`);
  }

  /** I4: what is written is a number that nginx understands. */
  #checkAnnotations(ingress: Ingress): void {
    const weight = ingress.metadata.annotations?.[`${PREFIX}/canary-weight`];
    if (weight === undefined) return;
    const isValid = /^\d+$/.test(weight) && Number(weight) <= maxOf(ingress);
    if (!isValid) this.#complain('I4', `canary-weight ${JSON.stringify(weight)}`);
  }

  #check(change: string): void {
    const { canaryService, stableService } = this.#options;
    const canary = [...this.#ingresses.values()].find(
      (ingress) => isCanary(ingress) && leadsTo(ingress, canaryService),
    );
    const max = canary === undefined ? 100 : maxOf(canary);
    const weight = canary === undefined ? 0 : Number(canary.metadata.annotations?.[`${PREFIX}/canary-weight`] ?? 0);
    if (this.weights.at(-1) !== weight) this.weights.push(weight);
    const shares = new Map<string, number>();
    this.#split(canaryService, weight / max, shares, change);
    this.#split(stableService, (max - weight) / max, shares, change);
    this.#checkCapacity(shares, change);
    this.#checkAbort(shares, change);
    this.#shares = shares;
  }

  /** I1: a backend in use has an endpoint that is known, and one that really serves. */
  #split(service: string, share: number, shares: Map<string, number>, change: string): void {
    if (share === 0) return;
    const known = [...this.#slices.values()].filter((slice) => slice.service === service).flatMap(({ pods }) => pods);
    if (known.length === 0) this.#complain('I1', `${service} gets ${share} and has no endpoint (${change})`);
    else if (!known.some((pod) => this.#ready.has(pod)))
      this.#complain('I1', `${service} gets ${share} and all ${known.length} endpoints are dead (${change})`);
    for (const pod of known) {
      const hash = this.#hashes.get(pod) ?? '';
      shares.set(hash, (shares.get(hash) ?? 0) + share / known.length);
    }
  }

  /** I2: a share rises only on pods that can carry it. */
  #checkCapacity(shares: ReadonlyMap<string, number>, change: string): void {
    const desired = this.#rollout()?.spec.replicas ?? 0;
    for (const [hash, share] of shares) {
      if (share <= (this.#shares.get(hash) ?? 0)) continue;
      const serving = [...this.#ready].filter((pod) => this.#hashes.get(pod) === hash).length;
      // Shares are sums of fractions: a rounding error is no missing pod.
      if (share * desired > serving + TOLERATED_PODS + 1e-6)
        this.#complain('I2', `${hash} gets ${share} of ${desired} with ${serving} pods (${change})`);
    }
  }

  /** No request to a version whose abort took effect. */
  #checkAbort(shares: ReadonlyMap<string, number>, change: string): void {
    const { abort, canary, currentPodHash = '', stableRS } = this.#rollout()?.status ?? {};
    const since = canary?.weights?.inEffectSince;
    if (abort !== true || canary?.weights?.canary.weight !== 0 || since === undefined || currentPodHash === stableRS)
      return;
    if (Date.parse(since) <= this.#cluster.clock.now() && (shares.get(currentPodHash) ?? 0) > 0)
      this.#complain('abort', `${currentPodHash} is aborted and still gets requests (${change})`);
  }

  #rollout(): Rollout | undefined {
    return this.#cluster.find<Rollout>('argoproj.io/rollouts', this.#options.rollout);
  }

  #complain(invariant: string, text: string): void {
    if (this.#armed)
      this.violations.push(`${invariant} at ${new Date(this.#cluster.clock.now()).toISOString()}: ${text}`);
  }
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
