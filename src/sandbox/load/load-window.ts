/**
 * What became of the requests that the load generator sent in a short time: one line of its output. A request counts in
 * the window in which it was sent, since that is when the proxy decides where it goes.
 */
export interface LoadWindow {
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Milliseconds since the epoch. */
  readonly to: number;
  readonly answers: readonly { readonly version: string; readonly status: number; readonly count: number }[];
  /** When each version gave its first answer of 500 or above in this window, milliseconds since the epoch. */
  readonly firstFailures: Readonly<Record<string, number>>;
  /** Requests that no version answered: refused, reset, timed out, or answered by the proxy itself. */
  readonly lost: number;
  /** The last reason, for people. */
  readonly lostReason?: string;
}

/** Length of a window, milliseconds. */
export const WINDOW_MS = 250;
