/** What a request is for: decides its turn when the client-side rate limit makes requests wait. */
export type RequestPriority = 'lease' | 'abort' | 'normal' | 'resync';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path without query, e.g. `/apis/apps/v1/namespaces/default/replicasets`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Lower-case header names. Authentication is the transport's business. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Serialised body (JSON unless `content-type` says otherwise). */
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Deadline for the whole exchange, milliseconds; for a stream, for its headers. */
  readonly timeoutMs?: number;
  readonly priority?: RequestPriority;
}

export interface KubeResponse {
  readonly status: number;
  /** Lower-case header names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface KubeStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it arrives; chunk borders mean nothing. Ends with the connection; throws when it breaks. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Carries requests to an API server. There are two: undici over HTTP(S), and the simulator's in-process one, so that the
 * same controllers run against both.
 *
 * Any HTTP status is a response, not an error; only a failed exchange (connection, deadline, abort) rejects.
 */
export interface KubeTransport {
  request(request: KubeRequest): Promise<KubeResponse>;
  stream(request: KubeRequest): Promise<KubeStream>;
  close(): Promise<void>;
}
