import type { EpochMs } from '../../api/time.ts';
import { withCondition } from './condition.ts';
import { seconds } from './moments.ts';
import type { ObservedRollout } from './observed.ts';
import type { Plan } from './plan.ts';

/** How long until it is tried again; what becomes readable meanwhile may hold no object that would call. */
const RETRY_SECONDS = 15;

/**
 * Nothing is done about a Rollout of which something cannot be read: what looks missing may well be there. The status
 * says why, and otherwise stays.
 */
export function blindPlan({ rollout }: ObservedRollout, problem: string, now: EpochMs): Plan {
  const status = rollout.status ?? {};
  const claim = { type: 'Blocked', status: 'True', reason: 'NotReadable', message: problem } as const;
  return {
    status: {
      ...status,
      phase: status.phase ?? 'Progressing',
      message: problem,
      conditions: withCondition(status.conditions ?? [], claim, now),
    },
    actions: [],
    events: [],
    notes: [{ topic: 'blocked', text: problem }],
    urgent: false,
    requeueAt: now + seconds(RETRY_SECONDS),
  };
}
