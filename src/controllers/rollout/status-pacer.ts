import type { RolloutStatus } from '../../api/rollout.ts';
import type { RolloutCondition } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';

/** How often progress is worth a write: somebody who looks on reads no faster. */
const PROGRESS_INTERVAL_MS = 2_000;

/**
 * Fields that only say how far things are, and that each pod that gets ready and each write of our own changes. The one
 * decision that rests on what is stored there, the progress deadline, compares counts and loses nothing by two seconds.
 */
const PROGRESS_FIELDS: ReadonlySet<string> = new Set([
  'message',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'HPAReplicas',
]);

/** A change of the status that a pass wants to store. */
export interface StatusChange {
  readonly before: RolloutStatus;
  /** The merge patch from `before`. */
  readonly patch: { readonly [F in keyof RolloutStatus]?: RolloutStatus[F] | null };
  /** Whether the pass wrote anything else. Its own writes bring the next pass, whose status says more. */
  readonly acted: boolean;
}

/** Holds back writes of a status that tell of nothing but progress, so that there is one in two seconds and not ten a second. */
export class StatusPacer {
  readonly #writtenAt = new Map<string, EpochMs>();
  /** Until when progress of a Rollout is held back; the next passes do not postpone it. */
  readonly #heldUntil = new Map<string, EpochMs>();

  /** When the change of `rollout`'s status may be written; undefined: now. */
  holdUntil(rollout: string, change: StatusChange, now: EpochMs): EpochMs | undefined {
    if (!isProgress(change)) return undefined;
    const until = this.#heldUntil.get(rollout) ?? this.#due(rollout, change, now);
    // A clock that was set back must not hold anything for long.
    if (until <= now || until > now + PROGRESS_INTERVAL_MS) return undefined;
    this.#heldUntil.set(rollout, until);
    return until;
  }

  #due(rollout: string, { acted }: StatusChange, now: EpochMs): EpochMs {
    return (acted ? now : (this.#writtenAt.get(rollout) ?? Number.NEGATIVE_INFINITY)) + PROGRESS_INTERVAL_MS;
  }

  wrote(rollout: string, now: EpochMs): void {
    this.#writtenAt.set(rollout, now);
    this.#heldUntil.delete(rollout);
  }

  forget(rollout: string): void {
    this.#writtenAt.delete(rollout);
    this.#heldUntil.delete(rollout);
  }
}

function isProgress({ before, patch }: StatusChange): boolean {
  return Object.keys(patch).every(
    (field) =>
      PROGRESS_FIELDS.has(field) ||
      (field === 'conditions' && claims(before.conditions) === claims(patch.conditions ?? [])),
  );
}

/** What conditions say, without when they were last looked at. */
function claims(conditions: readonly RolloutCondition[] = []): string {
  const said = conditions.map(({ lastUpdateTime: _renewed, ...claim }) =>
    JSON.stringify(claim, Object.keys(claim).toSorted()),
  );
  return said.toSorted().join();
}
