import type { RolloutCondition } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import { withCondition, withoutCondition } from './condition.ts';
import { seconds } from './moments.ts';
import type { ObservedRollout } from './observed.ts';
import { isObserved } from './observed-generation.ts';
import type { Plan } from './plan.ts';

/** How long until it is tried again; what becomes readable meanwhile may hold no object that would call. */
const RETRY_SECONDS = 15;

/**
 * Nothing is done about a Rollout of which something cannot be read: what looks missing may well be there. The status
 * says why, and otherwise stays.
 */
export function blindPlan({ rollout }: ObservedRollout, problem: string, now: EpochMs): Plan {
  const status = rollout.status ?? {};
  const conditions = status.conditions ?? [];
  const claim = { type: 'Blocked', status: 'True', reason: 'NotReadable', message: problem } as const;
  return {
    status: {
      ...status,
      phase: status.phase ?? 'Progressing',
      message: problem,
      conditions: withCondition(isObserved(rollout) ? conditions : withoutReadiness(conditions, now), claim, now),
    },
    actions: [],
    events: [],
    notes: [{ topic: 'blocked', text: problem }],
    urgent: false,
    requeueAt: now + seconds(RETRY_SECONDS),
  };
}

/** What was ready or failed was the spec before. */
function withoutReadiness(conditions: readonly RolloutCondition[], now: EpochMs): readonly RolloutCondition[] {
  const claim = { type: 'Ready', status: 'Unknown', reason: 'Pending', message: 'The newest spec waits' } as const;
  return withCondition(withoutCondition(conditions, 'Stalled'), claim, now);
}
