/** Longest pause before something that failed is tried again, milliseconds. */
export const RETRY_MAX_MS = 30_000;

/**
 * The same while nobody answers (`isUnanswered`). Such an attempt burdens hardly anybody, and whatever waits for the
 * server's return, an abort above all, should not wait much longer than that.
 */
export const UNANSWERED_RETRY_MAX_MS = 5_000;
