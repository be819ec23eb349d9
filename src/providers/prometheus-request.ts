import type { PrometheusMetric } from '../api/metric-provider.ts';
import { basicAuthorization } from '../net/auth/basic.ts';
import { ProviderError } from './provider-error.ts';

/** Of Argo Rollouts, for metrics without `timeout`. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** Longest wait for one measurement; it occupies a worker of the controller meanwhile. */
export const MAX_TIMEOUT_MS = 300_000;

/** What a metric sends to prove who it is. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Values of headers that are credentials. */
  readonly headers: readonly string[];
}

/** Header names whose values are credentials. Others, such as a tenant's id, help to understand an error. */
const CREDENTIAL_HEADER = /authorization|token|secret|password|cookie|api-?key/i;

/** The credentials of a metric. Those of `authentication.basicAuth` win over those in the address. */
export function credentialsOf({ headers = [], authentication }: PrometheusMetric, address: string): Credentials {
  const url = URL.parse(address);
  const { username, password } = authentication?.basicAuth ?? {};
  return {
    username: username ?? decoded(url?.username),
    password: password ?? decoded(url?.password),
    headers: headers.filter(({ key }) => CREDENTIAL_HEADER.test(key)).map(({ value }) => value),
  };
}

/** User information as it was meant; as it is written when it is no valid percent-encoding. */
function decoded(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Every form of the credentials that a server could echo in an error and that must not get into a status. */
export function textsOf({ username, password, headers }: Credentials): readonly string[] {
  // `Bearer abc` is echoed as a whole or as its second part.
  const parts = headers.flatMap((value) => value.split(' ').slice(1));
  return [...headers, ...parts, password, ...(password === '' ? [] : [`${username}:${password}`])];
}

/** The base URL without user information. Throws a `ProviderError` when there is no address. */
export function bareAddress(address: string): string {
  if (address === '') {
    throw new ProviderError(
      'misconfigured',
      'prometheus address is not configured: set provider.prometheus.address of the metric, or ARGO_ROLLOUTS_PROMETHEUS_ADDRESS of the controller',
    );
  }
  const url = URL.parse(address);
  if (url === null || (url.username === '' && url.password === '')) return address;
  url.username = '';
  url.password = '';
  return url.href;
}

/** The headers to send, lower-case. Throws a `ProviderError` for an authentication scheme that there is not. */
export function headersOf(config: PrometheusMetric, { username, password }: Credentials): Record<string, string> {
  for (const scheme of ['sigv4', 'oauth2'] as const) {
    if (Object.keys(config.authentication?.[scheme] ?? {}).length > 0) {
      throw new ProviderError(
        'misconfigured',
        `prometheus: authentication.${scheme} is not supported yet; use basicAuth or headers`,
      );
    }
  }
  const headers: Record<string, string> = {};
  if (username !== '' || password !== '') headers['authorization'] = basicAuthorization(username, password);
  for (const { key, value } of config.headers ?? []) headers[key.toLowerCase()] = value;
  return headers;
}

/** How long to wait for an answer. */
export function timeoutOf({ timeout }: PrometheusMetric): number {
  if (timeout === undefined || timeout <= 0) return DEFAULT_TIMEOUT_MS;
  return Math.min(timeout * 1000, MAX_TIMEOUT_MS);
}
