import type { RolloutStatus } from '../../../src/api/rollout.ts';

/** An aborted update behind a router. */
export interface Abort {
  readonly hash: string;
  /** Share of the requests that the aborted version still gets, 0 to 1. */
  readonly share: number;
  /** For how long nothing has kept the controller from acting and the stable version could have carried everything. */
  readonly possibleForMs: number;
  readonly boundMs: number;
}

/** I10, abort liveness: an abort brings the canary's weight to 0 in bounded time, once stable has capacity. */
export function abortLiveness({ hash, share, possibleForMs, boundMs }: Abort): readonly string[] {
  if (share === 0 || possibleForMs <= boundMs) return [];
  return [`${hash} was aborted and gets ${share} of the requests ${possibleForMs} ms later`];
}

/**
 * I10 begins with this: whatever the controller writes, it does not take back the order to abort an update that goes on.
 * Other steps begin another one, once the order has been carried out, with Argo Rollouts as well. `before` and `after`
 * surround a write of the controller.
 */
export function keptAbort(before: RolloutStatus, after: RolloutStatus): readonly string[] {
  const { currentPodHash, stableRS } = after;
  const isDropped = before.abort === true && after.abort !== true;
  const isOver = typeof before.abortedAt === 'string' && before.currentStepHash !== after.currentStepHash;
  const isSameUpdate = !isOver && before.currentPodHash === currentPodHash && stableRS !== currentPodHash;
  return isDropped && isSameUpdate && before.promoteFull !== true
    ? [`the order to abort ${currentPodHash} was dropped`]
    : [];
}
