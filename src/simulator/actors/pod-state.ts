import type { Pod } from '../../api/core-types.ts';
import type { EpochMs } from '../../api/time.ts';
import { parseTimestamp } from '../../core/values/rfc3339.ts';

/** Neither ended nor being deleted. */
export function isActive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/**
 * When a ready pod counts as available; undefined while it is not ready. Kubernetes asks for no moment where none is to be
 * waited for, so that it does not matter whose clock wrote it.
 */
export function availableAt(pod: Pod, minReadySeconds: number): EpochMs | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  return (parseTimestamp(since ?? '') ?? 0) + minReadySeconds * 1000;
}
