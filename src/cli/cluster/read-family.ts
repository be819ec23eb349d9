import type { KubeObject } from '../../api/core-types.ts';
import { ANALYSIS_RUN_UID_LABEL, POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import type { Rollout } from '../../api/rollout.ts';
import { formatLabelSelector } from '../../core/values/labels.ts';
import { isForbidden, isNotFound } from '../../kube/api-error.ts';
import type { ObjectKey } from '../../kube/client.ts';
import { ANALYSIS_RUNS, EXPERIMENTS, JOBS, PODS, REPLICA_SETS, type Resource, ROLLOUTS } from '../../kube/resources.ts';
import type { RolloutFamily } from '../view/family.ts';
import type { Cluster } from './connect.ts';

/** A kind whose objects may belong to a Rollout, and which of them are worth reading. */
export interface MemberKind {
  readonly member: Exclude<keyof RolloutFamily, 'rollout'>;
  readonly resource: Resource;
  readonly labelSelector: string;
}

/** What is read for the tree of a Rollout. */
export function memberKinds({ spec }: Rollout): readonly MemberKind[] {
  const own = spec.selector === undefined ? '' : formatLabelSelector(spec.selector);
  // Pods of Experiments are not shown, so the Rollout's own selector suffices for them; their ReplicaSets may differ.
  const pods = own === '' ? POD_TEMPLATE_HASH_LABEL : `${own},${POD_TEMPLATE_HASH_LABEL}`;
  return [
    { member: 'replicaSets', resource: REPLICA_SETS, labelSelector: POD_TEMPLATE_HASH_LABEL },
    { member: 'pods', resource: PODS, labelSelector: pods },
    { member: 'analysisRuns', resource: ANALYSIS_RUNS, labelSelector: '' },
    { member: 'experiments', resource: EXPERIMENTS, labelSelector: '' },
    { member: 'jobs', resource: JOBS, labelSelector: ANALYSIS_RUN_UID_LABEL },
  ];
}

/** What was read, and what could not be. */
export interface ReadFamily {
  readonly family: RolloutFamily;
  /** Kinds that this user may not list, or that the cluster does not have. */
  readonly hidden: readonly MemberKind[];
  /** One line for each. */
  readonly warnings: readonly string[];
}

/** Reads a Rollout and what belongs to it. A kind that may not be listed is missing from the tree, with a warning. */
export async function readFamily(cluster: Cluster, key: ObjectKey): Promise<ReadFamily> {
  const rollout = await cluster.client.get<Rollout>(ROLLOUTS, key);
  const kinds = memberKinds(rollout);
  const lists = await Promise.all(kinds.map((kind) => listMembers(cluster, key, kind)));
  const members = Object.fromEntries(kinds.map(({ member }, index) => [member, lists[index]?.objects ?? []]));
  return {
    family: { ...emptyFamily(rollout), ...members },
    hidden: kinds.filter((_, index) => lists[index]?.objects === undefined),
    warnings: lists.flatMap(({ warning }) => (warning === undefined ? [] : [warning])),
  };
}

export function emptyFamily(rollout: Rollout): RolloutFamily {
  return { rollout, replicaSets: [], pods: [], analysisRuns: [], experiments: [], jobs: [] };
}

interface Listed {
  readonly objects?: readonly KubeObject[];
  readonly warning?: string;
}

async function listMembers(cluster: Cluster, { namespace }: ObjectKey, kind: MemberKind): Promise<Listed> {
  const { resource, labelSelector } = kind;
  try {
    return { objects: await cluster.client.list(resource, namespace, labelSelector === '' ? {} : { labelSelector }) };
  } catch (error) {
    if (isForbidden(error)) {
      return { warning: `${resource.plural} are not shown: you may not list them in namespace "${namespace ?? ''}"` };
    }
    // A cluster without the CRD of a kind has no object of it.
    if (isNotFound(error)) return {};
    throw error;
  }
}
