import type { KubeObject } from '../api/core-types.ts';
import { uidOf } from '../api/object-name.ts';
import { compareResourceVersions } from '../kube/resource-version.ts';

/**
 * The newer of what the cache shows and what this process itself wrote or read last: an event that is late or lost must
 * not make it decide on its own past.
 */
export function newest<T extends KubeObject>(cached: T, known: T | undefined): T {
  if (known === undefined || uidOf(known) !== uidOf(cached)) return cached;
  const order = compareResourceVersions(cached.metadata.resourceVersion, known.metadata.resourceVersion);
  return order !== undefined && order < 0 ? known : cached;
}
