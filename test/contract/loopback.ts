import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Server } from 'node:net';

export interface Loopback extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Requests seen so far. */
  readonly requests: readonly IncomingMessage[];
  /** Resolves when one more request has arrived (its body may not have). */
  nextRequest(): Promise<void>;
}

/** An HTTP server on a free port of 127.0.0.1 that ends, with all its connections, when disposed. */
export async function loopback(
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<Loopback> {
  const requests: IncomingMessage[] = [];
  let arrived = Promise.withResolvers<void>();
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    arrived.resolve();
    arrived = Promise.withResolvers<void>();
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => handle(request, response, body));
  };
  const server = createServer(listener);
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    nextRequest: () => arrived.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Starts listening on a free port of 127.0.0.1 and resolves to it. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
