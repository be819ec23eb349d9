import { nameOf } from '../../api/object-name.ts';
import type { RolloutCondition } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import { type ConditionClaim, conditionOf, withCondition, withRenewedCondition } from './condition.ts';
import type { ObservedRollout } from './observed.ts';
import { degradedPhase } from './phase.ts';
import type { Plan } from './plan.ts';
import { withReadiness } from './readiness.ts';

/** Nothing is done about a spec that cannot be carried out; the status says why, and otherwise stays. */
export function invalidPlan({ rollout }: ObservedRollout, problem: string, now: EpochMs): Plan {
  const conditions = withInvalidSpec(rollout.status?.conditions ?? [], nameOf(rollout), problem, now);
  const { observedGeneration: _outdated, ...status } = rollout.status ?? {};
  return {
    status: withReadiness(rollout, { ...status, conditions, ...degradedPhase(conditions) }, now),
    actions: [],
    events: [],
    notes: [{ topic: 'invalid-spec', text: problem }],
    urgent: false,
  };
}

/** Unlike others this condition follows its message: the next mistake must not hide behind the last. */
export function withInvalidSpec(
  conditions: readonly RolloutCondition[],
  name: string,
  problem: string,
  now: EpochMs,
): readonly RolloutCondition[] {
  const message = `The Rollout "${name}" is invalid: ${problem}`;
  const claim: ConditionClaim = { type: 'InvalidSpec', status: 'True', reason: 'InvalidSpec', message };
  const isNews = conditionOf(conditions, 'InvalidSpec')?.message !== message;
  return isNews ? withRenewedCondition(conditions, claim, now) : withCondition(conditions, claim, now);
}
