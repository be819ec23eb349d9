import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiRequest, ApiResponse } from './api-request.ts';
import { jsonResponse } from './api-request.ts';
import type { ApiServer } from './api-server.ts';
import { unauthorized } from './status-error.ts';

/** Long enough that no client reuses a connection in the moment in which it is closed: Go keeps idle ones for 90 s. */
const KEEP_ALIVE_MS = 120_000;

export interface HttpServerOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  /** When given, every request must carry it as bearer token. kubectl sends no token over plain HTTP. */
  readonly token?: string;
}

/** A running HTTP front of an `ApiServer`. */
export interface HttpApiServer {
  /** E.g. `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Ends all watches and connections. */
  close(): Promise<void>;
}

/** Serves the API on the loopback interface, as plain HTTP. */
export async function serveHttp(api: ApiServer, options: HttpServerOptions = {}): Promise<HttpApiServer> {
  const server = createServer((incoming, outgoing) => {
    answer(api, incoming, outgoing, options.token).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function answer(
  api: ApiServer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  token: string | undefined,
): Promise<void> {
  const request = await readRequest(incoming);
  const isAllowed = token === undefined || request.headers['authorization'] === `Bearer ${token}`;
  const response = isAllowed ? await api.handle(request) : jsonResponse(401, unauthorized().toStatus());
  await writeResponse(response, outgoing);
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://simulator');
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(headers.filter(([, value]) => value !== undefined)) as Record<string, string>,
    ...(chunks.length === 0 ? {} : { body: new Uint8Array(Buffer.concat(chunks)) }),
  };
}

async function writeResponse(response: ApiResponse, outgoing: ServerResponse): Promise<void> {
  if (response.kind === 'full') {
    outgoing.writeHead(response.status, { ...response.headers, 'content-length': Buffer.byteLength(response.body) });
    outgoing.end(response.body);
    return;
  }
  const iterator = response.chunks[Symbol.asyncIterator]();
  outgoing.once('close', () => void iterator.return?.());
  outgoing.writeHead(response.status, response.headers);
  // A client waits for the headers of a watch before it goes on, though there may be no event for long.
  outgoing.flushHeaders();
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    if (!outgoing.write(next.value)) await drained(outgoing);
  }
  outgoing.end();
}

/** A client that reads slowly makes the watch wait; one that is gone does not. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
    if (outgoing.closed) done();
  });
}

/** A kubeconfig that points at a served API; the token is optional as it is there. */
export function kubeconfigFor(url: string, token?: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'linnet', cluster: { server: url } }],
    users: [{ name: 'linnet', user: token === undefined ? {} : { token } }],
    contexts: [{ name: 'linnet', context: { cluster: 'linnet', user: 'linnet', namespace: 'default' } }],
    'current-context': 'linnet',
  };
  // JSON is YAML.
  return `${JSON.stringify(config, null, 2)}\n`;
}
