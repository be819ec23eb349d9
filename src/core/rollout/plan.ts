import type { RolloutStatus } from '../../api/rollout.ts';
import type { RolloutDuration } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import type { Action } from './action.ts';

/** An Event to record once the plan's status has been stored. Reasons and texts are Argo Rollouts' (7.1 of its reference). */
export interface EventIntent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Why something is, or is not, done: for logs, `explain` and golden narratives. */
export interface Note {
  /** Stable kebab-case word for the decision, e.g. `waiting-for-endpoints`. */
  readonly topic: string;
  readonly text: string;
}

/** The whole answer to one observation. Equal observations at equal times give equal plans. */
export interface Plan {
  /** The complete desired status. */
  readonly status: RolloutStatus;
  /** In order; see `Action` for why a failed one stops no other. */
  readonly actions: readonly Action[];
  readonly events: readonly EventIntent[];
  /** The next moment at which time alone changes the answer. */
  readonly requeueAt?: EpochMs;
  /** The attempt at an update that ends with this plan: to be counted once the plan's status has been stored. */
  readonly endedAttempt?: RolloutDuration;
  readonly notes: readonly Note[];
  /** True when the answer takes traffic away from a version (abort): the key overtakes others in the queue. */
  readonly urgent: boolean;
}
