import { NOTIFICATION_SUBSCRIBE_PREFIX } from '../../api/keys.ts';
import type { Rollout } from '../../api/rollout.ts';
import { fulfils, type Requirement } from '../values/labels.ts';

/** Who wants to hear of what. */
export interface Subscription {
  readonly trigger: string;
  /** Name of the service in the ConfigMap: its type, unless it has a name of its own. */
  readonly service: string;
  /** A channel, an address…; empty for services that need none. */
  readonly recipient: string;
}

/** An entry of `subscriptions` in the ConfigMap: for every Rollout whose labels match. */
export interface DefaultSubscription {
  readonly recipients: readonly Pick<Subscription, 'service' | 'recipient'>[];
  /** Empty: the default triggers of each service. */
  readonly triggers: readonly string[];
  readonly selector: readonly Requirement[];
}

/** What of the ConfigMap decides about subscriptions. */
export interface SubscriptionSettings {
  readonly subscriptions: readonly DefaultSubscription[];
  readonly defaultTriggers: readonly string[];
  /** By service; instead of `defaultTriggers`. */
  readonly defaultTriggersOf: ReadonlyMap<string, readonly string[]>;
}

/** Identifies a subscription within one Rollout. */
export function subscriptionKey({ trigger, service, recipient }: Subscription): string {
  return `${trigger}:${service}:${recipient}`;
}

/** All subscriptions to a Rollout, its own annotations first, each once. */
export function subscriptionsOf(rollout: Rollout, settings: SubscriptionSettings): readonly Subscription[] {
  const all = [...annotated(rollout, settings), ...selected(rollout, settings)];
  return [...new Map(all.map((subscription) => [subscriptionKey(subscription), subscription])).values()];
}

/**
 * `notifications.argoproj.io/subscribe.<trigger>.<service>: a;b`, or `subscribe.<service>` for the default triggers. An
 * empty value subscribes the service itself, as for webhooks, which need no recipient.
 */
function annotated({ metadata }: Rollout, settings: SubscriptionSettings): readonly Subscription[] {
  return Object.entries(metadata.annotations ?? {}).flatMap(([key, value]) => {
    if (!key.startsWith(NOTIFICATION_SUBSCRIBE_PREFIX)) return [];
    const parts = key.slice(NOTIFICATION_SUBSCRIBE_PREFIX.length).split('.');
    const [first = '', second] = parts;
    const service = second ?? first;
    const triggers = second === undefined ? defaultTriggers(service, settings) : [first];
    const recipients = value
      .split(';')
      .map((recipient) => recipient.trim())
      .filter((recipient) => recipient !== '');
    return pairs(triggers, recipients.length === 0 ? [''] : recipients, service);
  });
}

function selected({ metadata }: Rollout, settings: SubscriptionSettings): readonly Subscription[] {
  return settings.subscriptions
    .filter(({ selector }) => fulfils(selector, metadata.labels))
    .flatMap(({ recipients, triggers }) =>
      recipients.flatMap(({ service, recipient }) =>
        pairs(triggers.length === 0 ? defaultTriggers(service, settings) : triggers, [recipient], service),
      ),
    );
}

function defaultTriggers(service: string, settings: SubscriptionSettings): readonly string[] {
  return settings.defaultTriggersOf.get(service) ?? settings.defaultTriggers;
}

function pairs(triggers: readonly string[], recipients: readonly string[], service: string): readonly Subscription[] {
  return triggers.flatMap((trigger) => recipients.map((recipient) => ({ trigger, service, recipient })));
}
