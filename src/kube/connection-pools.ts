import { type Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent, Socks5ProxyAgent } from 'undici';
import type { TlsOptions } from './credential-source.ts';

/** Cloud load balancers cut idle connections after 60 s or more; client-go probes every 30 s. */
const TCP_KEEP_ALIVE_MS = 30_000;
/** Reconcile passes come in bursts with pauses between; undici's default of 4 s would mean a handshake for each burst. */
const IDLE_CONNECTION_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Over HTTP/1.1 a busy controller needs a few connections; more would only queue inside the API server. */
const MAX_REQUEST_CONNECTIONS = 32;
/** Renewals must not queue behind slow requests, so they have connections of their own. */
const MAX_LEASE_CONNECTIONS = 2;

export interface PoolOptions {
  readonly tls: TlsOptions;
  readonly proxyUrl: string | undefined;
  /** A stream that is silent for longer than this is dead. */
  readonly streamIdleMs: number;
}

/** Connections to one server under one set of TLS material. */
export interface ConnectionPools {
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
  readonly lease: Dispatcher;
}

/**
 * All of them speak HTTP/1.1, although API servers offer HTTP/2: undici 8.12 forgets requests that wait for a connection
 * which is cut while it is being made. They are neither sent nor refused, so that after a short outage watches stood still
 * until their deadline. It also means that a connection that breaks ends one watch, and not all of them.
 */
export function openPools({ tls, proxyUrl, streamIdleMs }: PoolOptions): ConnectionPools {
  // Exchanges have a deadline of their own, so undici's timers would only get in the way of longer ones.
  const exchange = { headersTimeout: 0, bodyTimeout: 0 };
  return {
    requests: openPool(tls, proxyUrl, { ...exchange, connections: MAX_REQUEST_CONNECTIONS }),
    watches: openPool(tls, proxyUrl, { headersTimeout: 0, bodyTimeout: streamIdleMs }),
    lease: openPool(tls, proxyUrl, { ...exchange, connections: MAX_LEASE_CONNECTIONS }),
  };
}

/** Lets what is under way come to its end and closes the rest. */
export async function retirePools(pools: ConnectionPools): Promise<void> {
  await Promise.all([pools.requests.close(), pools.watches.close(), pools.lease.close()]);
}

export async function destroyPools(pools: ConnectionPools): Promise<void> {
  await Promise.all([pools.requests.destroy(), pools.watches.destroy(), pools.lease.destroy()]);
}

type Limits = Pick<Agent.Options, 'connections'> & { readonly headersTimeout: number; readonly bodyTimeout: number };

function openPool(tls: TlsOptions, proxyUrl: string | undefined, limits: Limits): Dispatcher {
  const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS };
  const common = { ...limits, keepAliveTimeout: IDLE_CONNECTION_MS, allowH2: false };
  const options = { ...common, connect };
  if (proxyUrl === undefined || proxyUrl === '') {
    // Connects directly where HTTPS_PROXY, HTTP_PROXY and NO_PROXY say nothing else.
    return new EnvHttpProxyAgent({ ...options, requestTls: tls });
  }
  return proxyUrl.startsWith('socks')
    ? new Socks5ProxyAgent(proxyUrl, { ...common, requestTls: tls })
    : new ProxyAgent({ ...options, uri: proxyUrl, requestTls: tls });
}
