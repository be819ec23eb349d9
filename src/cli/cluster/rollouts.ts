import { nameOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import { closestWord } from '../../api/validate/edit-distance.ts';
import { isConflict, isNotFound } from '../../kube/api-error.ts';
import type { ObjectKey } from '../../kube/client.ts';
import { ROLLOUTS } from '../../kube/resources.ts';
import { CliError } from '../cli-error.ts';
import type { Cluster } from './connect.ts';

/** Rejects with `CliError` when there is no such Rollout, saying which one may be meant. */
export async function getRollout(cluster: Cluster, name: string): Promise<Rollout> {
  const key = rolloutKey(cluster, name);
  return orNotFound(cluster, name, cluster.client.get<Rollout>(ROLLOUTS, key));
}

export function rolloutKey(cluster: Cluster, name: string): ObjectKey {
  return { namespace: cluster.namespace, name };
}

/** Merges a patch into `status`, through the subresource where the CRD has one. */
export async function patchStatus(cluster: Cluster, name: string, patch: StatusPatch): Promise<Rollout> {
  const key = rolloutKey(cluster, name);
  const body = { type: 'merge', patch } as const;
  const viaSubresource = cluster.client.patch<Rollout>(ROLLOUTS, key, body, { subresource: 'status' });
  const patched = viaSubresource.catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    return cluster.client.patch<Rollout>(ROLLOUTS, key, body);
  });
  return orNotFound(cluster, name, patched);
}

export interface StatusPatch {
  /** With a `resourceVersion` the server refuses the patch when the object has changed since. */
  readonly metadata?: { readonly resourceVersion?: string };
  readonly status: object;
}

export async function patchSpec(cluster: Cluster, name: string, spec: object): Promise<Rollout> {
  const body = { type: 'merge', patch: { spec } } as const;
  return orNotFound(cluster, name, cluster.client.patch<Rollout>(ROLLOUTS, rolloutKey(cluster, name), body));
}

/** Turns a 404 into a message that helps. */
export async function orNotFound<T>(cluster: Cluster, name: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isNotFound(error) ? await notFound(cluster, name) : error;
  }
}

async function notFound(cluster: Cluster, name: string): Promise<CliError> {
  const { namespace } = cluster;
  const message = `rollouts.argoproj.io "${name}" not found in namespace "${namespace}"`;
  try {
    const rollouts = await cluster.client.list<Rollout>(ROLLOUTS, namespace);
    const meant = closestWord(name, rollouts.map(nameOf));
    return new CliError(message, {
      hint:
        meant === undefined
          ? 'see `kubectl linnet list rollouts -A`, or choose the namespace with -n'
          : `did you mean "${meant}"?`,
    });
  } catch (error) {
    if (!isNotFound(error)) return new CliError(message);
    return new CliError('the cluster does not know Rollouts: the CRDs are not installed', {
      hint: 'kubectl apply --server-side -f crds/',
    });
  }
}

/** How often a change is decided anew because somebody else changed the object in between: client-go's number. */
const MAX_CONFLICTS = 5;

/** Reads, decides and writes again when the object has changed in between. */
export async function retryOnConflict<T>(
  attempt: () => Promise<T>,
  isOvertaken: (error: unknown) => boolean = isConflict,
): Promise<T> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isOvertaken(error) || conflicts === MAX_CONFLICTS) throw error;
    }
  }
}
