import { SERVER_FAILURE } from './api-error.ts';
import type { Presence } from './presence.ts';
import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from './transport.ts';

/**
 * Tells a `Presence` whether the server answers. Reads alone are asked: a write may also fail because of the admission
 * webhook of one kind, which keeps nobody from seeing.
 */
export class AttendedTransport implements KubeTransport {
  readonly #inner: KubeTransport;
  readonly #presence: Presence;

  constructor(inner: KubeTransport, presence: Presence) {
    this.#inner = inner;
    this.#presence = presence;
  }

  request(request: KubeRequest): Promise<KubeResponse> {
    const response = this.#inner.request(request);
    return request.method === 'GET' ? this.#attend(response) : response;
  }

  stream(request: KubeRequest): Promise<KubeStream> {
    return this.#attend(this.#inner.stream(request));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #attend<T extends { readonly status: number }>(answer: Promise<T>): Promise<T> {
    try {
      const response = await answer;
      if (response.status < SERVER_FAILURE) this.#presence.answered();
      else this.#presence.unanswered();
      return response;
    } catch (error) {
      this.#presence.unanswered();
      throw error;
    }
  }
}
