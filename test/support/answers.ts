import type { KubeResponse } from '../../src/kube/transport.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** An answer of the API server that says no. */
export function refusal(
  code: number,
  reason: string,
  message = reason,
  headers: Readonly<Record<string, string>> = {},
): KubeResponse {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message };
  return { status: code, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(status) };
}

/** An answer of the API server with this body. */
export function answer(body: string): KubeResponse {
  return { status: 200, headers: JSON_TYPE, body };
}
