import { jsonText } from './json-text.ts';
import type { JsonTree } from './json-tree.ts';

/** A request to the simulated API server, whatever carried it. */
export interface ApiRequest {
  readonly method: string;
  /** Path without query, percent-encoded as on the wire. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface FullResponse {
  readonly kind: 'full';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StreamResponse {
  readonly kind: 'stream';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** One watch event per chunk. Stopping the iteration ends the watch. */
  readonly chunks: AsyncIterable<string>;
}

export type ApiResponse = FullResponse | StreamResponse;

const JSON_TYPE = 'application/json';

/** `body` is an object, or JSON text that was made already. */
export function jsonResponse(
  status: number,
  body: JsonTree | string,
  headers: Readonly<Record<string, string>> = {},
): FullResponse {
  return {
    kind: 'full',
    status,
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: `${typeof body === 'string' ? body : jsonText(body)}\n`,
  };
}

export function textResponse(status: number, body: string): FullResponse {
  return { kind: 'full', status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
