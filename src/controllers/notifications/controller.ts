import type { AnalysisRun } from '../../api/analysis.ts';
import { NOTIFIED_ANNOTATION } from '../../api/keys.ts';
import { nameOf, namespaceOf, uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { secondsOf } from '../../core/notify/follow.ts';
import { isRepeatable } from '../../core/notify/notices.ts';
import { writeNotified } from '../../core/notify/notified.ts';
import type { NotificationSettings } from '../../core/notify/settings.ts';
import { subscriptionKey } from '../../core/notify/subscriptions.ts';
import { passingTransitions, standingTransitions, type Transition } from '../../core/notify/transitions.ts';
import type { EventIntent } from '../../core/rollout/plan.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { ROLLOUTS } from '../../kube/resources.ts';
import type { ReadonlyStore } from '../../kube/store.ts';
import { NotifierError } from '../../notifiers/notifier.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileContext, ReconcileResult } from '../../runtime/controller-loop.ts';
import type { Random } from '../../runtime/random.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricsRegistry } from '../../telemetry/metrics.ts';
import type { NotificationConfiguration } from './configuration.ts';
import { Outbox, type Pending } from './outbox.ts';
import { isNews, isStored, noticesAmong, type Outlook, outlookOn, stateFor } from './outlook.ts';
import type { Sender } from './sender.ts';

/** `timeoutMs` for the loop: a Rollout with many subscribers, some of them slow. */
export const NOTIFICATION_PASS_TIMEOUT_MS = 120_000;

/** Between two tries of one message: this long at first, then twice as long each time, up to the maximum. */
const RETRY_BASE_MS = 5_000;
const RETRY_MAX_MS = 300_000;
/** How long a service is left alone after it could not be reached, or asked for patience without saying how long. */
const UNREACHABLE_PAUSE_MS = 5_000;
const OVERLOADED_PAUSE_MS = 30_000;
/** News of yesterday helps nobody. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** Events of one Rollout that wait for a pass. */
const MAX_NOTICED = 100;
/** Complaints that are remembered so as not to repeat them. */
const MAX_COMPLAINTS = 1000;

export interface NotificationControllerOptions {
  readonly rollouts: ReadonlyStore<Rollout>;
  /** The AnalysisRuns of a Rollout, from the cache. */
  readonly runsOf: (rollout: Rollout) => readonly AnalysisRun[];
  readonly client: Pick<KubeClient, 'get' | 'patch'>;
  readonly configuration: Pick<NotificationConfiguration, 'settings'>;
  readonly sender: Pick<Sender, 'send' | 'obstacleTo'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: MetricsRegistry;
  /** Whether a Rollout is this controller's. */
  readonly isOurs: (rollout: Rollout) => boolean;
}

/** What the rollout controller told of one change. */
interface Noticed {
  readonly rollout: Rollout;
  readonly transitions: readonly Transition[];
}

/**
 * Tells subscribers what happens to Rollouts, in passes of its own, so that no service can hold up a rollout. What still
 * shows in a status is announced from there, however late and by whichever process; what only events tell is announced
 * by the process that saw the event. What was sent is stored on the Rollout right afterwards: a crash in between is the
 * one way to a second message.
 */
export class NotificationController {
  readonly #options: NotificationControllerOptions;
  readonly #noticed = new Map<string, Noticed[]>();
  readonly #outboxes = new Map<string, Outbox>();
  /** Until when services are left alone. */
  readonly #pausedUntil = new Map<string, EpochMs>();
  readonly #complaints = new Set<string>();
  readonly #seconds;
  readonly #sent;
  readonly #errors;
  #leadingSince: EpochMs;

  constructor(options: NotificationControllerOptions) {
    this.#options = options;
    this.#leadingSince = options.clock.now();
    const { metrics } = options;
    const labels = ['namespace', 'name'] as const;
    this.#seconds = metrics.histogram('notification_send', 'Seconds that sending a notification took.', labels);
    const help = 'about a Rollout.';
    const eventLabels = [...labels, 'type', 'reason'] as const;
    this.#sent = metrics.counter('notification_send_success', `Notifications sent ${help}`, eventLabels);
    this.#errors = metrics.counter(
      'notification_send_error',
      `Attempts to send a notification that failed, ${help}`,
      eventLabels,
    );
  }

  /** From now on this process makes the transitions; what others did before is history. */
  lead(): void {
    this.#leadingSince = this.#options.clock.now();
  }

  /** Takes down what was just stored, for the next pass; see `TransitionListener`. */
  notice(key: string, rollout: Rollout, events: readonly EventIntent[]): void {
    const transitions = [...passingTransitions(rollout, events), ...standingTransitions(rollout)];
    if (transitions.length === 0) return;
    const before = this.#noticed.get(key) ?? [];
    this.#noticed.set(key, [...before.slice(1 - MAX_NOTICED), { rollout, transitions }]);
  }

  /** For the controller loop; `key` is `namespace/name`. */
  async reconcile(key: string, context: ReconcileContext): Promise<ReconcileResult> {
    const { rollouts, configuration, isOurs } = this.#options;
    const rollout = rollouts.get(key);
    if (rollout === undefined || rollout.metadata.deletionTimestamp !== undefined || !isOurs(rollout)) {
      this.#forget(key);
      return {};
    }
    const settings = await configuration.settings();
    if (settings === undefined) {
      this.#noticed.delete(key);
      this.#outboxes.delete(key);
      return {};
    }
    const outbox = this.#outboxOf(key, rollout);
    const current = await this.#takeUp(key, rollout, outbox, settings, context);
    if (current === undefined) return {};
    await this.#sendAll(current.rollout, outbox, settings, context);
    const moments = [...byRecipient(outbox).values()].flatMap(([first]) =>
      first === undefined ? [] : [this.#dueAt(first)],
    );
    return moments.length === 0 ? {} : { requeueAt: Math.min(...moments) };
  }

  /**
   * Fills the outbox. A cache that lags behind must not bring back what was sent, so news are taken from the API server
   * itself; without news nothing is read. Undefined when the Rollout is gone.
   */
  async #takeUp(
    key: string,
    cached: Rollout,
    outbox: Outbox,
    settings: NotificationSettings,
    context: ReconcileContext,
  ): Promise<Outlook | undefined> {
    const glance = this.#look(cached, settings);
    for (const problem of glance.problems) this.#complain(problem, context.logger);
    if (!this.#hasNews(key, glance, outbox, settings)) {
      this.#noticed.delete(key);
      return glance;
    }
    const live = await this.#read(cached, context);
    if (live === undefined) return undefined;
    const outlook = this.#look(live, settings);
    const noticed = this.#noticed.get(key) ?? [];
    this.#noticed.delete(key);
    this.#fill(outbox, outlook, noticed, settings, context.logger);
    // Before anything is sent: should this process end here, its successor knows what is not history.
    await this.#store(outlook, outbox, context);
    return outlook;
  }

  #hasNews(key: string, glance: Outlook, outbox: Outbox, settings: NotificationSettings): boolean {
    const noticed = (this.#noticed.get(key) ?? []).flatMap(({ transitions }) => transitions);
    return isNews(glance, noticesAmong(noticed, glance, settings), outbox);
  }

  #fill(
    outbox: Outbox,
    outlook: Outlook,
    noticed: readonly Noticed[],
    settings: NotificationSettings,
    logger: Logger,
  ): void {
    const now = this.#options.clock.now();
    const standing = new Set(outlook.standing.map((notice) => notice.key));
    outbox.forget((key) => isRepeatable(key) && !standing.has(key));
    for (const notice of outlook.baseline) outbox.settle(notice.key, secondsOf(now));
    const followed = new Set(outlook.subscriptions.map(subscriptionKey));
    outbox.keep(({ notice }) => followed.has(subscriptionKey(notice.subscription)));
    const news = [
      ...noticed.flatMap(({ rollout, transitions }) =>
        noticesAmong(transitions, outlook, settings).map((notice) => ({ notice, rollout })),
      ),
      ...outlook.standing.map((notice) => ({ notice, rollout: outlook.rollout })),
    ];
    for (const { notice, rollout } of news) {
      if (outlook.stored.sent.has(notice.key)) continue;
      const dropped = outbox.add(notice, rollout, now);
      if (dropped !== undefined) this.#giveUp(outbox, dropped, 'too many messages wait', logger);
    }
  }

  /**
   * Sends what is due, to all recipients at once, so that a slow one delays no other, and writes down each success
   * without waiting for the rest.
   */
  async #sendAll(
    rollout: Rollout,
    outbox: Outbox,
    settings: NotificationSettings,
    context: ReconcileContext,
  ): Promise<void> {
    let storing = Promise.resolve();
    const sending = [...byRecipient(outbox).values()].map(async (messages) => {
      if (!(await this.#sendInOrder(messages, outbox, settings, context))) return;
      storing = storing.then(() => this.#storeSent(rollout, outbox, settings, context));
      await storing;
    });
    const outcomes = await Promise.allSettled(sending);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** Messages to one recipient: the first one that has to wait holds the others up. Whether anything is settled. */
  async #sendInOrder(
    messages: readonly Pending[],
    outbox: Outbox,
    settings: NotificationSettings,
    context: ReconcileContext,
  ): Promise<boolean> {
    let settled = false;
    for (const pending of messages) {
      if (this.#dueAt(pending) > this.#options.clock.now()) break;
      if (!(await this.#send(outbox, pending, settings, context))) break;
      settled = true;
    }
    return settled;
  }

  async #storeSent(
    rollout: Rollout,
    outbox: Outbox,
    settings: NotificationSettings,
    context: ReconcileContext,
  ): Promise<void> {
    const live = await this.#read(rollout, context);
    if (live !== undefined) await this.#store(this.#look(live, settings), outbox, context);
  }

  /** Whether nothing more is to be done about this message. */
  async #send(
    outbox: Outbox,
    pending: Pending,
    settings: NotificationSettings,
    { logger, signal }: ReconcileContext,
  ): Promise<boolean> {
    const { clock, sender, runsOf } = this.#options;
    const { notice, rollout } = pending;
    const labels = labelsOf(pending);
    const started = clock.monotonic();
    try {
      await sender.send(notice, { rollout, runs: runsOf(rollout) }, settings, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#errors.inc(labels);
      return this.#failed(outbox, pending, error, logger);
    }
    const { namespace, name } = labels;
    this.#seconds.observe({ namespace, name }, (clock.monotonic() - started) / 1000);
    this.#sent.inc(labels);
    outbox.settle(notice.key, secondsOf(clock.now()));
    logger.info({ ...fieldsOf(pending) }, 'notified');
    return true;
  }

  #failed(outbox: Outbox, pending: Pending, error: unknown, logger: Logger): boolean {
    const { clock, random } = this.#options;
    const now = clock.now();
    const lastError = error instanceof Error ? error.message : String(error);
    if (now - pending.noticedAt >= GIVE_UP_AFTER_MS) {
      this.#giveUp(outbox, pending, lastError, logger);
      return true;
    }
    this.#pauseService(pending.notice.subscription.service, error);
    const longest = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** pending.attempts);
    // Half of it at random: what failed together does not come back together.
    const dueAt = now + (longest / 2) * (1 + random());
    outbox.postpone(pending, { attempts: pending.attempts + 1, dueAt, lastError });
    const level = lastError === pending.lastError ? 'debug' : 'warn';
    logger[level](fieldsOf(pending), `could not notify: ${lastError}; will retry`);
    return false;
  }

  #pauseService(service: string, error: unknown): void {
    if (!(error instanceof NotifierError)) return;
    const pauses: Partial<Record<NotifierError['kind'], number>> = {
      unreachable: UNREACHABLE_PAUSE_MS,
      overloaded: OVERLOADED_PAUSE_MS,
    };
    const pause = error.retryAfterMs ?? pauses[error.kind];
    if (pause !== undefined) this.#pausedUntil.set(service, this.#options.clock.now() + pause);
  }

  #giveUp(outbox: Outbox, pending: Pending, reason: string, logger: Logger): void {
    outbox.settle(pending.notice.key, secondsOf(this.#options.clock.now()));
    logger.error(fieldsOf(pending), `gave up notifying: ${reason}`);
  }

  #dueAt({ dueAt, notice }: Pending): EpochMs {
    return Math.max(dueAt, this.#pausedUntil.get(notice.subscription.service) ?? 0);
  }

  #look(rollout: Rollout, settings: NotificationSettings): Outlook {
    const { clock, runsOf, sender } = this.#options;
    return outlookOn(rollout, {
      settings,
      obstacleTo: (service) => sender.obstacleTo(service, settings),
      runs: runsOf(rollout),
      leadingSince: this.#leadingSince,
      now: clock.now(),
    });
  }

  /** The Rollout as the API server has it; undefined when it is gone or another one has taken its name. */
  async #read(rollout: Rollout, { signal }: ReconcileContext): Promise<Rollout | undefined> {
    try {
      const live = await this.#options.client.get<Rollout>(ROLLOUTS, keyOf(rollout), { signal });
      return uidOf(live) === uidOf(rollout) ? live : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Writes down what is followed and what was sent, unless the annotation says so already. */
  async #store(outlook: Outlook, outbox: Outbox, { signal }: ReconcileContext): Promise<void> {
    const state = stateFor(outlook, outbox.handled);
    if (isStored(state, outlook)) return;
    const { rollout } = outlook;
    const { resourceVersion } = rollout.metadata;
    const annotations = { [NOTIFIED_ANNOTATION]: writeNotified(state, uidOf(rollout)) ?? null };
    const patch = { metadata: { uid: uidOf(rollout), resourceVersion, annotations } };
    await this.#options.client.patch<Rollout>(ROLLOUTS, keyOf(rollout), { type: 'merge', patch }, { signal });
  }

  #outboxOf(key: string, rollout: Rollout): Outbox {
    const known = this.#outboxes.get(key);
    if (known?.uid === uidOf(rollout)) return known;
    const outbox = new Outbox(uidOf(rollout));
    this.#outboxes.set(key, outbox);
    return outbox;
  }

  #complain(problem: string, logger: Logger): void {
    if (this.#complaints.has(problem)) return;
    if (this.#complaints.size >= MAX_COMPLAINTS) this.#complaints.clear();
    this.#complaints.add(problem);
    logger.warn({}, `notifications: ${problem}`);
  }

  #forget(key: string): void {
    this.#noticed.delete(key);
    this.#outboxes.delete(key);
    const [namespace = '', name = ''] = key.split('/');
    for (const family of [this.#seconds, this.#sent, this.#errors]) family.remove({ namespace, name });
  }
}

function labelsOf({ rollout, notice }: Pending): Record<'namespace' | 'name' | 'type' | 'reason', string> {
  return { namespace: namespaceOf(rollout), name: nameOf(rollout), type: notice.type, reason: notice.reason };
}

/** In order; only the first of each has any influence on when to look again. */
function byRecipient(outbox: Outbox): ReadonlyMap<string, readonly Pending[]> {
  return Map.groupBy(outbox.pending, ({ notice: { subscription } }) =>
    JSON.stringify([subscription.service, subscription.recipient]),
  );
}

function fieldsOf({ notice, attempts }: Pending): Readonly<Record<string, unknown>> {
  return { ...notice.subscription, template: notice.template, attempts };
}

function keyOf(rollout: Rollout): { namespace: string; name: string } {
  return { namespace: namespaceOf(rollout), name: nameOf(rollout) };
}
