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
  readonly #closing = new AbortController();

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
    this.#closing.abort(new Error('the transport is closed'));
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
  async #bounded<T>(request: KubeRequest, exchange: () => Promise<T>): Promise<T> {
    const ended = new AbortController();
    const signals = [ended.signal, this.#closing.signal, ...(request.signal === undefined ? [] : [request.signal])];
    const signal = AbortSignal.any(signals);
    signal.throwIfAborted();
    const timer =
      request.timeoutMs === undefined
        ? undefined
        : this.#options.clock.schedule(request.timeoutMs, () => {
            ended.abort(new Error(`${request.method} ${request.path}: no answer within ${request.timeoutMs} ms`));
          });
    try {
      return await Promise.race([exchange(), rejection(signal)]);
    } finally {
      timer?.cancel();
    }
  }

  async *#chunks(request: KubeRequest, response: ApiResponse): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    if (response.kind === 'full') {
      yield encoder.encode(response.body);
      return;
    }
    const iterator = response.chunks[Symbol.asyncIterator]();
    const signals = [this.#closing.signal, ...(request.signal === undefined ? [] : [request.signal])];
    const aborted = rejection(AbortSignal.any(signals));
    try {
      for (;;) {
        const next = await Promise.race([iterator.next(), aborted]);
        if (next.done === true) return;
        const verdict = await this.#options.hooks?.event?.({ request, line: next.value });
        if (verdict === 'break') throw new Error('the connection was reset');
        if (verdict === 'drop') continue;
        for (const line of verdict ?? [next.value]) yield encoder.encode(line);
      }
    } finally {
      await iterator.return?.();
    }
  }
}

/** A promise that only ever rejects: with the signal's reason. */
function rejection(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // The race that it takes part in may be over by then.
  promise.catch(() => {});
  return promise;
}

async function bufferResponse(response: ApiResponse): Promise<KubeResponse> {
  if (response.kind === 'full') return { status: response.status, headers: response.headers, body: response.body };
  let body = '';
  for await (const chunk of response.chunks) body += chunk;
  return { status: response.status, headers: response.headers, body };
}
