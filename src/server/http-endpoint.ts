import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EndpointAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Path → answer, computed at the time of the request. */
export type Routes = Readonly<Record<string, () => EndpointAnswer>>;

export interface HttpEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers GET requests for a fixed set of paths; 404 for any other. Port 0 picks a free one. */
export async function serveEndpoint(address: string, port: number, routes: Routes): Promise<HttpEndpoint> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const answer = route === undefined ? notFound(path) : answerOf(route);
    response.writeHead(answer.status, { 'content-type': answer.contentType });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  });
  await listen(server, address, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Plain text with a status: what a probe wants. */
export function textAnswer(status: number, body: string): EndpointAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function answerOf(route: () => EndpointAnswer): EndpointAnswer {
  try {
    return route();
  } catch (error) {
    return textAnswer(500, error instanceof Error ? error.message : String(error));
  }
}

function notFound(path: string): EndpointAnswer {
  return textAnswer(404, `no such path: ${path}`);
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      reject(new Error(`cannot listen on ${address}:${port}: ${reason}; choose another port`, { cause: error }));
    });
    server.listen(port, address, () => resolve());
  });
}
