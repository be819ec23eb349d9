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
  /** All of them, those to services that cannot be used included. */
  readonly subscriptions: readonly Subscription[];
  /** Those that can be served. */
  readonly served: readonly Subscription[];
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
  /** Why a service cannot be used at all. */
  readonly obstacleTo: (service: string) => string | undefined;
  readonly runs: readonly AnalysisRun[];
  readonly leadingSince: EpochMs;
  readonly now: EpochMs;
}

export function outlookOn(rollout: Rollout, { settings, obstacleTo, runs, leadingSince, now }: OutlookInput): Outlook {
  const { triggers, context } = settings;
  const stored = readNotified(rollout.metadata.annotations?.[NOTIFIED_ANNOTATION], uidOf(rollout));
  const subscriptions = subscriptionsOf(rollout, settings);
  const obstacles = new Map(subscriptions.map(({ service }) => [service, obstacleTo(service)]));
  const served = subscriptions.filter(({ service }) => obstacles.get(service) === undefined);
  const createdAt = momentOf(rollout.metadata.creationTimestamp) ?? now;
  const since = followedSince(subscriptions, stored, { createdAt, leadingSince, now });
  const transitions = noticesOfTransitions(standingTransitions(rollout), served, triggers);
  const conditions = noticesOfConditions(conditionEnvironment(rollout, runs, context, now), served, triggers, now);
  const heldBefore = ({ subscription }: Notice) => {
    const key = subscriptionKey(subscription);
    return !stored.since.has(key) && (since.get(key) ?? 0) > secondsOf(createdAt);
  };
  return {
    rollout,
    subscriptions,
    served,
    stored,
    since,
    standing: [
      ...transitions.filter((notice) => !isHistory(notice, since)),
      ...conditions.notices.filter((notice) => !heldBefore(notice)),
    ],
    baseline: conditions.notices.filter(heldBefore),
    problems: [
      ...[...obstacles.values()].filter((obstacle) => obstacle !== undefined),
      ...conditions.problems,
      ...unknownTriggers(subscriptions, settings),
    ],
  };
}

/** What was just noticed, for the subscriptions of this outlook. */
export function noticesAmong(
  transitions: readonly Transition[],
  { served, since }: Outlook,
  { triggers }: NotificationSettings,
): readonly Notice[] {
  return noticesOfTransitions(transitions, served, triggers).filter((notice) => !isHistory(notice, since));
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

/** Whether there is something to send or to write down that the outbox does not know of. */
export function isNews(
  outlook: Outlook,
  noticed: readonly Notice[],
  outbox: Pick<Outbox, 'handled' | 'pending'>,
): boolean {
  const { standing, stored } = outlook;
  if (!isStored(stateFor(outlook, outbox.handled), outlook)) return true;
  const waiting = new Set(outbox.pending.map(({ notice }) => notice.key));
  return [...standing, ...noticed].some(
    ({ key }) => !stored.sent.has(key) && !outbox.handled.has(key) && !waiting.has(key),
  );
}

function haveSameKeys(left: ReadonlyMap<string, unknown>, right: ReadonlyMap<string, unknown>): boolean {
  return left.size === right.size && [...left.keys()].every((key) => right.has(key));
}

function unknownTriggers(subscriptions: readonly Subscription[], { triggers }: NotificationSettings): string[] {
  return [...new Set(subscriptions.map(({ trigger }) => trigger))]
    .filter((trigger) => !triggers.has(trigger))
    .map((trigger) => `there is no trigger "${trigger}"; define trigger.${trigger} in the ConfigMap`);
}
