import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { abortReason, type ScopedAbort, scopedAbort } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import { asTransportError, TransportError } from './api-error.ts';
import { type ConnectionPools, destroyPools, openPools, retirePools } from './connection-pools.ts';
import type { Credentials, TlsOptions } from './credential-source.ts';
import type { ClusterConnection } from './kube-config.ts';
import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from './transport.ts';

/** As long as the API server itself works on a request (`--request-timeout` is 60 s) would hold a worker for too long. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** A page of 500 large objects is about 30 MB; beyond this something else is answering. */
const DEFAULT_MAX_RESPONSE_BYTES = 128 * 1024 * 1024;
/** The API server sends a bookmark about every 60 s, so that two missed ones mean a dead connection. */
const DEFAULT_STREAM_IDLE_MS = 130_000;

export interface UndiciTransportOptions {
  readonly connection: Pick<ClusterConnection, 'server' | 'proxyUrl' | 'credentials'>;
  readonly clock: Clock;
  /** e.g. `linnet-controller/0.1.0`. */
  readonly userAgent: string;
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  readonly streamIdleMs?: number;
}

/**
 * Carries requests over HTTP(S) with pooled connections: one pool for requests, one for watches, one for the lease.
 * Adds credentials (and gets new ones once when the server answers 401), deadlines and a limit of the answer's size.
 */
export class UndiciTransport implements KubeTransport {
  readonly #options: UndiciTransportOptions;
  readonly #origin: string;
  readonly #basePath: string;
  #current: { readonly tls: TlsOptions; readonly pools: ConnectionPools } | undefined;
  readonly #retired = new Set<ConnectionPools>();

  constructor(options: UndiciTransportOptions) {
    this.#options = options;
    const url = new URL(options.connection.server);
    this.#origin = url.origin;
    this.#basePath = url.pathname.replace(/\/+$/, '');
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const scope = scopedAbort(this.#options.clock, request.signal, timeoutMs);
    try {
      const answer = await this.#exchange(request, request.priority === 'lease' ? 'lease' : 'requests', scope.signal);
      const limit = this.#options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
      return {
        status: answer.statusCode,
        headers: flatten(answer.headers),
        body: await readText(answer.body, limit, request),
      };
    } catch (error) {
      throw toTransportError(error, request, scope);
    } finally {
      scope.dispose();
    }
  }

  async stream(request: KubeRequest): Promise<KubeStream> {
    const timeoutMs = request.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    // The deadline covers the headers only, the caller's signal the whole stream.
    const headers = scopedAbort(this.#options.clock, undefined, timeoutMs);
    const whole = scopedAbort(this.#options.clock, request.signal);
    headers.signal.addEventListener('abort', () => whole.abort(headers.signal.reason), { once: true });
    try {
      const answer = await this.#exchange(request, 'watches', whole.signal);
      return {
        status: answer.statusCode,
        headers: flatten(answer.headers),
        chunks: chunksOf(answer.body, request, whole),
      };
    } catch (error) {
      whole.dispose();
      throw toTransportError(error, request, headers.timedOut() ? headers : whole);
    } finally {
      headers.dispose();
    }
  }

  /** Breaks whatever is under way. */
  async close(): Promise<void> {
    const pools = [...this.#retired, ...(this.#current === undefined ? [] : [this.#current.pools])];
    this.#current = undefined;
    this.#retired.clear();
    await Promise.all(pools.map(destroyPools));
  }

  async #exchange(
    request: KubeRequest,
    pool: keyof ConnectionPools,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const first = await this.#send(request, pool, signal, await this.#credentials(request, false));
    if (first.statusCode !== 401) {
      return first;
    }
    await first.body.dump();
    return this.#send(request, pool, signal, await this.#credentials(request, true));
  }

  #send(
    request: KubeRequest,
    pool: keyof ConnectionPools,
    signal: AbortSignal,
    credentials: Credentials,
  ): Promise<Dispatcher.ResponseData> {
    const query = request.query === undefined ? '' : new URLSearchParams(request.query).toString();
    return this.#poolsFor(credentials.tls)[pool].request({
      origin: this.#origin,
      path: `${this.#basePath}${request.path}${query === '' ? '' : `?${query}`}`,
      method: request.method,
      headers: {
        accept: 'application/json',
        'user-agent': this.#options.userAgent,
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
        ...credentials.headers,
      },
      body: request.body ?? null,
      signal,
    });
  }

