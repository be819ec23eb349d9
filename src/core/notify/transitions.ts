import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { conditionOf } from '../rollout/condition.ts';
import { momentOf } from '../rollout/moments.ts';
import { isObserved, observedGeneration } from '../rollout/observed-generation.ts';
import type { EventIntent } from '../rollout/plan.ts';
import { revisionOf } from '../rollout/revision.ts';

/** Something that happened to a Rollout. */
export interface Transition extends EventIntent {
  /** Differs from those of all other transitions of this Rollout with the same reason. */
  readonly identity: string;
  /** When it happened; undefined when only an event told of it, which has just happened. */
  readonly at: EpochMs | undefined;
}

/** Reasons of `standingTransitions`: their events add nothing to what the status says. */
const STANDING_REASONS: ReadonlySet<string> = new Set([
  'RolloutAborted',
  'RolloutCompleted',
  'RolloutPaused',
  'ProgressDeadlineExceeded',
]);

/**
 * What has happened and still shows in the stored status. It can be told at any later time, after a restart too, and the
 * same again and again, so its identity is made of what is stored.
 *
 * A status that is not yet about the newest spec tells nothing: the revision may already be the next one's, and the abort
 * of one revision would be told again as that of another.
 */
export function standingTransitions(rollout: Rollout): readonly Transition[] {
  if (observedGeneration(rollout) !== undefined && !isObserved(rollout)) return [];
  const revision = revisionOf(rollout);
  return [
    ...aborted(rollout, revision),
    ...completed(rollout, revision),
    ...paused(rollout, revision),
    ...timedOut(rollout, revision),
  ];
}

function aborted({ status }: Rollout, revision: number): readonly Transition[] {
  const at = status?.abort === true ? momentOf(status.abortedAt) : undefined;
  if (at === undefined) return [];
  const message = conditionOf(status?.conditions ?? [], 'Progressing')?.message ?? 'Rollout aborted';
  return [
    { type: 'Warning', reason: 'RolloutAborted', message, identity: `${revision}@${status?.abortedAt ?? ''}`, at },
  ];
}

/** A revision completes once, by promotion or by being the stable version already. */
function completed({ status }: Rollout, revision: number): readonly Transition[] {
  const condition = conditionOf(status?.conditions ?? [], 'Completed');
  if (condition?.status !== 'True') return [];
  const message = `Rollout completed update to revision ${revision} (${status?.currentPodHash ?? ''})`;
  const at = momentOf(condition.lastTransitionTime);
  return at === undefined
    ? []
    : [{ type: 'Normal', reason: 'RolloutCompleted', message, identity: String(revision), at }];
}

function paused({ status }: Rollout, revision: number): readonly Transition[] {
  return (status?.pauseConditions ?? []).flatMap(({ reason, startTime }) => {
    const at = momentOf(startTime);
    if (at === undefined) return [];
    const message = `Rollout is paused (${reason})`;
    return [{ type: 'Normal', reason: 'RolloutPaused', message, identity: `${revision}@${startTime}/${reason}`, at }];
  });
}

/** Argo Rollouts has no event for it. */
function timedOut({ status }: Rollout, revision: number): readonly Transition[] {
  const condition = conditionOf(status?.conditions ?? [], 'Progressing');
  const at = momentOf(condition?.lastTransitionTime);
  if (condition?.reason !== 'ProgressDeadlineExceeded' || at === undefined) return [];
  const { message, reason, lastTransitionTime } = condition;
  return [{ type: 'Warning', reason, message, identity: `${revision}@${lastTransitionTime}`, at }];
}

/**
 * What only events tell: they are recorded once, right after the status that they belong to was stored as version
 * `resourceVersion` of the Rollout.
 */
export function passingTransitions(rollout: Rollout, events: readonly EventIntent[]): readonly Transition[] {
  const version = rollout.metadata.resourceVersion ?? '';
  return events
    .filter(({ reason }) => !STANDING_REASONS.has(reason))
    .map((event) => ({ ...event, identity: `${version}/${event.message}`, at: undefined }));
}
