import type { ReplicaSet } from '../../../api/core-types.ts';
import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../../../api/keys.ts';
import type { EpochMs } from '../../../api/time.ts';
import { momentOf, nextSecond, notAhead, seconds, timestamp } from '../moments.ts';

/** What a delay says at a moment: wait until then (and remember it), or go. */
export type DelayVerdict =
  | { readonly kind: 'due' }
  | { readonly kind: 'waiting'; readonly until: EpochMs; readonly annotation: string };

/**
 * A delay that began when it was first asked for, which an annotation remembers. A deadline that cannot be read, or is
 * further ahead than the delay allows, is set anew.
 */
export function delayVerdict(replicaSet: ReplicaSet, delaySeconds: number, now: EpochMs): DelayVerdict {
  const stored = momentOf(replicaSet.metadata.annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION]);
  const latest = nextSecond(now) + seconds(delaySeconds);
  const until = notAhead(stored, latest);
  if (delaySeconds <= 0 || until <= now) return { kind: 'due' };
  return { kind: 'waiting', until, annotation: timestamp(until) };
}
