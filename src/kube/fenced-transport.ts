import { TransportError } from './api-error.ts';
import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from './transport.ts';

/**
 * The last gate before the wire: a process that cannot prove that it holds the lease sends no write, however long ago
 * the write was decided. The lease's own traffic passes. Belongs directly on the transport that sends, beneath anything
 * that waits.
 */
export class FencedTransport implements KubeTransport {
  readonly #inner: KubeTransport;
  readonly #mayWrite: () => boolean;

  constructor(inner: KubeTransport, mayWrite: () => boolean) {
    this.#inner = inner;
    this.#mayWrite = mayWrite;
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    if (request.method !== 'GET' && request.priority !== 'lease' && !this.#mayWrite()) {
      throw new TransportError('fenced', request, 'not sent: this process does not hold the lease');
    }
    return this.#inner.request(request);
  }

  stream(request: KubeRequest): Promise<KubeStream> {
    return this.#inner.stream(request);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
