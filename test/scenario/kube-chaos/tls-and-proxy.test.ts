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
import { startCuttableProxy } from '../../support/cuttable-proxy.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const GET = { method: 'GET', path: '/version' } as const;
const WATCH = { ...GET, query: { watch: 'true' } } as const;
/** As many as a controller has. */
const WATCHES = 12;
/** Whoever was cut off hears of it in a few milliseconds. */
const FORGOTTEN_MS = 5_000;

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

  /** Offers HTTP/2; counts the answers that it is still giving. */
  const startModern = async () => {
    const open = new Set<unknown>();
    const modern = createSecureServer({ ...server, allowHTTP1: true }, (request, response) => {
      open.add(response);
      response.on('close', () => open.delete(response));
      if (request.url.includes('watch')) response.write('{"half');
      else response.end(request.httpVersion);
    });
    // Clients that are cut off in the middle of a handshake.
    modern.on('tlsClientError', () => {});
    modern.on('sessionError', () => {});
    await new Promise<void>((resolve) => {
      modern.listen(0, '127.0.0.1', resolve);
    });
    closing.push(() => new Promise((resolve) => modern.close(resolve)));
    return { open, url: new URL(`https://127.0.0.1:${(modern.address() as AddressInfo).port}`) };
  };

  test('a server that offers HTTP/2 is spoken to in HTTP/1.1, and a watch that is dropped ends there, too', async () => {
    const { open, url } = await startModern();
    const transport = transportTo(url.origin, () => ({ headers: {}, tls: { ca: server.cert } }));
    expect((await transport.request(GET)).body).toBe('1.1');
    const stream = await transport.stream(WATCH);
    const chunks = stream.chunks[Symbol.asyncIterator]();
    expect(Buffer.from((await chunks.next()).value as Uint8Array).toString()).toBe('{"half');
    expect(open.size).toBe(1);
    await chunks.return?.();
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('no watch is forgotten when its connection is cut as soon as it is made', async () => {
    const { url } = await startModern();
    const proxy = await startCuttableProxy(url);
    closing.push(async () => proxy.close());
    const transport = transportTo(`https://127.0.0.1:${proxy.port}`, () => ({ headers: {}, tls: { ca: server.cert } }));
    /** How watches, which wait for their headers only and without an end of their own, were answered by now. */
    const ask = () => {
      const ends: (string | number)[] = [];
      for (let watch = 0; watch < WATCHES; watch += 1) {
        void transport.stream({ ...WATCH, timeoutMs: 60_000 }).then(
          ({ status }) => ends.push(status),
          ({ code }) => ends.push(code),
        );
      }
      return ends;
    };
    const all = (end: string | number) => Array.from({ length: WATCHES }, () => end);
    proxy.cutHandshakes(true);
    for (let round = 1; round <= 5; round += 1) {
      const cut = ask();
      await vi.waitFor(() => expect(cut).toEqual(all('connection')), FORGOTTEN_MS);
    }
    proxy.cutHandshakes(false);
    const answered = ask();
    await vi.waitFor(() => expect(answered).toEqual(all(200)), FORGOTTEN_MS);
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
