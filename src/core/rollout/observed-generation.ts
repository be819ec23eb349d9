import type { Rollout } from '../../api/rollout.ts';

/** Whether the status is about the newest spec. Controllers before 1.0 wrote a hash, which counts as observed. */
export function isObserved({ metadata, status }: Rollout): boolean {
  const observed = status?.observedGeneration ?? '';
  const generation = metadata.generation ?? 0;
  if (observed === '') return false;
  return !/^\d+$/.test(observed) || Number(observed) >= generation;
}
