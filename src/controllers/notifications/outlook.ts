import type { AnalysisRun } from '../../api/analysis.ts';
import { NOTIFIED_ANNOTATION } from '../../api/keys.ts';
import { uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { followedSince, isHistory, rememberedNotices, secondsOf } from '../../core/notify/follow.ts';
import { type Notice, noticesOfConditions, noticesOfTransitions } from '../../core/notify/notices.ts';
import { type NotifiedState, readNotified } from '../../core/notify/notified.ts';
import type { NotificationSettings } from '../../core/notify/settings.ts';
import { type Subscription, subscriptionKey, subscriptionsOf } from '../../core/notify/subscriptions.ts';
import { standingTransitions, type Transition } from '../../core/notify/transitions.ts';
import { conditionEnvironment } from '../../core/notify/variables.ts';
import { momentOf } from '../../core/rollout/moments.ts';
import type { Outbox } from './outbox.ts';

/** What one state of a Rollout means for those who subscribed to it. */
export interface Outlook {
  readonly rollout: Rollout;
  readonly subscriptions: readonly Subscription[];
  readonly stored: NotifiedState;
  readonly since: ReadonlyMap<string, number>;
  /** What shows in this state and is not history. */
  readonly standing: readonly Notice[];
  /** Conditions that held already when their subscription began: dealt with, without a message. */
  readonly baseline: readonly Notice[];
  /** One text each. */
  readonly problems: readonly string[];
}

export interface OutlookInput {
  readonly settings: NotificationSettings;
  readonly runs: readonly AnalysisRun[];
  readonly leadingSince: EpochMs;
  readonly now: EpochMs;
}

export function outlookOn(rollout: Rollout, { settings, runs, leadingSince, now }: OutlookInput): Outlook {
  const { triggers, context } = settings;
  const stored = readNotified(rollout.metadata.annotations?.[NOTIFIED_ANNOTATION], uidOf(rollout));
  const subscriptions = subscriptionsOf(rollout, settings);
  const createdAt = momentOf(rollout.metadata.creationTimestamp) ?? now;
  const since = followedSince(subscriptions, stored, { createdAt, leadingSince, now });
  const transitions = noticesOfTransitions(standingTransitions(rollout), subscriptions, triggers);
  const conditions = noticesOfConditions(
    conditionEnvironment(rollout, runs, context, now),
    subscriptions,
    triggers,
    now,
  );
  const heldBefore = ({ subscription }: Notice) => {
    const key = subscriptionKey(subscription);
    return !stored.since.has(key) && (since.get(key) ?? 0) > secondsOf(createdAt);
  };
  return {
    rollout,
    subscriptions,
    stored,
    since,
    standing: [
      ...transitions.filter((notice) => !isHistory(notice, since)),
      ...conditions.notices.filter((notice) => !heldBefore(notice)),
    ],
    baseline: conditions.notices.filter(heldBefore),
    problems: [...conditions.problems, ...unknownTriggers(subscriptions, settings)],
  };
}

/** What was just noticed, for the subscriptions of this outlook. */
export function noticesAmong(
  transitions: readonly Transition[],
  { subscriptions, since }: Outlook,
  { triggers }: NotificationSettings,
): readonly Notice[] {
  return noticesOfTransitions(transitions, subscriptions, triggers).filter((notice) => !isHistory(notice, since));
}

/** What the annotation should say. */
export function stateFor(outlook: Outlook, handled: ReadonlyMap<string, number>): NotifiedState {
  const { stored, since, standing, baseline, subscriptions } = outlook;
  const keys = new Set([...standing, ...baseline].map(({ key }) => key));
  const sent = rememberedNotices(new Map([...handled, ...stored.sent]), keys, subscriptions);
  return { foreign: stored.foreign, since, sent };
}

/** Whether the annotation says so already. */
export function isStored(state: NotifiedState, { stored }: Outlook): boolean {
  return haveSameKeys(state.since, stored.since) && haveSameKeys(state.sent, stored.sent);
}

/** Whether something is to be sent or written down that the outbox does not know of. */
export function isNews(outlook: Outlook, outbox: Pick<Outbox, 'handled' | 'pending'>): boolean {
  const { standing, stored } = outlook;
  if (!isStored(stateFor(outlook, outbox.handled), outlook)) return true;
  const waiting = new Set(outbox.pending.map(({ notice }) => notice.key));
  return standing.some(({ key }) => !stored.sent.has(key) && !outbox.handled.has(key) && !waiting.has(key));
}

function haveSameKeys(left: ReadonlyMap<string, unknown>, right: ReadonlyMap<string, unknown>): boolean {
  return left.size === right.size && [...left.keys()].every((key) => right.has(key));
}

function unknownTriggers(subscriptions: readonly Subscription[], { triggers }: NotificationSettings): string[] {
  return [...new Set(subscriptions.map(({ trigger }) => trigger))]
    .filter((trigger) => !triggers.has(trigger))
    .map((trigger) => `there is no trigger "${trigger}"; define trigger.${trigger} in the ConfigMap`);
}
