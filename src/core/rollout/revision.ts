import type { KubeObject, ReplicaSet } from '../../api/core-types.ts';
import { REVISION_ANNOTATION } from '../../api/keys.ts';

/** The revision that an object carries; 0 when it carries none. */
export function revisionOf(object: KubeObject | undefined): number {
  const text = object?.metadata.annotations?.[REVISION_ANNOTATION];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

/**
 * The revision of the new ReplicaSet: one above all others. It is only ever raised, so a rollback to an old template
 * renumbers its ReplicaSet.
 */
export function newestRevision(newReplicaSet: ReplicaSet | undefined, others: readonly ReplicaSet[]): number {
  const next = Math.max(0, ...others.map(revisionOf)) + 1;
  return Math.max(next, revisionOf(newReplicaSet));
}
