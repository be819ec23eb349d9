import type { Split } from '../data-plane.ts';

/** One pod may be missing from what a share needs when the share is raised: the reference's own tolerance. */
const TOLERATED_PODS = 1;
/** Shares are sums of fractions: a rounding error is no missing pod. */
const ROUNDING = 1e-6;

/**
 * I2, capacity: when the data plane raises the share of a version, share × desired replicas ≤ its serving pods + 1; when it
 * raises the weight of the canary, the same holds for those pods of its backend that the data plane itself knows.
 *
 * @param desired the fewest replicas that the Rollout asked for lately: who scales up in the same moment is no breach.
 */
export function capacity(before: Split, after: Split, desired: number): readonly string[] {
  return [...ofVersions(before, after, desired), ...ofCanary(before, after, desired)];
}

function ofVersions(before: Split, after: Split, desired: number): readonly string[] {
  return [...after.shares]
    .filter(([hash, share]) => share > (before.shares.get(hash) ?? 0) + ROUNDING)
    .flatMap(([hash, share]) => {
      const serving = after.serving.get(hash) ?? 0;
      return suffices(share, desired, serving) ? [] : [`${hash} gets ${share} of ${desired} with ${serving} pods`];
    });
}

function ofCanary(before: Split, after: Split, desired: number): readonly string[] {
  const [canary] = after.backends;
  if (canary === undefined || after.weight / after.max <= before.weight / before.max) return [];
  const { service, share, serving } = canary;
  return suffices(share, desired, serving)
    ? []
    : [`${service} gets ${share} of ${desired} and reaches ${serving} pods`];
}

function suffices(share: number, desired: number, pods: number): boolean {
  return share * desired <= pods + TOLERATED_PODS + ROUNDING;
}
