import type { AnalysisRun } from '../../api/analysis.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { secondsOf } from '../../core/notify/follow.ts';
import type { NotificationSettings } from '../../core/notify/settings.ts';
import { NotifierError } from '../../notifiers/notifier.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileContext } from '../../runtime/controller-loop.ts';
import type { Random } from '../../runtime/random.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricsRegistry } from '../../telemetry/metrics.ts';
import type { Outbox, Pending } from './outbox.ts';
import type { Sender } from './sender.ts';

/** Between two tries of one message: this long at first, then twice as long each time, up to the maximum. */
const RETRY_BASE_MS = 5_000;
const RETRY_MAX_MS = 300_000;
/** How long a service is left alone after it could not be reached, or asked for patience without saying how long. */
const UNREACHABLE_PAUSE_MS = 5_000;
const OVERLOADED_PAUSE_MS = 30_000;
/** News of yesterday helps nobody. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

export interface DispatcherOptions {
  readonly sender: Pick<Sender, 'send'>;
  /** The AnalysisRuns of a Rollout, from the cache. */
  readonly runsOf: (rollout: Rollout) => readonly AnalysisRun[];
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: MetricsRegistry;
}

/** Empties outboxes: in order for each recipient, patiently with services that cannot take messages now. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** Until when services are left alone. */
  readonly #pausedUntil = new Map<string, EpochMs>();
  readonly #seconds;
  readonly #sent;
  readonly #errors;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { metrics } = options;
    const object = ['namespace', 'name'] as const;
    const event = [...object, 'type', 'reason'] as const;
    this.#seconds = metrics.histogram('notification_send', 'Seconds that sending a notification took.', object);
    this.#sent = metrics.counter('notification_send_success', 'Notifications sent.', event);
    this.#errors = metrics.counter('notification_send_error', 'Attempts to send a notification that failed.', event);
  }

  /**
   * Sends what is due, to all recipients at once, so that a slow one delays no other. `onSettled` is called, never twice
   * at a time, when something is dealt with, without waiting for the rest.
   */
  async send(
    outbox: Outbox,
    settings: NotificationSettings,
    context: ReconcileContext,
    onSettled: () => Promise<void>,
  ): Promise<void> {
    let settling = Promise.resolve();
    const sending = [...byRecipient(outbox).values()].map(async (messages) => {
      if (!(await this.#sendInOrder(messages, outbox, settings, context))) return;
      settling = settling.then(onSettled);
      await settling;
    });
    const outcomes = await Promise.allSettled(sending);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** When there is something to send; undefined when nothing waits. */
  nextAt(outbox: Outbox): EpochMs | undefined {
    const moments = [...byRecipient(outbox).values()].flatMap((messages) => {
      const last = messages.findIndex((pending) => !pending.isolated);
      return messages.slice(0, last === -1 ? messages.length : last + 1).map((pending) => this.#dueAt(pending));
    });
    return moments.length === 0 ? undefined : Math.min(...moments);
  }

  giveUp(outbox: Outbox, pending: Pending, reason: string, logger: Logger): void {
    outbox.settle(pending.notice.key, secondsOf(this.#options.clock.now()));
    logger.error(fieldsOf(pending), `gave up notifying: ${reason}`);
  }

  /** The Rollout `namespace/name` is gone, and with it its metrics. */
  forget(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    for (const family of [this.#seconds, this.#sent, this.#errors]) family.remove({ namespace, name });
  }

  /** Messages to one recipient: one that has to wait for the service holds the next ones up. Whether any is settled. */
  async #sendInOrder(
    messages: readonly Pending[],
    outbox: Outbox,
    settings: NotificationSettings,
    context: ReconcileContext,
  ): Promise<boolean> {
    let settled = false;
    for (const pending of messages) {
      const isDue = this.#dueAt(pending) <= this.#options.clock.now();
      const outcome = isDue ? await this.#sendOne(outbox, pending, settings, context) : waitingOf(pending);
      if (outcome === 'held') break;
      settled ||= outcome === 'settled';
    }
    return settled;
  }

  async #sendOne(
    outbox: Outbox,
    pending: Pending,
    settings: NotificationSettings,
    { logger, signal }: ReconcileContext,
  ): Promise<Outcome> {
    const { clock, sender, runsOf } = this.#options;
    const { notice, rollout } = pending;
    const object = { namespace: namespaceOf(rollout), name: nameOf(rollout) };
    const labels = { ...object, type: notice.type, reason: notice.reason };
    const started = clock.monotonic();
    try {
      await sender.send(notice, { rollout, runs: runsOf(rollout) }, settings, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#errors.inc(labels);
      return this.#failed(outbox, pending, error, logger);
    }
    this.#seconds.observe(object, (clock.monotonic() - started) / 1000);
    this.#sent.inc(labels);
    outbox.settle(notice.key, secondsOf(clock.now()));
    logger.info(fieldsOf(pending), 'notified');
    return 'settled';
  }

  #failed(outbox: Outbox, pending: Pending, error: unknown, logger: Logger): Outcome {
    const { clock, random } = this.#options;
    const now = clock.now();
    const lastError = error instanceof Error ? error.message : String(error);
    if (now - pending.noticedAt >= GIVE_UP_AFTER_MS) {
      this.giveUp(outbox, pending, lastError, logger);
      return 'settled';
    }
    this.#pauseService(pending.notice.subscription.service, error);
    const longest = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** pending.attempts);
    // Half of it at random: what failed together does not come back together.
    const dueAt = now + (longest / 2) * (1 + random());
    const isolated = error instanceof NotifierError && (error.kind === 'rejected' || error.kind === 'misconfigured');
    const changed = { attempts: pending.attempts + 1, dueAt, lastError, isolated };
    outbox.postpone(pending, changed);
    const level = lastError === pending.lastError ? 'debug' : 'warn';
    logger[level](fieldsOf(pending), `could not notify: ${lastError}; will retry`);
    return waitingOf(changed);
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

  #dueAt({ dueAt, notice }: Pending): EpochMs {
    return Math.max(dueAt, this.#pausedUntil.get(notice.subscription.service) ?? 0);
  }
}

/** `skipped` waits alone; `held` and everything after it for the same recipient wait together. */
type Outcome = 'settled' | 'skipped' | 'held';

function waitingOf({ isolated }: Pick<Pending, 'isolated'>): Outcome {
  return isolated ? 'skipped' : 'held';
}

function byRecipient(outbox: Outbox): ReadonlyMap<string, readonly Pending[]> {
  return Map.groupBy(outbox.pending, ({ notice: { subscription } }) =>
    JSON.stringify([subscription.service, subscription.recipient]),
  );
}

function fieldsOf({ notice, attempts }: Pending): Readonly<Record<string, unknown>> {
  return { ...notice.subscription, template: notice.template, attempts };
}
