import { DESIRED_REPLICAS_ANNOTATION } from '../../api/keys.ts';
import type { RolloutStatus } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { validateManifest } from '../../api/validate/manifest.ts';
import { formatProblem } from '../../api/validate/problem.ts';
import { ValueError } from '../values/value-error.ts';
import { blindPlan } from './blind.ts';
import { planCanary } from './canary/plan.ts';
import { PlanDraft } from './draft.ts';
import { type Facts, gatherFacts } from './facts.ts';
import { invalidPlan } from './invalid.ts';
import type { ObservedRollout } from './observed.ts';
import type { Plan } from './plan.ts';
import { sizeOf } from './replica-set.ts';

/**
 * Decides what to do about one Rollout. Pure: equal observations at equal times give equal plans, and a plan for a
 * state that needs nothing has no actions and the status that is stored.
 */
export function planRollout(observed: ObservedRollout, now: EpochMs): Plan {
  const problems = validateManifest('Rollout', observed.rollout);
  if (problems.length > 0) return invalidPlan(observed, problems.map(formatProblem).join('; '), now);
  if (observed.unreadable !== undefined) return blindPlan(observed, observed.unreadable, now);
  try {
    return planValid(observed, now);
  } catch (error) {
    if (error instanceof ValueError) return invalidPlan(observed, error.message, now);
    throw error;
  }
}

function planValid(observed: ObservedRollout, now: EpochMs): Plan {
  const draft = new PlanDraft(now);
  const facts = gatherFacts(observed, now);
  if (observed.rollout.spec.replicas === undefined) {
    const replicas = lastReplicas(facts);
    draft.act({ kind: 'patchRollout', patch: { spec: { replicas } }, why: 'spec.replicas has no value' });
    return finished(draft, facts.status);
  }
  return finished(draft, planCanary(facts, draft));
}

/**
 * An autoscaler needs a number. Where pods run already, it is the one that they were sized for, as their ReplicaSet
 * remembers: the field may have been removed.
 */
function lastReplicas({ stable }: Facts): number {
  const sizedFor = Number(stable?.metadata.annotations?.[DESIRED_REPLICAS_ANNOTATION]);
  return (Number.isInteger(sizedFor) && sizeOf(stable) > 0 ? sizedFor : sizeOf(stable)) || 1;
}

function finished(draft: PlanDraft, status: RolloutStatus): Plan {
  const { actions, events, notes, requeueAt, endedAttempt } = draft;
  const urgent = actions.some((action) => action.kind === 'setTraffic' && action.urgent);
  return {
    status,
    actions,
    events,
    notes,
    urgent,
    ...(requeueAt === undefined ? {} : { requeueAt }),
    ...(endedAttempt === undefined ? {} : { endedAttempt }),
  };
}
