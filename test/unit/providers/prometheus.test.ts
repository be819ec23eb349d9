import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PrometheusMetric } from '../../../src/api/metric-provider.ts';
import type { Outcome } from '../../../src/core/analysis/outcome.ts';
import { createEgressPolicy, IN_CLUSTER_RULES } from '../../../src/net/egress-policy.ts';
import { createHttpClient, type HttpClient } from '../../../src/net/http-client.ts';
import { createPrometheusProvider } from '../../../src/providers/prometheus.ts';
import { createProviders, providerFor } from '../../../src/providers/registry.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { type Loopback, loopback } from '../../contract/loopback.ts';

const NOW = 1_700_000_000_123;

describe('the prometheus provider', () => {
  let server: Loopback;
  let http: HttpClient;
  let reply: { status: number; body: unknown };
  let bodies: string[] = [];
  let noPost = false;

  beforeAll(async () => {
    server = await loopback((request, response, body) => {
      bodies.push(body);
      if (noPost && request.method === 'POST') return response.writeHead(405).end('only GET here');
      return response.writeHead(reply.status).end(JSON.stringify(reply.body));
    });
    http = createHttpClient({ policy: createEgressPolicy(IN_CLUSTER_RULES), clock: systemClock });
  });
  afterAll(async () => {
    await http.close();
    await server[Symbol.asyncDispose]();
  });

  const measure = (config: PrometheusMetric = {}, defaultAddress?: string): Promise<Outcome> => {
    bodies = [];
    return createPrometheusProvider({ http, defaultAddress }).measure(
      { name: 'm', provider: { prometheus: { address: server.url, query: 'up', ...config } } },
      { now: NOW, signal: new AbortController().signal, redact: (text) => text },
    );
  };
  const data = (resultType: string, result: unknown, extra: object = {}) => {
    reply = { status: 200, body: { status: 'success', data: { resultType, result }, ...extra } };
  };
  const last = () => {
    const request = server.requests.at(-1);
    if (request === undefined) throw new Error('no request came');
    return request;
  };

  it('gives a scalar as a number', async () => {
    data('scalar', [1, '0.25']);
    expect(await measure()).toEqual({ kind: 'value', result: 0.25, value: '0.25' });
  });

  it('gives a vector as a list, in the notation of Prometheus', async () => {
    const values = ['1', '1e+06', '+Inf', '-Inf', '0.000001'];
    data(
      'vector',
      values.map((value) => ({ metric: {}, value: [1, value] })),
    );
    expect(await measure()).toEqual({
      kind: 'value',
      result: [1, 1e6, Infinity, -Infinity, 1e-6],
      value: '[1,1e+06,+Inf,-Inf,0.000001]',
    });
  });

  it('gives NaN as NaN', async () => {
    data('vector', [{ metric: {}, value: [1, 'NaN'] }]);
    expect(await measure()).toEqual({ kind: 'value', result: [Number.NaN], value: '[NaN]' });
  });

  it('asks for a range and gives its points one series after the other', async () => {
    data('matrix', [
      {
        metric: { a: '1' },
        values: [
          [1, '1'],
          [2, '2'],
        ],
      },
      { metric: { a: '2' }, values: [[1, '3']] },
    ]);
    const rangeQuery = { start: 'now() - duration("1h")', end: 'now()', step: '1m' };
    expect(await measure({ rangeQuery })).toEqual({ kind: 'value', result: [1, 2, 3], value: '[1,2,3]' });
    expect(last().url).toBe('/api/v1/query_range');
    expect(Object.fromEntries(new URLSearchParams(bodies[0]))).toMatchObject({
      query: 'up',
      start: String(NOW / 1000 - 3600),
      end: String(NOW / 1000),
      step: '1m',
    });
  });

  it.each([
    [{ start: 'now()', end: 'now()' }, 'rangeQuery.step is empty'],
    [{ end: 'now()', step: '1m' }, 'rangeQuery.start is empty'],
    [{ start: 'yesterday', end: 'now()', step: '1m' }, 'rangeQuery.start "yesterday": unknown name yesterday (1:1)'],
    [{ start: 'now()', end: '1 + 1', step: '1m' }, 'rangeQuery.end "1 + 1" is not a time'],
  ])('refuses the range %j', async (rangeQuery, message) => {
    const outcome = await measure({ rangeQuery });
    expect(outcome).toMatchObject({ kind: 'error', message: expect.stringContaining(message) });
    expect(outcome).not.toHaveProperty('blindness');
  });

  it.each([
    ['vector', [{ metric: {}, histogram: [1, { count: '3', sum: '2' }] }], 'native histograms'],
    ['matrix', [{ metric: {}, histograms: [[1, {}]] }], 'native histograms'],
    ['string', [1, 'text'], 'yields a string'],
    ['vector', [{ metric: {}, value: [1, 'one'] }], '"one" in the answer is not a number'],
    ['hologram', [], 'not one of the Prometheus API'],
  ])('refuses a %s of %j', async (resultType, result, message) => {
    data(resultType, result);
    expect(await measure()).toMatchObject({ kind: 'error', message: expect.stringContaining(message) });
  });

  it('keeps warnings', async () => {
    data('vector', [], { warnings: ['partial response'], infos: ['metric might not be a counter'] });
    expect(await measure()).toMatchObject({
      metadata: { warnings: '["partial response","metric might not be a counter"]' },
    });
  });

  it('sends query, time, headers and basic authentication below the path of the address', async () => {
    data('vector', []);
    await measure({
      address: `${server.url}/prometheus/`,
      query: 'sum(rate(x{a="ä"}[1m]))',
      timeout: 7,
      headers: [{ key: 'X-Scope-OrgID', value: 'team' }],
      authentication: { basicAuth: { username: 'u', password: 'p' } },
    });
    expect(last().method).toBe('POST');
    expect(last().url).toBe('/prometheus/api/v1/query');
    expect(last().headers).toMatchObject({
      'x-scope-orgid': 'team',
      authorization: 'Basic dTpw',
      'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
    });
    expect(Object.fromEntries(new URLSearchParams(bodies[0]))).toEqual({
      query: 'sum(rate(x{a="ä"}[1m]))',
      time: '1700000000.123',
      timeout: '7s',
    });
  });

  it('asks by GET where POST is not allowed', async () => {
    data('scalar', [1, '1']);
    noPost = true;
    try {
      expect(await measure({ query: 'a & b' })).toMatchObject({ kind: 'value' });
    } finally {
      noPost = false;
    }
    expect(last().method).toBe('GET');
    expect(new URL(last().url ?? '', server.url).searchParams.get('query')).toBe('a & b');
  });

  it('takes the address of the controller when the metric has none', async () => {
    data('scalar', [1, '1']);
    expect(await measure({ address: '' }, server.url)).toMatchObject({ kind: 'value' });
    expect(await measure({ address: '' })).toEqual({
      kind: 'error',
      message:
        'prometheus address is not configured: set provider.prometheus.address of the metric, or ARGO_ROLLOUTS_PROMETHEUS_ADDRESS of the controller',
    });
  });

  it.each([
    ['prometheus:9090', 'not an absolute http or https URL'],
    ['http://169.254.169.254', 'denied by the controller'],
  ])('refuses the address %s', async (address, message) => {
    expect(await measure({ address })).toEqual({ kind: 'error', message: expect.stringContaining(message) });
  });

  it.each(['sigv4', 'oauth2'])('says that authentication.%s is not supported', async (scheme) => {
    const outcome = await measure({ authentication: { [scheme]: { region: 'eu', tokenUrl: 'http://x' } } });
    expect(outcome).toMatchObject({ kind: 'error', message: expect.stringContaining(`authentication.${scheme}`) });
  });

  it.each([
    [400, 'bad_data', undefined],
    [422, 'execution', undefined],
    [503, 'timeout', 'unreachable'],
    [500, 'internal', 'unreachable'],
  ])('HTTP %d %s', async (status, errorType, blindness) => {
    reply = { status, body: { status: 'error', errorType, error: 'because' } };
    expect(await measure()).toEqual({
      kind: 'error',
      message: `prometheus: answered HTTP ${status}: ${errorType}: because`,
      ...(blindness === undefined ? {} : { blindness }),
    });
  });

  it.each([
    ['Authorization', 'Bearer abc.def.ghi'],
    ['X-Api-Key', 'abc.def.ghi'],
  ])('never shows the credential of the header %s', async (key, value) => {
    reply = { status: 500, body: `you sent abc.def.ghi` };
    const outcome = await measure({ headers: [{ key, value }] });
    expect(outcome).toMatchObject({ kind: 'error', message: expect.stringContaining('you sent *****') });
  });

  it('never shows basic authentication, however it is written', async () => {
    const encoded = Buffer.from('user:pass word').toString('base64');
    reply = { status: 500, body: `Basic ${encoded} is pass word` };
    const outcome = await measure({ authentication: { basicAuth: { username: 'user', password: 'pass word' } } });
    expect(outcome).toMatchObject({ kind: 'error', message: expect.stringContaining('"Basic ***** is *****') });
  });

  it('sends and hides the user information of the address', async () => {
    reply = { status: 500, body: 'pass@word' };
    const address = server.url.replace('http://', 'http://user:pass%40word@');
    const outcome = await measure({ address });
    expect(last().headers.authorization).toBe(`Basic ${Buffer.from('user:pass@word').toString('base64')}`);
    expect(outcome).toMatchObject({ message: expect.stringContaining('*****') });
    expect(JSON.stringify(outcome)).not.toContain('pass');
    await measure({ address, authentication: { basicAuth: { username: 'u', password: 'p' } } });
    expect(last().headers.authorization).toBe('Basic dTpw');
  });

  it('describes how it measured', () => {
    const provider = createPrometheusProvider({ http });
    expect(provider.describe({ name: 'm', provider: { prometheus: { query: 'up' } } })).toEqual({
      ResolvedPrometheusQuery: 'up',
    });
  });

  it('is found by the field that configures it', () => {
    const registry = createProviders({ http });
    expect(providerFor(registry, { prometheus: {} })?.name).toBe('prometheus');
    expect(providerFor(registry, { graphite: {} })).toBeUndefined();
  });
});
