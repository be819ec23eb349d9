/** What the load generator saw in a short time: one line of its output. `at` is the end of the window, milliseconds since the epoch. */
export interface LoadWindow {
  readonly at: number;
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
