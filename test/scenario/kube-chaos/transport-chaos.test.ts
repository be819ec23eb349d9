import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isTransient, TransportError } from '../../../src/kube/api-error.ts';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { PoliteTransport } from '../../../src/kube/polite-transport.ts';
import { RequestThrottle } from '../../../src/kube/request-throttle.ts';
import { CONFIG_MAPS } from '../../../src/kube/resources.ts';
import { UndiciTransport, type UndiciTransportOptions } from '../../../src/kube/undici-transport.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { ChaosServer, refuse } from '../../support/chaos-server.ts';

let server: ChaosServer;
let transport: UndiciTransport;

beforeEach(async () => {
  server = await ChaosServer.start();
  transport = wire();
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

function wire(options: Partial<UndiciTransportOptions> = {}): UndiciTransport {
  const credentials = { get: async () => ({ headers: { authorization: 'Bearer very-secret' }, tls: {} }) };
  const connection = { server: server.url, proxyUrl: undefined, credentials };
  return new UndiciTransport({ connection, clock: systemClock, userAgent: 'linnet-test', ...options });
}

const LIST = { method: 'GET', path: '/api/v1/configmaps' } as const;

test('a hundred requests one after the other need no more than two connections', async () => {
  for (let i = 0; i < 100; i += 1) expect((await transport.request(LIST)).status).toBe(200);
  expect(server.connectionsOpened).toBeLessThanOrEqual(2);
});

test('a server that never answers is given up at the deadline, and its connection is closed', async () => {
  server.always(() => true);
  const failure = await transport.request({ ...LIST, timeoutMs: 50 }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'timeout', message: 'GET /api/v1/configmaps: no answer within 50 ms' });
  expect(isTransient(failure)).toBe(true);
  await vi.waitFor(() => expect(server.openConnections.size).toBe(0));
});

test('a body that stops half-way is given up at the deadline', async () => {
  server.once((_, response) => (response.write('{"items":['), true));
  await expect(transport.request({ ...LIST, timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
});

test('an answer beyond the limit is refused before it is read', async () => {
  await transport.close();
  transport = wire({ maxResponseBytes: 100_000 });
  server.once((_, response) => (response.end('x'.repeat(1_000_000)), true));
  await expect(transport.request(LIST)).rejects.toMatchObject({ code: 'too-large', retryable: false });
  expect((await transport.request(LIST)).status).toBe(200);
});

test('a caller that gives up is told so', async () => {
  server.always(() => true);
  const caller = new AbortController();
  const pending = transport.request({ ...LIST, signal: caller.signal });
  await vi.waitFor(() => expect(server.served.list).toBe(1));
  caller.abort(new Error('enough'));
  await expect(pending).rejects.toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
});

test('no error tells a credential', async () => {
  const url = server.url;
  await server.close();
  const failure = await transport.request(LIST).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TransportError);
  expect((failure as Error).message).toMatch(/^GET \/api\/v1\/configmaps: .*ECONNREFUSED/);
  expect(JSON.stringify(failure) + String((failure as Error).stack)).not.toContain('very-secret');
  server = await ChaosServer.start();
  expect(server.url).not.toBe(url);
});

test('a stream that falls silent breaks by itself', async () => {
  await transport.close();
  transport = wire({ streamIdleMs: 100 });
  const stream = await transport.stream({ ...LIST, query: { watch: 'true', resourceVersion: '1' } });
  await expect(stream.chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'timeout' });
  await vi.waitFor(() => expect(server.openConnections.size).toBe(0));
});

test('a stream that nobody reads can be dropped, and its connection is closed', async () => {
  const stream = await transport.stream({ ...LIST, query: { watch: 'true', resourceVersion: '1' } });
  await stream.chunks[Symbol.asyncIterator]().return?.();
  await vi.waitFor(() => expect(server.openConnections.size).toBe(0));
});

test('a stream that is refused for now is asked for again', async () => {
  const polite = new PoliteTransport(transport, {
    clock: systemClock,
    random: () => 0,
    throttle: new RequestThrottle(systemClock),
  });
  const refused = { 'retry-after': '0' };
  server.once((_, response) => (refuse(response, 429, 'TooManyRequests', refused), true));
  server.once((_, response) => (refuse(response, 503, 'ServiceUnavailable', refused), true));
  const stream = await polite.stream({ ...LIST, query: { watch: 'true', resourceVersion: '1' } });
  expect(stream.status).toBe(200);
  await stream.chunks[Symbol.asyncIterator]().return?.();
  await vi.waitFor(() => expect(server.openConnections.size).toBe(0));
});

test('thirty refusals at once hold up neither the lease nor each other for ever', async () => {
  const polite = new PoliteTransport(transport, {
    clock: systemClock,
    random: () => 0,
    throttle: new RequestThrottle(systemClock, { qps: 1000, burst: 1000 }),
  });
  const end = server.always((_, response, request) => {
    if (request.headers['x-lease'] !== undefined) return false;
    refuse(response, 429, 'TooManyRequests', { 'retry-after': '1' });
    return true;
  });
  const crowd = Promise.all(Array.from({ length: 30 }, () => polite.request(LIST)));
  await vi.waitFor(() => expect(server.served.list).toBe(30));
  const since = performance.now();
  const lease = await polite.request({ ...LIST, priority: 'lease', headers: { 'x-lease': 'yes' } });
  expect(lease.status).toBe(200);
  expect(performance.now() - since).toBeLessThan(500);
  end();
  expect((await crowd).map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
});

test('a refusal that cannot be waited out within the deadline is the answer', async () => {
  const polite = new PoliteTransport(transport, {
    clock: systemClock,
    random: () => 0,
    throttle: new RequestThrottle(systemClock),
  });
  server.always((_, response) => (refuse(response, 429, 'TooManyRequests', { 'retry-after': '60' }), true));
  await expect(createKubeClient(polite).list(CONFIG_MAPS, undefined, { timeoutMs: 500 })).rejects.toMatchObject({
    status: 429,
    reason: 'TooManyRequests',
    retryAfterMs: 60_000,
    retryable: true,
  });
});
