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
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileContext, ReconcileResult } from '../../runtime/controller-loop.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { NotificationConfiguration } from './configuration.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Outbox } from './outbox.ts';
import { isNews, isStored, noticesAmong, type Outlook, outlookOn, stateFor } from './outlook.ts';
import type { Sender } from './sender.ts';

/** `timeoutMs` for the loop: a Rollout with many subscribers, some of them slow. */
export const NOTIFICATION_PASS_TIMEOUT_MS = 120_000;

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
  readonly sender: Pick<Sender, 'obstacleTo'>;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
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
  readonly #complaints = new Set<string>();
  #leadingSince: EpochMs;

  constructor(options: NotificationControllerOptions) {
    this.#options = options;
    this.#leadingSince = options.clock.now();
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
    const { dispatcher } = this.#options;
    await dispatcher.send(outbox, settings, context, () => this.#storeSent(current.rollout, outbox, settings, context));
    return { requeueAt: dispatcher.nextAt(outbox) };
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
      if (dropped !== undefined) this.#options.dispatcher.giveUp(outbox, dropped, 'too many messages wait', logger);
    }
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
    this.#options.dispatcher.forget(key);
  }
}

function keyOf(rollout: Rollout): { namespace: string; name: string } {
  return { namespace: namespaceOf(rollout), name: nameOf(rollout) };
}
