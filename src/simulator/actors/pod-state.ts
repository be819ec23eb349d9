import type { Pod } from '../../api/core-types.ts';
import type { EpochMs, Timestamp } from '../../api/time.ts';
import { parseTimestamp } from '../../core/values/rfc3339.ts';

/** Neither ended nor being deleted. */
export function isActive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

export function isReady(pod: Pod): boolean {
  return readyCondition(pod) !== undefined;
}

/** Since when a pod is ready, by the clock of its node; undefined while it is not. */
export function readySince(pod: Pod): Timestamp | undefined {
  return readyCondition(pod)?.lastTransitionTime;
}

function readyCondition({ status }: Pod) {
  return status?.conditions?.find(({ type, status: value }) => type === 'Ready' && value === 'True');
}

/**
 * When a ready pod counts as available; undefined while it is not ready. Kubernetes asks for no moment where none is to be
 * waited for, so that it does not matter whose clock wrote it.
 */
export function availableAt(pod: Pod, minReadySeconds: number): EpochMs | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  return (parseTimestamp(readySince(pod) ?? '') ?? 0) + minReadySeconds * 1000;
}
