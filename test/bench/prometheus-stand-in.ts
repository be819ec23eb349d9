import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers every query with one sample: success, except for queries that were spoilt. */
export interface PrometheusStandIn {
  readonly url: string;
  /** From now on the query `name` measures a canary that fails half of its requests. */
  spoil(name: string): void;
  close(): Promise<void>;
}

export async function startPrometheus(): Promise<PrometheusStandIn> {
  const spoilt = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const query = new URLSearchParams(Buffer.concat(chunks).toString()).get('query') ?? '';
      const value = [Date.now() / 1_000, spoilt.has(query) ? '0.5' : '1'];
      response.writeHead(200, { 'content-type': 'application/json' });
      const data = { resultType: 'vector', result: [{ metric: {}, value }] };
      response.end(JSON.stringify({ status: 'success', data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spoil: (name) => spoilt.add(name),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
