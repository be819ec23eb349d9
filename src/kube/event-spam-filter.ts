import type { Clock } from '../runtime/clock.ts';

/** client-go's `EventSourceObjectSpamFilter`: 25 at once per object, then one every five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
const MAX_OBJECTS = 4096;

interface Bucket {
  tokens: number;
  at: number;
}

/** Keeps one misbehaving object from flooding the event store. */
export class EventSpamFilter {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False when the object has used up its events for now. */
  admit(object: string): boolean {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(object) ?? { tokens: BURST, at: now };
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL_MS);
    bucket.at = now;
    this.#remember(object, bucket);
    if (bucket.tokens < 1) {
      return false;
    }
    bucket.tokens -= 1;
    return true;
  }

  /** The object seen least recently is forgotten first. */
  #remember(object: string, bucket: Bucket): void {
    this.#buckets.delete(object);
    this.#buckets.set(object, bucket);
    if (this.#buckets.size > MAX_OBJECTS) {
      const [oldest = object] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
  }
}
