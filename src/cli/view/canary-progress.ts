import type { CanaryStrategy } from '../../api/canary.ts';
import type { CanaryStep } from '../../api/canary-step.ts';
import type { ReplicaSet } from '../../api/core-types.ts';
import { maxTrafficWeightOf, stepsOf } from '../../api/defaults.ts';
import type { Rollout } from '../../api/rollout.ts';
import { hashOf } from '../../core/rollout/replica-set.ts';

/** How far a canary has come. */
export interface CanaryProgress {
  /** Steps that are done; undefined without steps. */
  readonly stepIndex: number | undefined;
  readonly steps: readonly CanaryStep[];
  /** The step under way. */
  readonly step: CanaryStep | undefined;
  /** Percentage that the steps ask for. */
  readonly setWeight: number;
  /** Percentage that the new version has: of the traffic where it is routed, else of the available pods. */
  readonly actualWeight: number;
}

/** The numbers of Argo Rollouts' plugin, so that scripts which read them go on to work. */
export function canaryProgress(
  rollout: Rollout,
  canary: CanaryStrategy,
  replicaSets: readonly ReplicaSet[],
): CanaryProgress {
  const steps = stepsOf(canary);
  const stepIndex = steps.length === 0 ? undefined : (rollout.status?.currentStepIndex ?? 0);
  const step = stepIndex === undefined ? undefined : steps[stepIndex];
  const setWeight = setWeightOf(rollout, canary, steps, step === undefined ? undefined : stepIndex);
  const actualWeight =
    step === undefined ? maxTrafficWeightOf(canary) : actualWeightOf(rollout, canary, replicaSets, setWeight);
  return { stepIndex, steps, step, setWeight, actualWeight };
}

function setWeightOf(
  { status }: Rollout,
  canary: CanaryStrategy,
  steps: readonly CanaryStep[],
  index: number | undefined,
): number {
  if (status?.abort === true) return 0;
  if (index === undefined) return maxTrafficWeightOf(canary);
  return steps.slice(0, index + 1).findLast((step) => step.setWeight !== undefined)?.setWeight ?? 0;
}

function actualWeightOf(
  { status }: Rollout,
  canary: CanaryStrategy,
  replicaSets: readonly ReplicaSet[],
  setWeight: number,
): number {
  if (canary.trafficRouting !== undefined) return status?.canary?.weights?.canary.weight ?? setWeight;
  const available = (some: readonly ReplicaSet[]): number =>
    some.reduce((sum, replicaSet) => sum + (replicaSet.status?.availableReplicas ?? 0), 0);
  const total = available(replicaSets);
  const isCanary = (replicaSet: ReplicaSet): boolean =>
    hashOf(replicaSet) === status?.currentPodHash && status?.currentPodHash !== status?.stableRS;
  return total === 0 ? 0 : Math.floor((100 * available(replicaSets.filter(isCanary))) / total);
}
