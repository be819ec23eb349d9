import type { EpochMs } from '../../api/time.ts';
import type { Notice } from './notices.ts';
import type { NotifiedState } from './notified.ts';
import { type Subscription, subscriptionKey } from './subscriptions.ts';

const SECOND_MS = 1000;

/** How much of a Rollout's past counts as history. */
export interface Acquaintance {
  readonly createdAt: EpochMs;
  /** Since when this process makes the transitions. */
  readonly leadingSince: EpochMs;
  readonly now: EpochMs;
}

/**
 * Since when each subscription has been followed, in Unix seconds. One that is not in the state yet begins now; all of a
 * Rollout that nobody followed begin when it was created or, when that was before this process took over the cluster,
 * with the take-over. So neither a controller that replaces Argo Rollouts nor a new subscription announces history, and
 * a restarted controller still announces what its predecessor could not.
 */
export function followedSince(
  subscriptions: readonly Subscription[],
  state: NotifiedState,
  { createdAt, leadingSince, now }: Acquaintance,
): ReadonlyMap<string, number> {
  const isNew = state.since.size === 0;
  const beginning = secondsOf(isNew ? Math.max(createdAt, leadingSince) : now);
  return new Map(
    subscriptions.map((subscription) => {
      const key = subscriptionKey(subscription);
      return [key, state.since.get(key) ?? beginning];
    }),
  );
}

/** Whether a notice is about something that happened before anybody followed. */
export function isHistory(notice: Notice, since: ReadonlyMap<string, number>): boolean {
  const begin = since.get(subscriptionKey(notice.subscription));
  return begin !== undefined && notice.at !== undefined && secondsOf(notice.at) < begin;
}

/** Notices of `oncePer` values that are remembered after their condition has ceased to hold, for each subscription. */
const MAX_ONCE_PER = 10;
const ONCE_PER = /:when\[\d+\]@/;

/**
 * What to remember: the notices that could come up again. A transition that no longer stands never comes back, which
 * keeps the annotation small; a value of `oncePer` may.
 */
export function rememberedNotices(
  sent: ReadonlyMap<string, number>,
  standing: ReadonlySet<string>,
  subscriptions: readonly Subscription[],
): ReadonlyMap<string, number> {
  const remembered = new Map([...sent].filter(([key]) => standing.has(key)));
  for (const subscription of subscriptions) {
    const past = [...sent].filter(([key]) => key.startsWith(`${subscriptionKey(subscription)}:`) && ONCE_PER.test(key));
    for (const [key, time] of past.toSorted(([, a], [, b]) => b - a).slice(0, MAX_ONCE_PER)) remembered.set(key, time);
  }
  return remembered;
}

export function secondsOf(moment: EpochMs): number {
  return Math.floor(moment / SECOND_MS);
}
