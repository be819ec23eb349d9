import type { EpochMs } from '../../api/time.ts';

/** How often progress is worth a write: somebody who looks on reads no faster. */
const PROGRESS_INTERVAL_MS = 1_000;

/**
 * Fields that only say how far things are, and that each pod that gets ready and each write of our own changes. The one
 * decision that rests on what is stored there, the progress deadline, compares counts and loses nothing by a second.
 */
const PROGRESS_FIELDS: ReadonlySet<string> = new Set([
  'message',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'HPAReplicas',
]);

/** Holds back writes of a status that tell of nothing but progress, so that there is one a second and not ten. */
export class StatusPacer {
  readonly #writtenAt = new Map<string, EpochMs>();

  /** When the change of `rollout`'s status may be written; undefined: now. */
  holdUntil(rollout: string, patch: object, now: EpochMs): EpochMs | undefined {
    const writtenAt = this.#writtenAt.get(rollout);
    // A clock that was set back must not hold anything for long.
    if (writtenAt === undefined || now < writtenAt || now - writtenAt >= PROGRESS_INTERVAL_MS) return undefined;
    const isProgress = Object.keys(patch).every((field) => PROGRESS_FIELDS.has(field));
    return isProgress ? writtenAt + PROGRESS_INTERVAL_MS : undefined;
  }

  wrote(rollout: string, now: EpochMs): void {
    this.#writtenAt.set(rollout, now);
  }

  forget(rollout: string): void {
    this.#writtenAt.delete(rollout);
  }
}
