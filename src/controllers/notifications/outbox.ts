import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import type { Notice } from '../../core/notify/notices.ts';

/** A message that has not been accepted yet. */
export interface Pending {
  readonly notice: Notice;
  /** The Rollout as it was when it happened: what the message is made of, however late it is sent. */
  readonly rollout: Rollout;
  readonly noticedAt: EpochMs;
  readonly attempts: number;
  /** Not before. */
  readonly dueAt: EpochMs;
  readonly lastError: string;
  /** It failed for a reason of its own, so that others need not wait for it. */
  readonly isolated: boolean;
}

/** Messages that wait for one Rollout; the oldest gives way when its recipients are out of reach for long. */
const MAX_PENDING = 100;
/** Notices of one Rollout that are known to be dealt with, whatever a stale cache says. */
const MAX_HANDLED = 500;

/** What is to be sent, and what was, about one Rollout. Lost with the process; what must survive is in the annotation. */
export class Outbox {
  readonly uid: string;
  readonly #pending = new Map<string, Pending>();
  readonly #handled = new Map<string, number>();

  constructor(uid: string) {
    this.uid = uid;
  }

  /** In the order in which they came up. */
  get pending(): readonly Pending[] {
    return [...this.#pending.values()];
  }

  /** Keys of notices that are dealt with, and when that was, in Unix seconds. */
  get handled(): ReadonlyMap<string, number> {
    return this.#handled;
  }

  /** Takes a notice up unless it waits already or is dealt with. Returns what had to give way. */
  add(notice: Notice, rollout: Rollout, now: EpochMs): Pending | undefined {
    const { key } = notice;
    if (this.#pending.has(key) || this.#handled.has(key)) return undefined;
    this.#pending.set(key, {
      notice,
      rollout,
      noticedAt: now,
      attempts: 0,
      dueAt: now,
      lastError: '',
      isolated: false,
    });
    const [oldest] = this.#pending.values();
    if (this.#pending.size <= MAX_PENDING || oldest === undefined) return undefined;
    this.#pending.delete(oldest.notice.key);
    return oldest;
  }

  postpone(pending: Pending, change: Pick<Pending, 'attempts' | 'dueAt' | 'lastError' | 'isolated'>): void {
    this.#pending.set(pending.notice.key, { ...pending, ...change });
  }

  /** Nothing more will be done about this notice. */
  settle(key: string, seconds: number): void {
    this.#pending.delete(key);
    this.#handled.set(key, seconds);
    const [oldest] = this.#handled.keys();
    if (this.#handled.size > MAX_HANDLED && oldest !== undefined) this.#handled.delete(oldest);
  }

  /** Undoes `settle` for notices that may come up again. */
  forget(isOver: (key: string) => boolean): void {
    for (const key of this.#handled.keys()) if (isOver(key)) this.#handled.delete(key);
  }

  /** Drops what is not wanted any more. */
  keep(isWanted: (pending: Pending) => boolean): void {
    for (const pending of this.pending) if (!isWanted(pending)) this.#pending.delete(pending.notice.key);
  }
}
