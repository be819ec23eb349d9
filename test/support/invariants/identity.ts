import type { ReplicaSet } from '../../../src/api/core-types.ts';
import type { Rollout, RolloutStatus } from '../../../src/api/rollout.ts';

const HASH = 'rollouts-pod-template-hash';

/**
 * I5, identity, of versions: a new ReplicaSet has a template that no other ReplicaSet of the Rollout has, apart from the
 * label with the hash.
 */
export function newTemplate(created: ReplicaSet, others: readonly ReplicaSet[]): readonly string[] {
  const twin = others.find((other) => templateOf(other) === templateOf(created));
  return twin === undefined ? [] : [`ReplicaSet ${created.metadata.name} has the template of ${twin.metadata.name}`];
}

function templateOf({ spec }: ReplicaSet): string {
  const { metadata, spec: podSpec } = spec?.template ?? {};
  const { [HASH]: _, ...labels } = metadata?.labels ?? {};
  return JSON.stringify([labels, podSpec]);
}

/** I5, identity, of the stable version: it changes only to the newest one, and only when all steps are done. */
export function fullPromotion(before: RolloutStatus | undefined, after: Rollout): readonly string[] {
  const { stableRS, currentPodHash, currentStepIndex } = after.status ?? {};
  if (stableRS === before?.stableRS || stableRS === undefined || stableRS === '') return [];
  const steps = after.spec.strategy?.canary?.steps?.length ?? 0;
  if (stableRS !== currentPodHash) return [`${stableRS} becomes stable, and ${currentPodHash} is the newest version`];
  const isDone = currentStepIndex === undefined || currentStepIndex === steps;
  return isDone ? [] : [`${stableRS} becomes stable at step ${currentStepIndex} of ${steps}`];
}
