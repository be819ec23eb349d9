import type { KubeRequest, KubeResponse } from './transport.ts';

/** One entry of `Status.details.causes`: what is wrong with one field. */
interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** `Status.details` as the API server sends it. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** What a request was, for messages; its body and headers may hold secrets and never appear in one. */
export type RequestName = Pick<KubeRequest, 'method' | 'path'>;

/** A `Status` object: the body of every failed request and of an in-band `ERROR` event of a watch. */
interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: StatusDetails;
}

/** Longest part of a body that is not a `Status` (a proxy's HTML page, say) quoted in a message. */
const QUOTED_BODY_CHARS = 200;

/** Statuses after which the same request may succeed: timeouts, throttling and a server or proxy in trouble. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** `reason` for answers that carry none, as apimachinery's `NewGenericServerResponse` fills it in. */
const DEFAULT_REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

interface ApiErrorFields {
  readonly status: number;
  readonly reason: string;
  readonly serverMessage: string;
  readonly details: StatusDetails;
  readonly retryAfterMs?: number;
  readonly request: RequestName;
}

/** The API server answered, and its answer is a refusal. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code = 'api' as const;
  /** HTTP status, or `code` of an in-band `ERROR` event. */
  readonly status: number;
  /** Machine-readable cause: `NotFound`, `Conflict`, `AlreadyExists`, `Invalid`, … */
  readonly reason: string;
  /** The server's own words, without the request. */
  readonly serverMessage: string;
  readonly details: StatusDetails;
  /** How long the server asked to wait, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(fields: ApiErrorFields) {
    super(
      `${fields.serverMessage} (${fields.request.method} ${fields.request.path}: ${fields.status} ${fields.reason})`,
    );
    this.status = fields.status;
    this.reason = fields.reason;
    this.serverMessage = fields.serverMessage;
    this.details = fields.details;
    this.retryAfterMs = fields.retryAfterMs;
  }

  /** True when the same request may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return TRANSIENT_STATUSES.has(this.status);
  }

  static fromResponse(request: RequestName, response: KubeResponse): ApiError {
    const status = parseStatus(response.body);
    const retryAfterMs = retryAfterOf(response.headers) ?? secondsToMs(status?.details?.retryAfterSeconds);
    return new ApiError({
      status: response.status,
      reason: reasonOf(status?.reason, response.status),
      serverMessage: status?.message ?? quoteBody(response.body),
      details: status?.details ?? {},
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      request,
    });
  }

  /** From the object of an in-band `ERROR` watch event. */
  static fromWatchEvent(request: RequestName, object: unknown): ApiError {
    const status = asStatus(object);
    const code = status?.code ?? 500;
    const retryAfterMs = secondsToMs(status?.details?.retryAfterSeconds);
    return new ApiError({
      status: code,
      reason: reasonOf(status?.reason, code),
      serverMessage: status?.message ?? 'the watch reported an error without a message',
      details: status?.details ?? {},
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      request,
    });
  }
}

export type TransportFailure =
  /** No answer within the deadline. */
  | 'timeout'
  /** The caller's signal was aborted. */
  | 'aborted'
  /** The connection could not be made, or broke. */
  | 'connection'
  /** The server ended a watch as soon as it had begun. */
  | 'ended'
  /** The answer is larger than the limit. */
  | 'too-large'
  /** The credentials could not be obtained. */
  | 'credentials'
  /** This process does not hold the lease, so that it must not write. */
  | 'fenced';

const RETRYABLE_FAILURES: ReadonlySet<TransportFailure> = new Set(['timeout', 'connection', 'ended', 'credentials']);

/** There was no answer; whether the server acted on the request is unknown (except for `fenced` and `credentials`). */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportFailure;

  constructor(code: TransportFailure, request: RequestName, explanation: string, cause?: unknown) {
    super(`${request.method} ${request.path}: ${explanation}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  get retryable(): boolean {
    return RETRYABLE_FAILURES.has(this.code);
  }
}

/** Makes of whatever a transport rejected with the one error that callers know. */
export function asTransportError(
  error: unknown,
  request: Pick<KubeRequest, 'method' | 'path' | 'signal'>,
): TransportError {
  if (error instanceof TransportError) {
    return error;
  }
  if (request.signal?.aborted === true) {
    return new TransportError('aborted', request, 'the caller gave up', error);
  }
  return new TransportError('connection', request, error instanceof Error ? error.message : String(error), error);
}

export function isNotFound(error: unknown): boolean {
  return hasStatus(error, 404);
}

/** Somebody else changed the object since it was read: read again, decide again. */
export function isConflict(error: unknown): boolean {
  return hasStatus(error, 409) && error.reason !== 'AlreadyExists';
}

export function isAlreadyExists(error: unknown): boolean {
  return hasStatus(error, 409) && error.reason === 'AlreadyExists';
}

/** The resource version or continue token is older than the server's history: list again. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}

export function isForbidden(error: unknown): boolean {
  return hasStatus(error, 403);
}

/** The same call may succeed later without anybody changing anything. */
export function isTransient(error: unknown): boolean {
  return (error instanceof ApiError || error instanceof TransportError) && error.retryable;
}

/** Statuses from here on say that the server, or a proxy for it, could not serve, whatever was asked. */
export const SERVER_FAILURE = 500;

const NO_ANSWERS: ReadonlySet<TransportFailure> = new Set(['timeout', 'connection']);

/** Nobody is there who could serve the request. A server that has too much to do says 429 instead. */
export function isUnanswered(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= SERVER_FAILURE;
  return error instanceof TransportError && NO_ANSWERS.has(error.code);
}

/** Milliseconds of a `Retry-After` header in seconds; API servers send no dates. */
export function retryAfterOf(headers: Readonly<Record<string, string>>): number | undefined {
  const value = headers['retry-after'];
  return value !== undefined && /^\d{1,6}$/.test(value.trim()) ? Number(value) * 1000 : undefined;
}

function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}

function reasonOf(reason: string | undefined, status: number): string {
  return reason === undefined || reason === '' ? (DEFAULT_REASONS[status] ?? 'Unknown') : reason;
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined || seconds <= 0 ? undefined : seconds * 1000;
}

function quoteBody(body: string): string {
  const text = body.replaceAll(/\s+/g, ' ').trim();
  if (text === '') {
    return 'the server sent no message';
  }
  return text.length <= QUOTED_BODY_CHARS ? text : `${text.slice(0, QUOTED_BODY_CHARS)}…`;
}

function parseStatus(body: string): Status | undefined {
  try {
    return asStatus(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** Takes from an untrusted value what has the expected type, and leaves the rest. */
function asStatus(value: unknown): Status | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  return {
    ...(typeof value['code'] === 'number' ? { code: value['code'] } : {}),
    ...(typeof value['reason'] === 'string' ? { reason: value['reason'] } : {}),
    ...(typeof value['message'] === 'string' ? { message: value['message'] } : {}),
    ...(isRecord(value['details']) ? { details: value['details'] } : {}),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
