import { scopedAbort } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { asTransportError, retryAfterOf, TransportError } from './api-error.ts';
import type { RequestThrottle } from './request-throttle.ts';
import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from './transport.ts';

/** client-go gives up after as many answers with `Retry-After`. */
const MAX_ATTEMPTS = 10;
/** Spreads what was refused at the same moment over half as long again as the server asked for. */
const RETRY_JITTER = 0.5;
const DEFAULT_TIMEOUT_MS = 30_000;

export interface PoliteTransportOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly throttle: RequestThrottle;
}

/**
 * Keeps to the client-side rate limit and to the server's `Retry-After`. A refusal by 429 or 503 with that header means
 * that the server did not act, so any method may be repeated. When waiting would exceed the deadline, the refusal is the
 * answer.
 */
export class PoliteTransport implements KubeTransport {
  readonly #inner: KubeTransport;
  readonly #options: PoliteTransportOptions;

  constructor(inner: KubeTransport, options: PoliteTransportOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  request(request: KubeRequest): Promise<KubeResponse> {
    return this.#politely(
      request,
      (attempt) => this.#inner.request(attempt),
      () => Promise.resolve(),
    );
  }

  stream(request: KubeRequest): Promise<KubeStream> {
    return this.#politely(request, (attempt) => this.#inner.stream(attempt), discard);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #politely<R extends Pick<KubeResponse, 'status' | 'headers'>>(
    request: KubeRequest,
    send: (attempt: KubeRequest) => Promise<R>,
    drop: (refused: R) => Promise<void>,
  ): Promise<R> {
    const { clock, random, throttle } = this.#options;
    const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = clock.monotonic() + timeoutMs;
    const scope = scopedAbort(clock, request.signal, timeoutMs);
    try {
      for (let attempt = 1; ; attempt += 1) {
        await throttle.acquire(request.priority ?? 'normal', scope.signal);
        const answer = await send({ ...request, timeoutMs: Math.max(deadline - clock.monotonic(), 1) });
        const retryAfterMs = answer.status === 429 || answer.status === 503 ? retryAfterOf(answer.headers) : undefined;
        if (retryAfterMs === undefined || attempt === MAX_ATTEMPTS) {
          return answer;
        }
        const waitMs = retryAfterMs * (1 + random() * RETRY_JITTER);
        if (clock.monotonic() + waitMs >= deadline) {
          return answer;
        }
        await drop(answer);
        await clock.sleep(waitMs, scope.signal);
      }
    } catch (error) {
      throw scope.timedOut() && !(error instanceof TransportError)
        ? new TransportError('timeout', request, `not sent within ${timeoutMs} ms: too many requests`, error)
        : asTransportError(error, request);
    } finally {
      scope.dispose();
    }
  }
}

/** Ends a refused stream, so that its connection is free. */
async function discard(stream: KubeStream): Promise<void> {
  await stream.chunks[Symbol.asyncIterator]().return?.();
}