  async #credentials(request: KubeRequest, fresh: boolean): Promise<Credentials> {
    try {
      return await this.#options.connection.credentials.get({ fresh });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'unknown reason';
      throw new TransportError('credentials', request, `no credentials for the API server: ${reason}`, cause);
    }
  }

  /** Certificates rotate: other TLS material means other connections; those under way come to their own end. */
  #poolsFor(tls: TlsOptions): ConnectionPools {
    if (this.#current !== undefined && sameTls(this.#current.tls, tls)) {
      return this.#current.pools;
    }
    const { connection, streamIdleMs = DEFAULT_STREAM_IDLE_MS } = this.#options;
    if (this.#current !== undefined) {
      const old = this.#current.pools;
      this.#retired.add(old);
      void retirePools(old).finally(() => this.#retired.delete(old));
    }
    this.#current = { tls, pools: openPools({ tls, proxyUrl: connection.proxyUrl, streamIdleMs }) };
    return this.#current.pools;
  }
}

async function readText(body: Readable, limit: number, request: KubeRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      throw new TransportError('too-large', request, `the answer is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

/** Leaving the loop early, or before its first turn, destroys the body and with it the connection. */
function chunksOf(body: Readable, request: KubeRequest, scope: ScopedAbort): AsyncIterable<Uint8Array> {
  async function* read(): AsyncGenerator<Uint8Array, undefined> {
    try {
      yield* body as AsyncIterable<Buffer>;
    } catch (error) {
      throw toTransportError(error, request, scope);
    } finally {
      scope.dispose();
    }
  }
  // A body that is destroyed unread has an error of its own, which nobody else would hear: that ends the process.
  body.on('error', () => {});
  const chunks = read();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => chunks.next(),
      return: () => {
        body.destroy();
        scope.dispose();
        return chunks.return(undefined);
      },
    }),
  };
}

function toTransportError(error: unknown, request: KubeRequest, scope: ScopedAbort): TransportError {
  if (error instanceof TransportError) {
    return error;
  }
  if (scope.timedOut()) {
    return new TransportError('timeout', request, abortReason(scope.signal).message, error);
  }
  if (request.signal?.aborted === true) {
    return asTransportError(error, request);
  }
  const failure = rootOf(error);
  if (failure.code === 'UND_ERR_BODY_TIMEOUT') {
    return new TransportError('timeout', request, 'the stream is silent: the connection is dead', error);
  }
  const code = failure.code === undefined ? '' : ` (${failure.code})`;
  return new TransportError('connection', request, `${failure.message}${code}`, error);
}

/** `AggregateError` (one per address tried) has an empty message; its first part tells. */
function rootOf(error: unknown): { readonly message: string; readonly code?: string } {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return rootOf(error.errors[0]);
  }
  return error instanceof Error ? error : { message: String(error) };
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      flat[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
  return flat;
}

function sameTls(one: TlsOptions, other: TlsOptions): boolean {
  const same = (a: string | Buffer | undefined, b: string | Buffer | undefined): boolean =>
    a === b || (a !== undefined && b !== undefined && Buffer.from(a).equals(Buffer.from(b)));
  return (
    one.rejectUnauthorized === other.rejectUnauthorized &&
    one.servername === other.servername &&
    same(one.ca, other.ca) &&
    same(one.cert, other.cert) &&
    same(one.key, other.key)
  );
}
