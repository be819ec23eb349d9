import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to the API server that can be cut, as a network has it. */
export interface CuttableProxy {
  readonly port: number;
  /** Resets every connection that there is now. Gives how many. */
  cut(): number;
  /** Whether new connections are reset right behind the first that the server says: over TLS, its part of the handshake. */
  cutHandshakes(on: boolean): void;
  close(): void;
}

export async function startCuttableProxy(target: URL): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let cutsHandshakes = false;
  const server = createServer((incoming) => {
    const outgoing = connect(Number(target.port), target.hostname);
    sockets.add(incoming);
    incoming.on('close', () => sockets.delete(incoming));
    incoming.pipe(outgoing);
    if (cutsHandshakes) outgoing.once('data', (first) => incoming.write(first, () => incoming.resetAndDestroy()));
    else outgoing.pipe(incoming);
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
    outgoing.on('close', () => incoming.destroy());
    incoming.on('close', () => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      const count = sockets.size;
      for (const socket of sockets) socket.resetAndDestroy();
      return count;
    },
    cutHandshakes: (on) => {
      cutsHandshakes = on;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
