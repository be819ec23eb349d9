/** Milliseconds since 1970-01-01T00:00:00Z. The only form in which code below the I/O edge handles a moment. */
export type EpochMs = number;

/** A moment as Kubernetes writes it: RFC 3339 in UTC with whole seconds, e.g. `2026-11-21T20:04:36Z`. */
export type Timestamp = string;
