import { VERSION } from '../../config/version.ts';
import type { KubeClient } from '../../kube/client.ts';
import { createKubeClient } from '../../kube/kube-client.ts';
import { loadConnection } from '../../kube/kube-config.ts';
import { PoliteTransport } from '../../kube/polite-transport.ts';
import { RequestThrottle } from '../../kube/request-throttle.ts';
import type { KubeRequest, KubeTransport } from '../../kube/transport.ts';
import { UndiciTransport } from '../../kube/undici-transport.ts';
import type { GlobalOptions } from '../global-options.ts';
import type { Host } from '../host.ts';
import { TracingTransport } from './tracing-transport.ts';

/** Namespace of a context that names none, as kubectl has it. */
const DEFAULT_NAMESPACE = 'default';

/** An API server that a command works on. */
export interface Cluster {
  readonly client: KubeClient;
  readonly transport: KubeTransport;
  /** Of `-n`, else of the context. */
  readonly namespace: string;
}

/** Runs `use` with the cluster that the options name, and closes its connections afterwards. */
export async function withCluster<T>(
  host: Host,
  options: GlobalOptions,
  use: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const { clock, env, random } = host;
  const connection = await loadConnection(clock, options, { env });
  const http = new UndiciTransport({
    connection,
    clock,
    userAgent: `kubectl-linnet/${VERSION}`,
  });
  const traced = options.verbosity === 0 ? http : new TracingTransport(http, host, options.verbosity, connection);
  const polite = new PoliteTransport(traced, { clock, random, throttle: new RequestThrottle(clock) });
  const transport = withLimits(polite, host.signal, options.requestTimeoutMs);
  const namespace = options.namespace ?? connection.namespace ?? DEFAULT_NAMESPACE;
  try {
    return await use({ client: createKubeClient(transport), transport, namespace });
  } finally {
    await transport.close();
  }
}

/** Every request ends when the user wants to stop, or when `--request-timeout` has passed. */
function withLimits(inner: KubeTransport, signal: AbortSignal, timeoutMs: number | undefined): KubeTransport {
  const limited = (request: KubeRequest): KubeRequest => ({
    ...request,
    signal: request.signal ?? signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  return {
    request: (request) => inner.request(limited(request)),
    stream: (request) => inner.stream(limited(request)),
    close: () => inner.close(),
  };
}
