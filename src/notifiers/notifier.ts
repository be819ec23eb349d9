import type { NotificationMessage } from '../core/notify/message.ts';
import type { JsonObject } from '../core/values/json.ts';
import type { Redact } from '../net/redact.ts';

/** One message to one recipient. */
export interface Delivery {
  /** Name of the service in the ConfigMap. */
  readonly service: string;
  /** Its options, secrets filled in. */
  readonly options: JsonObject;
  readonly recipient: string;
  readonly message: NotificationMessage;
  /** Hides the secrets in `options`. */
  readonly redact: Redact;
  readonly signal: AbortSignal;
}

/**
 * Sends messages to services of one type. Every implementation passes test/contract/notifier.suite.ts.
 *
 * `send` resolves once the service has accepted the message, and rejects with `NotifierError`, within
 * `SEND_TIMEOUT_MS` or as soon as the signal aborts. It never repeats a request by itself: the caller does, so that a
 * message is not sent twice by two that mean well.
 */
export interface Notifier {
  /** The type in `service.<type>`. */
  readonly type: string;
  send(delivery: Delivery): Promise<void>;
}

/** For the whole exchange with a service. */
export const SEND_TIMEOUT_MS = 10_000;

/**
 * Why a message was not accepted.
 *
 * - `unreachable`: no usable answer; the same message may succeed later
 * - `overloaded`: the service asked for patience
 * - `rejected`: the service understood and refused (channel, credentials, format)
 * - `misconfigured`: nothing was sent, because the ConfigMap, the Secret or the template has to be changed first
 * - `aborted`: the caller gave up
 */
export type NotifierErrorKind = 'unreachable' | 'overloaded' | 'rejected' | 'misconfigured' | 'aborted';

/** A message that was not accepted. The text holds no credential. */
export class NotifierError extends Error {
  override readonly name = 'NotifierError';
  readonly kind: NotifierErrorKind;
  /** How long the service asks to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: NotifierErrorKind,
    message: string,
    details: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.retryAfterMs = details.retryAfterMs;
  }
}
