import { type AddressInfo, createServer } from 'node:net';

/** A port on `host` that nobody uses now, for programs that cannot pick one themselves. */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
