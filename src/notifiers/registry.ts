import type { Notifier } from './notifier.ts';
import { createSlackNotifier, type SlackOptions } from './slack.ts';
import { createWebhookNotifier } from './webhook.ts';

/** Everything that some notifier needs. */
export type NotifierOptions = SlackOptions;

/** The notifiers of this controller by type. */
export type NotifierRegistry = ReadonlyMap<string, Notifier>;

/** All notifiers that there are. */
export function createNotifiers(options: NotifierOptions): NotifierRegistry {
  const notifiers = [createSlackNotifier(options), createWebhookNotifier(options)];
  return new Map(notifiers.map((notifier) => [notifier.type, notifier]));
}
