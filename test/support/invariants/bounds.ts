/** One ReplicaSet around a write. */
export interface Size {
  readonly hash: string;
  readonly replicas: number;
  /** Its pods that are available, whatever it asks for. */
  readonly available: number;
}

export interface Resize {
  readonly before: readonly Size[];
  readonly after: readonly Size[];
  /** What the Rollout asked for lately, at least and at most: who scales in the same moment is no breach. */
  readonly desired: { readonly min: number; readonly max: number };
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  /** Shares of the requests by hash; undefined where pods stand for weight. */
  readonly shares: ReadonlyMap<string, number> | undefined;
  /** Pods that may be missing whatever maxUnavailable says: a restart takes at least one at a time. */
  readonly leastUnavailable: number;
}

/** The tolerance of I2. */
const TOLERATED_PODS = 1;

/**
 * I3, bounds: no write of the controller asks for more pods than the surge allows; none takes available pods away below the
 * allowed minimum, or those that a share of the traffic needs, or the last one of all. What is out of bounds by other
 * hands may stay so, but not get worse.
 *
 * With traffic routing each version may have all the pods that are desired, as the reference says for canaries behind a
 * router; without it all versions share desired + maxSurge.
 */
export function bounds(resize: Resize): readonly string[] {
  return [...tooMany(resize), ...tooFew(resize), ...cutOff(resize)];
}

function tooMany({ before, after, desired, maxSurge, shares }: Resize): readonly string[] {
  if (shares === undefined) {
    const allowed = desired.max + surgeOf(maxSurge, desired.max);
    const [was, is] = [total(before), total(after)];
    return is > was && is > allowed ? [`${is} pods asked for, ${allowed} allowed`] : [];
  }
  return after
    .filter(({ hash, replicas }) => replicas > (sizeOf(before, hash)?.replicas ?? 0) && replicas > desired.max)
    .map(({ hash, replicas }) => `${hash} is to have ${replicas} pods, ${desired.max} are desired`);
}

function tooFew({ before, after, desired, maxSurge, maxUnavailable, leastUnavailable }: Resize): readonly string[] {
  const missing = Math.max(leastUnavailable, unavailableOf(maxUnavailable, maxSurge, desired.min));
  const least = mayBeDown(desired.min, maxSurge, maxUnavailable) || leastUnavailable > 0 ? 0 : 1;
  const needed = Math.max(least, desired.min - missing);
  const [was, is] = [left(before), left(after)];
  if (desired.min === 0 || is >= was || is >= needed) return [];
  return [`${is} available pods are left of ${was}, ${needed} are needed`];
}

/** Whether the spec itself asks for a moment without any pod: one replica that must neither be surged nor stay (F49). */
export function mayBeDown(desired: number, maxSurge: number | string, maxUnavailable: number | string): boolean {
  return surgeOf(maxSurge, desired) === 0 && unavailableOf(maxUnavailable, maxSurge, desired) >= desired;
}

function cutOff({ before, after, desired, shares }: Resize): readonly string[] {
  return after.flatMap((size) => {
    const share = shares?.get(size.hash) ?? 0;
    const was = sizeOf(before, size.hash);
    if (share === 0 || was === undefined || size.replicas >= was.replicas) return [];
    const is = Math.min(size.replicas, size.available);
    if (is >= Math.min(was.replicas, was.available) || is + TOLERATED_PODS >= share * desired.min) return [];
    return [`${size.hash} keeps ${is} pods and gets ${share} of what ${desired.min} pods are for`];
  });
}

function total(sizes: readonly Size[]): number {
  return sizes.reduce((sum, { replicas }) => sum + replicas, 0);
}

/** A ReplicaSet gives up pods that serve least first. */
function left(sizes: readonly Size[]): number {
  return sizes.reduce((sum, { replicas, available }) => sum + Math.min(replicas, available), 0);
}

function sizeOf(sizes: readonly Size[], hash: string): Size | undefined {
  return sizes.find((size) => size.hash === hash);
}

function surgeOf(maxSurge: number | string, desired: number): number {
  return Math.ceil(amount(maxSurge, desired));
}

/** Both bounds at 0 would forbid any change: one pod may then be missing, as Kubernetes resolves it. */
function unavailableOf(maxUnavailable: number | string, maxSurge: number | string, desired: number): number {
  const unavailable = Math.floor(amount(maxUnavailable, desired));
  return unavailable === 0 && surgeOf(maxSurge, desired) === 0 ? 1 : unavailable;
}

function amount(value: number | string, whole: number): number {
  return typeof value === 'number' ? value : (Number.parseFloat(value) / 100) * whole;
}
