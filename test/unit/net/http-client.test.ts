import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Resolve } from '../../../src/net/egress-guard.ts';
import { createEgressPolicy, IN_CLUSTER_RULES } from '../../../src/net/egress-policy.ts';
import { createHttpClient, type HttpClient } from '../../../src/net/http-client.ts';
import { HttpError } from '../../../src/net/http-error.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { type Loopback, listen, loopback } from '../../contract/loopback.ts';
import { selfSigned } from '../../contract/self-signed.ts';

const policy = createEgressPolicy(IN_CLUSTER_RULES);

async function failure(promise: Promise<unknown>): Promise<HttpError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof HttpError) return error;
    throw error;
  }
  throw new Error('the exchange succeeded');
}

describe('an exchange', () => {
  let client: HttpClient;
  let server: Loopback;
  const get = (path: string, extra: object = {}) =>
    client.request({ method: 'GET', url: `${server.url}${path}`, timeoutMs: 5_000, ...extra });

  beforeAll(async () => {
    client = createHttpClient({ policy, clock: systemClock });
    server = await loopback((request, response, body) => {
      switch (request.url) {
        case '/echo?a=1':
          return response.end(JSON.stringify({ method: request.method, body, header: request.headers['x-test'] }));
        case '/gzip':
          return response.setHeader('content-encoding', 'gzip').end(gzipSync('packed'));
        case '/bomb':
          return response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(3_000_000)));
        case '/not-gzip':
          return response.setHeader('content-encoding', 'gzip').end('plain');
        case '/zstd':
          return response.setHeader('content-encoding', 'zstd').end('plain');
        case '/endless': {
          const pump = (): void => {
            while (!response.destroyed && response.write('x'.repeat(65_536)));
          };
          response.on('drain', pump);
          return pump();
        }
        case '/loris':
          return response.write('one byte, and then silence');
        case '/redirect':
          return response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
        case '/reset':
          return request.socket.resetAndDestroy();
        default:
          return undefined;
      }
    });
  });
  afterAll(async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  });

  it('carries method, path, query, headers and body', async () => {
    const response = await get('/echo?a=1', { method: 'POST', headers: { 'x-test': 'yes' }, body: 'hello' });
    expect(response.status).toBe(200);
    expect(JSON.parse(response.body)).toEqual({ method: 'POST', body: 'hello', header: 'yes' });
  });

  it('decompresses', async () => {
    expect((await get('/gzip')).body).toBe('packed');
  });

  it('counts the decompressed size against the limit', async () => {
    const error = await failure(get('/bomb'));
    expect(error.code).toBe('too-large');
    expect(error.message).toContain('1048576 bytes');
  });

  it('cuts an endless body', async () => {
    expect((await failure(get('/endless'))).code).toBe('too-large');
  });

  it.each(['/not-gzip', '/zstd'])('refuses the encoding of %s', async (path) => {
    expect((await failure(get(path))).code).toBe('encoding');
  });

  it('has one deadline for the whole exchange', async () => {
    const error = await failure(get('/loris', { timeoutMs: 50 }));
    expect(error.code).toBe('timeout');
    expect(error.retryable).toBe(true);
    expect(error.message).toBe(`no complete answer from 127.0.0.1:${server.port} within 50 ms`);
  });

  it('stops when the caller aborts', async () => {
    const controller = new AbortController();
    const arrived = server.nextRequest();
    const pending = failure(get('/silent', { signal: controller.signal }));
    await arrived;
    controller.abort();
    expect((await pending).code).toBe('aborted');
  });

  it('hands a redirect to the caller instead of following it', async () => {
    const response = await get('/redirect');
    expect(response.status).toBe(302);
    expect(response.headers['location']).toBe('http://169.254.169.254/');
  });

  it('reports a reset connection', async () => {
    const error = await failure(get('/reset'));
    expect(error.code).toBe('connection');
    expect(error.retryable).toBe(true);
  });

  it('reports a refused connection', async () => {
    const probe = createTcpServer();
    const port = await listen(probe);
    await new Promise((resolve) => {
      probe.close(resolve);
    });
    const error = await failure(client.request({ method: 'GET', url: `http://127.0.0.1:${port}/`, timeoutMs: 5_000 }));
    expect(error.code).toBe('connection');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it.each(['', 'prometheus:9090', '/relative', 'file:///etc/passwd', 'ftp://host/'])(
    'refuses the URL %j',
    async (url) => {
      expect((await failure(client.request({ method: 'GET', url, timeoutMs: 1_000 }))).code).toBe('bad-request');
    },
  );

  it('refuses a malformed header without quoting it', async () => {
    const error = await failure(get('/gzip', { headers: { authorization: 'Bearer hunter2\r\nx: y' } }));
    expect(error.code).toBe('bad-request');
    expect(error.message).not.toContain('hunter2');
    expect(error.cause).toBeUndefined();
  });

  it('never quotes user information or the query of a URL', async () => {
    const url = `http://user:hunter2@127.0.0.1:${server.port}/silent?token=hunter3`;
    const error = await failure(client.request({ method: 'GET', url, timeoutMs: 50 }));
    expect(error.message).not.toContain('hunter');
  });
});

