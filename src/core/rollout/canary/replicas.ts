/**
 * How many pods canary and stable shall have: the arithmetic of Argo Rollouts (3.4 of its reference), as pure numbers.
 */

/** A pair of sizes. */
export interface Split {
  readonly canary: number;
  readonly stable: number;
}

export interface SplitRequest {
  /** `spec.replicas`. */
  readonly desired: number;
  readonly weight: number;
  readonly maxWeight: number;
  readonly surge: number;
}

/**
 * Without traffic routing: the whole numbers of pods whose ratio comes nearest to the weight, with one pod above
 * `desired` where that is allowed and comes nearer. Neither side gets 0 pods unless the weight itself says so, or
 * there is but one pod.
 */
export function splitByReplicas({ desired, weight, maxWeight, surge }: SplitRequest): Split {
  if (desired === 0) return { canary: 0, stable: 0 };
  const zeroAllowed = weight === 0 || weight === maxWeight || (desired === 1 && surge === 0);
  const up = Math.ceil((desired * weight) / maxWeight);
  const down = Math.floor((desired * weight) / maxWeight);
  const downAllowed = (total: number): boolean => !isTied(total, weight, maxWeight) && (down !== 0 || zeroAllowed);
  const candidates: Split[] = [];
  if (up < desired || zeroAllowed) candidates.push({ canary: up, stable: desired - up });
  if (downAllowed(desired)) candidates.push({ canary: down, stable: desired - down });
  if (surge > 0) {
    candidates.push({ canary: up, stable: desired + 1 - up });
    if (downAllowed(desired + 1)) candidates.push({ canary: down, stable: desired + 1 - down });
  }
  return nearest(candidates, weight, maxWeight) ?? { canary: 0, stable: desired };
}

/** Whether the exact share of `total` pods lies in the middle between two whole numbers; then more canary wins. */
function isTied(total: number, weight: number, maxWeight: number): boolean {
  return ((total * weight) / maxWeight) % 1 === 0.5;
}

function nearest(candidates: readonly Split[], weight: number, maxWeight: number): Split | undefined {
  const distance = ({ canary, stable }: Split): number => Math.abs((canary * maxWeight) / (canary + stable) - weight);
  return candidates.reduce<Split | undefined>(
    (best, candidate) => (best === undefined || distance(candidate) < distance(best) ? candidate : best),
    undefined,
  );
}

/** Size of a ReplicaSet and how many of its pods are available. */
interface Pods {
  readonly size: number;
  readonly available: number;
}

export interface MoveRequest {
  readonly desired: number;
  readonly surge: number;
  readonly unavailable: number;
  readonly target: Split;
  /** Undefined before the ReplicaSet exists. */
  readonly canary: Pods | undefined;
  readonly stable: Pods;
  /** Sum of the sizes of all other ReplicaSets. */
  readonly others: number;
}

/**
 * Without traffic routing: the next sizes on the way to `target` that keep the total at most `desired + surge` and the
 * available pods at least `desired - unavailable`.
 */
export function moveTowards(request: MoveRequest): Split {
  const grown = growWithinBudget(request);
  if (request.others > 0) return grown;
  const { desired, unavailable, target, canary, stable } = request;
  const increasing = canary === undefined || target.canary >= canary.size;
  const pool = contribution(canary, !increasing) + contribution(stable, increasing);
  const spare = pool - (desired - unavailable);
  if (spare <= 0) return grown;
  return increasing ? drainStable(request, grown, spare) : drainCanary(request, grown, spare);
}

/** Stable first: it is what serves users. */
function growWithinBudget({ desired, surge, target, canary, stable, others }: MoveRequest): Split {
  const canarySize = canary?.size ?? 0;
  const budget = Math.max(0, desired + surge - (canarySize + stable.size + others));
  const stableGrowth = clamp(target.stable - stable.size, 0, budget);
  const canaryGrowth = canary === undefined ? 0 : clamp(target.canary - canarySize, 0, budget - stableGrowth);
  return { stable: stable.size + stableGrowth, canary: canarySize + canaryGrowth };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

function contribution(pods: Pods | undefined, ignoreAvailability: boolean): number {
  if (pods === undefined) return 0;
  return ignoreAvailability ? pods.size : Math.min(pods.size, pods.available);
}

function drainStable(request: MoveRequest, grown: Split, spare: number): Split {
  const { stable, canary, target } = request;
  const drained = grown.stable > target.stable ? Math.max(target.stable, stable.size - spare) : grown.stable;
  const balanced = balance(request, stable, drained, canary, grown.canary);
  return { stable: balanced.drained, canary: balanced.kept };
}

function drainCanary(request: MoveRequest, grown: Split, spare: number): Split {
  const { stable, canary, target } = request;
  const size = canary?.size ?? 0;
  const drained = grown.canary > target.canary ? Math.max(target.canary, size - spare) : grown.canary;
  const balanced = balance(request, canary, drained, stable, grown.stable);
  return { canary: balanced.drained, stable: balanced.kept };
}

/** Keeps both bounds when one side is drained while the other changes: first the surge, then availability. */
function balance(
  { desired, surge, unavailable }: MoveRequest,
  draining: Pods | undefined,
  drainTo: number,
  keeping: Pods | undefined,
  keepAt: number,
): { readonly drained: number; readonly kept: number } {
  const limit = desired + surge;
  const within = keepAt - Math.max(0, keepAt + drainTo - limit);
  const lost = Math.max(0, (keeping?.available ?? 0) - within);
  const left = Math.min(draining?.available ?? 0, drainTo) + Math.min(keeping?.available ?? 0, within);
  const needed = Math.max(0, desired - unavailable - left);
  const kept = within + Math.min(lost, needed);
  return { kept, drained: drainTo - Math.max(0, kept + drainTo - limit) };
}

/** With traffic routing: the pods that a share of the traffic needs. Stable keeps all of its own. */
export function podsForWeight(desired: number, weight: number, maxWeight: number): number {
  return Math.ceil((desired * weight) / maxWeight);
}
