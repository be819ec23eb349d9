import type { Clock } from '../runtime/clock.ts';

/** client-go's `EventSourceObjectSpamFilter`: 25 at once, then one every five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
const MAX_SUBJECTS = 4096;

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Keeps one misbehaving object from flooding the event store. client-go counts all events of an object together, which
 * would silence the end of any release with more than a few steps; a subject here is an object and a reason.
 */
export class EventSpamFilter {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False when the subject has used up its events for now. */
  admit(subject: string): boolean {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(subject) ?? { tokens: BURST, at: now };
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL_MS);
    bucket.at = now;
    this.#remember(subject, bucket);
    if (bucket.tokens < 1) {
      return false;
    }
    bucket.tokens -= 1;
    return true;
  }

  /** The subject seen least recently is forgotten first. */
  #remember(subject: string, bucket: Bucket): void {
    this.#buckets.delete(subject);
    this.#buckets.set(subject, bucket);
    if (this.#buckets.size > MAX_SUBJECTS) {
      const [oldest = subject] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
  }
}
