import { connect, createServer, type ListenOptions, type NetConnectOpts, type Server } from 'node:net';
import { join } from 'node:path';

/**
 * The way into a network namespace: a name is a port of this machine outside, a server inside, and a socket file, which
 * namespaces do not part, between them.
 */
export interface GatewayPorts {
  readonly [name: string]: number;
}

const HOST = '127.0.0.1';

/** Outside: gives each name a port. The sockets need not be there yet. */
export async function openGateway(
  folder: string,
  names: readonly string[],
): Promise<{ readonly ports: GatewayPorts; close(): void }> {
  const servers = await Promise.all(
    names.map((name) => forward({ host: HOST, port: 0 }, { path: join(folder, name) })),
  );
  const portOf = (server: Server | undefined): number => {
    const address = server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  };
  return {
    ports: Object.fromEntries(names.map((name, index) => [name, portOf(servers[index])])),
    close: () => servers.forEach((server) => void server.close()),
  };
}

/** Inside: connects a name with a server. Resolves to a function that ends it. */
export async function offer(folder: string, name: string, host: string, port: number): Promise<() => void> {
  const server = await forward({ path: join(folder, name) }, { host, port });
  return () => void server.close();
}

/** Every connection to `from` becomes one to `to`. */
export function forward(from: ListenOptions, to: NetConnectOpts): Promise<Server> {
  const server = createServer((incoming) => {
    const outgoing = connect(to);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(from, () => resolve(server));
  });
}
