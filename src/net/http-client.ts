import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '../runtime/clock.ts';
import { ACCEPTED_ENCODINGS, readBody } from './body.ts';
import { guardedConnector, type Resolve } from './egress-guard.ts';
import type { EgressPolicy } from './egress-policy.ts';
import { HttpError } from './http-error.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Absolute http or https URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange: name resolution, connection, headers and body. */
  readonly timeoutMs: number;
  /** Of the decompressed body; 1 MiB unless given. */
  readonly maxBodyBytes?: number;
  readonly signal?: AbortSignal;
  /** Accepts any server certificate. */
  readonly insecure?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; several values of one name are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Requests to addresses that somebody else wrote down. Any HTTP status is a response, redirects included: they are
 * never followed, since they would carry credentials to a place that nobody configured. A failed exchange rejects with
 * `HttpError`.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends idle connections and aborts running requests. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly policy: EgressPolicy;
  readonly clock: Clock;
  readonly resolve?: Resolve;
}

/** S2 of the security expectations: an answer that a measurement needs is far smaller. */
const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/** Shorter than any sensible measurement interval is long, longer than a lost SYN and its first retry (1 s + 2 s). */
const CONNECT_TIMEOUT_MS = 5_000;

/** Spares most measurements a handshake, and is shorter than the idle timeouts of common proxies (60 s). */
const KEEP_ALIVE_MS = 50_000;

/** A client with its own connection pool, guarded by `policy`. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agents = new Map<boolean, Agent>();
  const agentFor = (insecure: boolean): Agent => {
    const known = agents.get(insecure);
    if (known !== undefined) return known;
    const agent = createAgent(options, insecure);
    agents.set(insecure, agent);
    return agent;
  };
  return {
    request: (request) => exchange(agentFor(request.insecure ?? false), options.clock, request),
    close: async () => {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function createAgent({ policy, resolve }: HttpClientOptions, insecure: boolean): Agent {
  const connect = guardedConnector({
    policy,
    insecure,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    ...(resolve === undefined ? {} : { resolve }),
  });
  // Each exchange has one deadline of its own, so undici's per-phase timeouts are off.
  return new Agent({ connect, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS });
}

async function exchange(agent: Agent, clock: Clock, request: HttpRequest): Promise<HttpResponse> {
  const url = parseUrl(request.url);
  const deadline = new AbortController();
  const timer = clock.schedule(request.timeoutMs, () => deadline.abort());
  const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([request.signal, deadline.signal]);
  try {
    const response = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { 'accept-encoding': ACCEPTED_ENCODINGS, ...request.headers },
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const headers = joinHeaders(response.headers);
    const maxBytes = request.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
    const body = await readBody(response.body, headers['content-encoding'], maxBytes);
    return { status: response.statusCode, headers, body };
  } catch (error) {
    if (request.signal?.aborted === true) {
      throw new HttpError('aborted', `the request to ${url.host} was aborted`, { cause: error });
    }
    if (deadline.signal.aborted) {
      throw new HttpError('timeout', `no complete answer from ${url.host} within ${request.timeoutMs} ms`, {
        cause: error,
      });
    }
    throw toHttpError(error, url.host);
  } finally {
    timer.cancel();
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new HttpError('bad-request', 'the address is not an absolute http or https URL');
  }
  return url;
}

function joinHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const joined: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}

const DNS_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ESERVFAIL']);

function toHttpError(error: unknown, host: string): HttpError {
  if (error instanceof HttpError) return error;
  const code = codeOf(error);
  if (code === 'UND_ERR_INVALID_ARG') return new HttpError('bad-request', 'a header of the request is malformed');
  if (DNS_CODES.has(code))
    return new HttpError('dns', `cannot resolve the host of ${host} (${code})`, { cause: error });
  if (isTlsCode(code)) return new HttpError('tls', `TLS with ${host} failed (${code})`, { cause: error });
  return new HttpError('connection', `the connection to ${host} failed (${code})`, { cause: error });
}

/** Happy eyeballs report several failures at once; the first of them is as good as any. */
function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first ? first.code : undefined;
  return typeof code === 'string' ? code : 'no answer';
}

/** OpenSSL's verification codes have no common prefix; these are the stems that Node reports. */
function isTlsCode(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/.test(code);
}
