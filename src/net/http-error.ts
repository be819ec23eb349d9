/**
 * Why an exchange gave no usable response.
 *
 * - `denied`: the egress policy refuses the address
 * - `bad-request`: not an absolute http(s) URL, or a malformed header
 * - `dns`, `connection`, `tls`: no exchange took place, or it broke
 * - `timeout`: the deadline for the whole exchange passed
 * - `aborted`: the caller gave up
 * - `too-large`: the (decompressed) body is longer than allowed
 * - `encoding`: the body could not be decompressed
 */
export type HttpErrorCode =
  | 'denied'
  | 'bad-request'
  | 'dns'
  | 'connection'
  | 'tls'
  | 'timeout'
  | 'aborted'
  | 'too-large'
  | 'encoding';

const RETRYABLE: ReadonlySet<HttpErrorCode> = new Set<HttpErrorCode>(['dns', 'connection', 'timeout']);

/**
 * A failed exchange. The message names the host and the reason and never holds a header, a body, a query string or the
 * user information of a URL, so that it may be shown as it is.
 */
export class HttpError extends Error {
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpError';
    this.code = code;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}
