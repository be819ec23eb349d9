import type { Rollout } from '../../api/rollout.ts';
import type { RolloutCondition, RolloutStatus } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import {
  type ConditionClaim,
  conditionOf,
  withCondition,
  withoutCondition,
  withRenewedCondition,
} from './condition.ts';
import { reportedGeneration } from './observed-generation.ts';
import { degradedPhase } from './phase.ts';

type Phase = NonNullable<RolloutStatus['phase']>;

/** They do not follow `status.message`, or each of its changes would write all conditions. */
const MESSAGES: Readonly<Record<Phase, string>> = {
  Healthy: 'Rollout is healthy',
  Degraded: 'Rollout is degraded, status.message says why',
  Progressing: 'Rollout is progressing, status.message says what it waits for',
  Paused: 'Rollout is paused, status.message says why',
};

/**
 * Adds to a finished status what programs read that know nothing of Rollouts (kstatus in Flux and Helm, `kubectl wait`):
 * which generation it is about, and the conditions `Ready` (True when Healthy) and `Stalled` (only while Degraded).
 */
export function withReadiness(rollout: Rollout, status: RolloutStatus, now: EpochMs): RolloutStatus {
  const { phase = 'Progressing', conditions = [] } = status;
  const claim: ConditionClaim = {
    type: 'Ready',
    status: phase === 'Healthy' ? 'True' : 'False',
    reason: phase,
    message: MESSAGES[phase],
  };
  const ready = withCondition(withFailure(conditions, now), claim, now);
  const observedGeneration = reportedGeneration(rollout);
  return {
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    ...status,
    conditions: withGeneration(ready, rollout.metadata.generation ?? 0),
  };
}

/** Its reason is a word of its own: Argo Rollouts takes some reasons for a failure, whichever condition has them. */
function withFailure(conditions: readonly RolloutCondition[], now: EpochMs): readonly RolloutCondition[] {
  const message = degradedPhase(conditions)?.message;
  if (message === undefined) return withoutCondition(conditions, 'Stalled');
  const claim: ConditionClaim = { type: 'Stalled', status: 'True', reason: 'Degraded', message };
  return conditionOf(conditions, 'Stalled')?.message === message
    ? conditions
    : withRenewedCondition(conditions, claim, now);
}

function withGeneration(conditions: readonly RolloutCondition[], generation: number): readonly RolloutCondition[] {
  return conditions.map((condition) =>
    condition.type === 'Ready' ? { ...condition, observedGeneration: generation } : condition,
  );
}
