import { createHash } from 'node:crypto';
import type { Clock } from '../../../src/runtime/clock.ts';

/** Enough for the last passes before a failure. */
const KEPT_LINES = 80;
const KEPT_LINES_AFTERWARDS = 8;

/** What happened, line by line; only the lines before the first failure are kept, but all of them count in the digest. */
export class Narrative {
  readonly #clock: Clock;
  readonly #start: number;
  readonly #lines: string[] = [];
  readonly #hash = createHash('sha256');
  readonly #enabled: boolean;
  #room = Number.POSITIVE_INFINITY;

  /** @param enabled telling takes time: whoever only looks for failures does without, and plays those again. */
  constructor(clock: Clock, enabled: boolean) {
    this.#clock = clock;
    this.#start = clock.now();
    this.#enabled = enabled;
  }

  tell(text: () => string): void {
    if (!this.#enabled) return;
    const line = `${moment(this.#clock.now() - this.#start)}  ${text()}`;
    this.#hash.update(line);
    if (this.#room === 0) return;
    this.#room -= 1;
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines.splice(0, KEPT_LINES);
  }

  /** Something went wrong: what led to it is kept from now on. */
  keep(): void {
    this.#room = Math.min(this.#room, KEPT_LINES_AFTERWARDS);
  }

  get lines(): readonly string[] {
    return this.#lines.slice(-KEPT_LINES - KEPT_LINES_AFTERWARDS);
  }

  digest(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}

/** Minutes, seconds and milliseconds since the world began. */
export function moment(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor(ms / 1_000) % 60;
  const digits = (value: number, length: number) => String(Math.floor(value)).padStart(length, '0');
  return `${digits(minutes, 2)}:${digits(seconds, 2)}.${digits(ms % 1_000, 3)}`;
}
