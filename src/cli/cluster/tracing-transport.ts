import type { ClusterConnection } from '../../kube/kube-config.ts';
import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from '../../kube/transport.ts';
import type { Host } from '../host.ts';

/** From which `-v` on kubectl prints requests. Bodies and headers may hold secrets and are never printed. */
const REQUESTS_FROM = 6;

/** Says on standard error what is asked of which API server, for `-v`. */
export class TracingTransport implements KubeTransport {
  readonly #inner: KubeTransport;
  readonly #host: Host;
  readonly #server: string;
  readonly #tracesRequests: boolean;

  constructor(
    inner: KubeTransport,
    host: Host,
    verbosity: number,
    connection: Pick<ClusterConnection, 'server' | 'origin'>,
  ) {
    this.#inner = inner;
    this.#host = host;
    this.#server = connection.server;
    this.#tracesRequests = verbosity >= REQUESTS_FROM;
    host.stderr.write(`${connection.server} by ${connection.origin}\n`);
  }

  request(request: KubeRequest): Promise<KubeResponse> {
    return this.#traced(request, this.#inner.request(request));
  }

  stream(request: KubeRequest): Promise<KubeStream> {
    return this.#traced(request, this.#inner.stream(request));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #traced<R extends { readonly status: number }>(request: KubeRequest, answer: Promise<R>): Promise<R> {
    const { clock } = this.#host;
    const startedAt = clock.monotonic();
    const report = (outcome: string): void => {
      if (!this.#tracesRequests) return;
      const query = new URLSearchParams(request.query ?? {}).toString();
      const url = `${this.#server}${request.path}${query === '' ? '' : `?${query}`}`;
      this.#host.stderr.write(
        `${request.method} ${url} ${outcome} in ${Math.round(clock.monotonic() - startedAt)} ms\n`,
      );
    };
    try {
      const response = await answer;
      report(String(response.status));
      return response;
    } catch (error) {
      report(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}
