import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from '../kube/transport.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ApiRequest, ApiResponse } from './api-request.ts';
import type { ApiServer } from './api-server.ts';

/** One event of a watch, as the fault hooks see it. */
interface WatchEventSeen {
  readonly request: KubeRequest;
  /** The JSON line. */
  readonly line: string;
}

/**
 * Where scenario tests break things. Each hook is optional; throwing from `before` or `after` makes the exchange fail as
 * a broken connection does: from `before` the server never saw the request, from `after` the answer was lost.
 */
export interface TransportHooks {
  /** May answer in place of the server, or delay. */
  readonly before?: (request: KubeRequest) => Promise<KubeResponse | void> | KubeResponse | void;
  /** Sees what the server did; may replace the answer, delay or lose it. */
  readonly after?: (request: KubeRequest, response: KubeResponse) => Promise<KubeResponse | void> | KubeResponse | void;
  /** May delay. */
  readonly event?: (event: WatchEventSeen) => Promise<WatchVerdict> | WatchVerdict;
}

/** `drop` loses the event, `break` ends the stream with an error, lines take its place, undefined delivers. */
export type WatchVerdict = 'drop' | 'break' | readonly string[] | void;

export interface InProcessOptions {
  readonly clock: Clock;
  readonly hooks?: TransportHooks;
  /** Sent as User-Agent: names the field manager of writes that do not name theirs. */
  readonly userAgent?: string;
}

/** Carries requests straight to an `ApiServer` in the same process, on its clock. */
export class InProcessTransport implements KubeTransport {
  readonly #server: ApiServer;
  readonly #options: InProcessOptions;
  /** What is under way hears here that the transport is closed. */
  readonly #open = new Set<() => void>();
  #closed = false;

  constructor(server: ApiServer, options: InProcessOptions) {
    this.#server = server;
    this.#options = options;
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    return this.#bounded(request, async () => {
      const early = await this.#options.hooks?.before?.(request);
      if (early !== undefined) return early;
      const response = await bufferResponse(await this.#server.handle(this.#toApi(request)));
      return (await this.#options.hooks?.after?.(request, response)) ?? response;
    });
  }

  async stream(request: KubeRequest): Promise<KubeStream> {
    const response = await this.#bounded(request, async () => {
      const early = await this.#options.hooks?.before?.(request);
      return early === undefined ? this.#server.handle(this.#toApi(request)) : { kind: 'full' as const, ...early };
    });
    const { status, headers } = response;
    return { status, headers, chunks: this.#chunks(request, response) };
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const tell of Array.from(this.#open)) tell();
    return Promise.resolve();
  }

  #toApi({ method, path, query, headers, body }: KubeRequest): ApiRequest {
    const userAgent = this.#options.userAgent ?? 'linnet';
    return {
      method,
      path,
      query: query ?? {},
      headers: { 'user-agent': userAgent, ...headers },
      ...(body === undefined ? {} : { body }),
    };
  }

  /** Rejects when the request's signal aborts, its deadline passes on the clock, or the transport is closed. */
  #bounded<T>(request: KubeRequest, exchange: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let isOver = false;
    const fail = (reason: unknown): void => {
      isOver = true;
      reject(reason);
    };
    const ignore = this.#onInterruption(request, fail);
    const { method, path, timeoutMs } = request;
    const timer =
      timeoutMs === undefined
        ? undefined
        : this.#options.clock.schedule(timeoutMs, () => {
            fail(new Error(`${method} ${path}: no answer within ${timeoutMs} ms`));
          });
    if (!isOver) exchange().then(resolve, fail);
    return promise.finally(() => {
      ignore();
      timer?.cancel();
    });
  }

  /** Tells once when the request's signal aborts or the transport is closed. Returns the way to hear no more of it. */
  #onInterruption({ signal }: KubeRequest, tell: (reason: unknown) => void): () => void {
    const onAbort = (): void => tell(signal?.reason);
    const onClose = (): void => tell(new Error('the transport is closed'));
    if (this.#closed) onClose();
    else if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#open.add(onClose);
    return () => {
      signal?.removeEventListener('abort', onAbort);
      this.#open.delete(onClose);
    };
  }

  async *#chunks(request: KubeRequest, response: ApiResponse): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    if (response.kind === 'full') {
      yield encoder.encode(response.body);
      return;
    }
    const iterator = response.chunks[Symbol.asyncIterator]();
    let interruption: { readonly reason: unknown } | undefined;
    const ignore = this.#onInterruption(request, (reason) => {
      interruption = { reason };
      void iterator.return?.();
    });
    try {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        const verdict = await this.#options.hooks?.event?.({ request, line: next.value });
        if (verdict === 'break') throw new Error('the connection was reset');
        if (verdict === 'drop') continue;
        for (const line of verdict ?? [next.value]) yield encoder.encode(line);
      }
      if (interruption !== undefined) throw interruption.reason;
    } finally {
      ignore();
      await iterator.return?.();
    }
  }
}

async function bufferResponse(response: ApiResponse): Promise<KubeResponse> {
  if (response.kind === 'full') return { status: response.status, headers: response.headers, body: response.body };
  let body = '';
  for await (const chunk of response.chunks) body += chunk;
  return { status: response.status, headers: response.headers, body };
}
