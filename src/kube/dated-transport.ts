import type { Logger } from '../telemetry/logger.ts';
import type { ServerClock } from './server-clock.ts';
import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from './transport.ts';

/** A smaller difference is what a network and whole seconds make of two good clocks. */
const WORTH_TELLING_MS = 5_000;
/** Several API servers whose clocks differ would be told of with every answer. */
const TELL_EVERY_MS = 600_000;

/** Tells a `ServerClock` what time the API server has, by the `Date` of its answers. */
export class DatedTransport implements KubeTransport {
  readonly #inner: KubeTransport;
  readonly #clock: ServerClock;
  readonly #logger: Logger;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(inner: KubeTransport, clock: ServerClock, logger: Logger) {
    this.#inner = inner;
    this.#clock = clock;
    this.#logger = logger;
  }

  request(request: KubeRequest): Promise<KubeResponse> {
    return this.#read(() => this.#inner.request(request));
  }

  stream(request: KubeRequest): Promise<KubeStream> {
    return this.#read(() => this.#inner.stream(request));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #read<T extends Pick<KubeResponse, 'headers'>>(ask: () => Promise<T>): Promise<T> {
    const askedAt = this.#clock.monotonic();
    const response = await ask();
    const date = Date.parse(response.headers['date'] ?? '');
    if (Number.isNaN(date)) return response;
    const answeredAt = this.#clock.monotonic();
    const byMs = Math.round(this.#clock.heard(date, askedAt, answeredAt));
    if (Math.abs(byMs) >= WORTH_TELLING_MS && answeredAt - this.#toldAt >= TELL_EVERY_MS) {
      this.#toldAt = answeredAt;
      this.#logger.warn({ byMs }, "the API server's clock differs from this machine's; its time counts");
    }
    return response;
  }
}
