import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Credentials } from '../../../src/kube/credential-source.ts';
import { UndiciTransport } from '../../../src/kube/undici-transport.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const GET = { method: 'GET', path: '/version' } as const;

interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

function selfSigned(name: string): KeyPair {
  const directory = mkdtempSync(join(tmpdir(), 'linnet-tls-'));
  try {
    const [key, cert] = [join(directory, 'key'), join(directory, 'cert')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:kubernetes'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-nodes', '-days', '2', ...curve, ...subject, '-keyout', key, '-out', cert],
      {
        stdio: 'ignore',
      },
    );
    return { cert: readFileSync(cert), key: readFileSync(key) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  return (server.address() as AddressInfo).port;
}

function transportTo(server: string, credentials: () => Credentials, proxyUrl?: string): UndiciTransport {
  const connection = { server, proxyUrl, credentials: { get: async () => credentials() } };
  const transport = new UndiciTransport({ connection, clock: systemClock, userAgent: 'linnet-test' });
  closing.push(() => transport.close());
  return transport;
}

/** Answers who asked: the common name of the client's certificate. */
const whoAsked: RequestListener = (request, response) => {
  const subject = (request.socket as TLSSocket).getPeerCertificate?.()?.subject;
  response.end(String(subject?.CN ?? 'nobody'));
};

describe.skipIf(!hasOpenssl)('over TLS', () => {
  let server: KeyPair;
  let alice: KeyPair;
  let bob: KeyPair;

  beforeAll(() => {
    server = selfSigned('server');
    alice = selfSigned('alice');
    bob = selfSigned('bob');
  });

  const start = () => listening(createTlsServer({ ...server, requestCert: true, rejectUnauthorized: false }, whoAsked));

  test('a certificate of the given authority is trusted, and another is not', async () => {
    const url = `https://127.0.0.1:${await start()}`;
    const trusting = transportTo(url, () => ({ headers: {}, tls: { ca: server.cert } }));
    expect((await trusting.request(GET)).status).toBe(200);
    const suspicious = transportTo(url, () => ({ headers: {}, tls: { ca: alice.cert } }));
    await expect(suspicious.request(GET)).rejects.toMatchObject({
      code: 'connection',
      message: expect.stringMatching(/self.signed/),
    });
    const careless = transportTo(url, () => ({ headers: {}, tls: { rejectUnauthorized: false } }));
    expect((await careless.request(GET)).status).toBe(200);
  });

  test('a client certificate that rotates is used from the next request on', async () => {
    let pair = alice;
    const transport = transportTo(`https://127.0.0.1:${await start()}`, () => ({
      headers: {},
      tls: { ca: server.cert, ...pair },
    }));
    expect((await transport.request(GET)).body).toBe('alice');
    pair = bob;
    expect((await transport.request(GET)).body).toBe('bob');
  });

  test('HTTP/2 is used where the server offers it: many requests, one connection; a dropped watch ends its stream', async () => {
    const sessions = new Set<unknown>();
    let openStreams = 0;
    const h2 = createSecureServer({ ...server }, (request, response) => {
      sessions.add(request.stream.session);
      openStreams += 1;
      request.stream.on('close', () => {
        openStreams -= 1;
      });
      if (request.url.includes('watch')) response.write('{"half');
      else response.end(request.httpVersion);
    });
    await new Promise<void>((resolve) => {
      h2.listen(0, '127.0.0.1', resolve);
    });
    closing.push(() => new Promise((resolve) => h2.close(resolve)));
    const url = `https://127.0.0.1:${(h2.address() as AddressInfo).port}`;
    const transport = transportTo(url, () => ({ headers: {}, tls: { ca: server.cert } }));
    await transport.request(GET);
    const answers = await Promise.all(Array.from({ length: 50 }, () => transport.request(GET)));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['2.0']));
    expect(sessions.size).toBe(1);
    const stream = await transport.stream({ ...GET, query: { watch: 'true' } });
    const chunks = stream.chunks[Symbol.asyncIterator]();
    expect(Buffer.from((await chunks.next()).value as Uint8Array).toString()).toBe('{"half');
    expect(openStreams).toBe(1);
    await chunks.return?.();
    await vi.waitFor(() => expect(openStreams).toBe(0));
  });

  test('an https server behind a proxy is reached through a tunnel, end to end', async () => {
    const port = await start();
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, client, head) => {
      tunnels.push(String(request.url));
      const upstream = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
      closing.push(async () => client.destroy());
    });
    const proxyUrl = `http://127.0.0.1:${await listening(proxy)}`;
    const credentials = { headers: {}, tls: { ca: server.cert, ...alice, servername: 'kubernetes' } };
    const transport = transportTo(`https://127.0.0.1:${port}`, () => credentials, proxyUrl);
    expect((await transport.request(GET)).body).toBe('alice');
    expect(tunnels).toEqual([`127.0.0.1:${port}`]);
  });
});

test('a base path of the server is kept, and the query is encoded', async () => {
  const port = await listening(createServer((request, response) => response.end(request.url)));
  const transport = transportTo(`http://127.0.0.1:${port}/k8s/clusters/c-1/`, () => ({ headers: {}, tls: {} }));
  expect((await transport.request({ ...GET, query: { labelSelector: 'a in (b, c)' } })).body).toBe(
    '/k8s/clusters/c-1/version?labelSelector=a+in+%28b%2C+c%29',
  );
});
