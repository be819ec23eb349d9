import type { Program } from '../expr/expr.ts';

/** One entry of a trigger. */
export interface TriggerCondition {
  /** Absent: holds whenever the event after which the trigger is named happens. */
  readonly when: Program | undefined;
  /** With `when`: a message for each value that this takes, instead of each time that `when` turns true. */
  readonly oncePer: Program | undefined;
  /** Names of templates. */
  readonly send: readonly string[];
}

/** The trigger that an event of a Rollout fires: `RolloutAborted` fires `on-rollout-aborted`. */
export function triggerOf(reason: string): string {
  return `on-${reason.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}`;
}
