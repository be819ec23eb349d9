import type { Blindness, Outcome } from '../core/analysis/outcome.ts';

/**
 * What went wrong with a measurement.
 *
 * - `unreachable`: no usable answer (connection, TLS, deadline, status, not the expected service)
 * - `overloaded`: the service asked for patience (429, 503)
 * - `rejected`: the service understood and refused the query
 * - `misconfigured`: the metric cannot be measured as it is written
 * - `aborted`: the caller gave up
 */
export type ProviderErrorKind = 'unreachable' | 'overloaded' | 'rejected' | 'misconfigured' | 'aborted';

/** A failed measurement. The message holds no credential and no client configuration. */
export class ProviderError extends Error {
  readonly kind: ProviderErrorKind;
  readonly httpStatus: number | undefined;
  /** How long the service asks to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ProviderErrorKind,
    message: string,
    details: {
      readonly httpStatus?: number;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProviderError';
    this.kind = kind;
    this.httpStatus = details.httpStatus;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** Whether the same measurement may succeed later without anybody changing the metric. */
  get retryable(): boolean {
    return this.kind === 'unreachable' || this.kind === 'overloaded';
  }
}

/** The outcome that a failed measurement has; its text goes through `redact`. */
export function errorOutcome(error: ProviderError, redact: (text: string) => string): Outcome {
  const blindness: Blindness | undefined = error.retryable || error.kind === 'aborted' ? 'unreachable' : undefined;
  return {
    kind: 'error',
    message: redact(error.message),
    ...(blindness === undefined ? {} : { blindness }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}
