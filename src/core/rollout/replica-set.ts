import type { KubeObject, ReplicaSet } from '../../api/core-types.ts';
import {
  DESIRED_REPLICAS_ANNOTATION,
  LAST_APPLIED_ANNOTATION,
  NOTIFIED_ANNOTATION,
  POD_TEMPLATE_HASH_LABEL,
  REVISION_ANNOTATION,
  REVISION_HISTORY_ANNOTATION,
} from '../../api/keys.ts';
import { nameOf, uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { Target } from './action.ts';
import { ownerReferenceTo } from './owner-reference.ts';

/** Annotations of the Rollout that mean something else on a ReplicaSet, or nothing: Argo Rollouts' list. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  LAST_APPLIED_ANNOTATION,
  REVISION_ANNOTATION,
  REVISION_HISTORY_ANNOTATION,
  DESIRED_REPLICAS_ANNOTATION,
  NOTIFIED_ANNOTATION,
]);

export function targetOf(object: KubeObject): Target {
  return { name: nameOf(object), uid: uidOf(object) };
}

/** The version that a ReplicaSet or a pod runs: its `rollouts-pod-template-hash`. */
export function hashOf(object: KubeObject | undefined): string | undefined {
  return object?.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
}

/** `spec.replicas`, which Kubernetes takes as 1 when absent; 0 for a ReplicaSet that does not exist. */
export function sizeOf(replicaSet: ReplicaSet | undefined): number {
  return replicaSet === undefined ? 0 : (replicaSet.spec?.replicas ?? 1);
}

export function podsOf(replicaSet: ReplicaSet | undefined): number {
  return replicaSet?.status?.replicas ?? 0;
}

export function readyOf(replicaSet: ReplicaSet | undefined): number {
  return replicaSet?.status?.readyReplicas ?? 0;
}

export function availableOf(replicaSet: ReplicaSet | undefined): number {
  return replicaSet?.status?.availableReplicas ?? 0;
}

export function totalOf(replicaSets: readonly ReplicaSet[], count: (replicaSet: ReplicaSet) => number): number {
  return replicaSets.reduce((sum, replicaSet) => sum + count(replicaSet), 0);
}

/** Annotations that a ReplicaSet gets from its Rollout. */
export function copiedAnnotations(rollout: Rollout): Readonly<Record<string, string>> {
  const annotations = Object.entries(rollout.metadata.annotations ?? {});
  return Object.fromEntries(annotations.filter(([key]) => !NOT_COPIED.has(key)));
}

/**
 * The ReplicaSet of a new version. It has no pods yet: they are asked for once it was observed, so that a crash in
 * between cannot create them twice. Name, labels and annotations are Argo Rollouts' (3.3 of its reference).
 */
export function buildReplicaSet(rollout: Rollout, hash: string, revision: number, desired: number): ReplicaSet {
  const { metadata, spec } = rollout;
  const template = spec.template ?? {};
  const labels = { ...template.metadata?.labels, [POD_TEMPLATE_HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${nameOf(rollout)}-${hash}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      annotations: {
        ...copiedAnnotations(rollout),
        [REVISION_ANNOTATION]: String(revision),
        [DESIRED_REPLICAS_ANNOTATION]: String(desired),
      },
      ownerReferences: [ownerReferenceTo(rollout)],
    },
    spec: {
      replicas: 0,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector?.matchLabels, [POD_TEMPLATE_HASH_LABEL]: hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