describe('TLS', () => {
  it('refuses a certificate that nobody vouches for, unless told to accept any', async () => {
    const server = createTlsServer(selfSigned(), (_request, response) => response.end('over TLS'));
    const url = `https://127.0.0.1:${await listen(server)}/`;
    const client = createHttpClient({ policy, clock: systemClock });
    const get = (insecure: boolean) => client.request({ method: 'GET', url, timeoutMs: 5_000, insecure });
    const error = await failure(get(false));
    expect(error.code).toBe('tls');
    expect(error.retryable).toBe(false);
    expect((await get(true)).body).toBe('over TLS');
    expect((await failure(get(false))).code).toBe('tls');
    await client.close();
    server.close();
  });
});

describe('the egress guard', () => {
  const resolveTo =
    (...addresses: string[]): Resolve =>
    (_hostname, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );

  async function refusalOf(url: string, resolve?: Resolve): Promise<HttpError> {
    const client = createHttpClient({ policy, clock: systemClock, ...(resolve === undefined ? {} : { resolve }) });
    const error = await failure(client.request({ method: 'GET', url, timeoutMs: 5_000 }));
    await client.close();
    return error;
  }

  it.each([
    'http://169.254.169.254/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0xa9.0xfe.0xa9.0xfe/',
    'http://0251.0376.0251.0376/',
    'http://0251.254.169.254/',
    'http://169.254.43518/',
    'http://169.16689662/',
    'http://169.254.169.254./',
    'http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/',
    'http://169%2e254%2e169%2e254/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[2002:a9fe:a9fe::]/',
    'http://[::169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://prometheus@169.254.169.254/',
    'http://prometheus:9090@169.254.169.254/',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http:\\\\169.254.169.254\\',
    'http:169.254.169.254',
    'https://169.254.169.254/',
    '\thttp://169.254.169.254/',
  ])('refuses %j', async (url) => {
    const error = await refusalOf(url);
    expect(error.code).toBe('denied');
    expect(error.retryable).toBe(false);
  });

  it.each([[['169.254.169.254']], [['::ffff:169.254.169.254']], [['127.0.0.1', '169.254.169.254']], [['fe80::1']]])(
    'refuses a name that resolves to %j',
    async (addresses) => {
      expect((await refusalOf('http://innocent.example/', resolveTo(...addresses))).code).toBe('denied');
    },
  );

  it('lets a name through that resolves to an allowed address', async () => {
    await using server = await loopback((_request, response) => response.end('here'));
    const client = createHttpClient({ policy, clock: systemClock, resolve: resolveTo('127.0.0.1') });
    const response = await client.request({
      method: 'GET',
      url: `http://prometheus.monitoring:${server.port}/`,
      timeoutMs: 5_000,
    });
    expect(response.body).toBe('here');
    await client.close();
  });

  it('checks each new connection, so that rebinding a name gains nothing', async () => {
    let calls = 0;
    const rebinding: Resolve = (_hostname, _options, callback) => {
      calls += 1;
      callback(null, [{ address: calls === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]);
    };
    await using server = await loopback((_request, response) => response.setHeader('connection', 'close').end('first'));
    const client = createHttpClient({ policy, clock: systemClock, resolve: rebinding });
    const ask = () =>
      client.request({ method: 'GET', url: `http://rebinding.example:${server.port}/`, timeoutMs: 5_000 });
    expect((await ask()).body).toBe('first');
    expect((await failure(ask())).code).toBe('denied');
    await client.close();
  });

  it('reports a name that nobody knows', async () => {
    const unknown: Resolve = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }), []);
    const client = createHttpClient({ policy, clock: systemClock, resolve: unknown });
    const error = await failure(client.request({ method: 'GET', url: 'http://nowhere.example/', timeoutMs: 5_000 }));
    expect(error.code).toBe('dns');
    expect(error.message).toContain('nowhere.example');
    await client.close();
  });
});
