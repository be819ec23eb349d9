import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PrometheusMetric } from '../../src/api/metric-provider.ts';
import type { Outcome } from '../../src/core/analysis/outcome.ts';
import { createEgressPolicy, IN_CLUSTER_RULES } from '../../src/net/egress-policy.ts';
import { createHttpClient, type HttpClient } from '../../src/net/http-client.ts';
import { createPrometheusProvider } from '../../src/providers/prometheus.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { freePort } from '../../src/sandbox/free-port.ts';

const missing = spawnSync('prometheus', ['--version']).status !== 0;
if (missing) process.stderr.write('skipped: no prometheus on this machine (Debian: apt-get install prometheus)\n');

describe.skipIf(missing)('the prometheus provider and a real Prometheus', () => {
  let directory: string;
  let prometheus: ChildProcess;
  let http: HttpClient;
  let address: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'linnet-prometheus-'));
    const port = await freePort('127.0.0.1');
    address = `http://127.0.0.1:${port}`;
    await writeFile(join(directory, 'prometheus.yml'), 'scrape_configs: []\n');
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    http = createHttpClient({ policy: createEgressPolicy(IN_CLUSTER_RULES), clock: systemClock });
    await vi.waitUntil(async () => (await measure({ query: 'vector(1)' })).kind === 'value', { timeout: 30_000 });
  });
  afterAll(async () => {
    prometheus.kill();
    await once(prometheus, 'exit');
    await http.close();
    await rm(directory, { recursive: true });
  });

  const measure = (config: PrometheusMetric): Promise<Outcome> =>
    createPrometheusProvider({ http, defaultAddress: address }).measure(
      { name: 'm', provider: { prometheus: config } },
      { now: Date.now(), signal: new AbortController().signal, redact: (text) => text },
    );

  it.each<[string, unknown, string]>([
    ['1 / 4', 0.25, '0.25'],
    ['vector(1000000)', [1_000_000], '[1000000]'],
    ['absent_metric', [], '[]'],
    ['0 / 0', Number.NaN, 'NaN'],
    ['vector(0) / 0', [Number.NaN], '[NaN]'],
    ['1 / 0', Infinity, '+Inf'],
    ['vector(-1) / 0', [-Infinity], '[-Inf]'],
  ])('measures %s', async (query, result, value) => {
    expect(await measure({ query })).toEqual({ kind: 'value', result, value });
  });

  it('measures a range', async () => {
    const rangeQuery = { start: 'now() - duration("2m")', end: 'now()', step: '1m' };
    expect(await measure({ query: 'vector(7)', rangeQuery })).toMatchObject({ result: [7, 7, 7], value: '[7,7,7]' });
  });

  it.each([
    ['sum(', 'unclosed left parenthesis'],
    ['label_replace(vector(1), "a b", "", "", "")', 'label'],
    ['"text"', 'yields a string'],
  ])("tells the author's mistake in %s", async (query, message) => {
    const outcome = await measure({ query });
    expect(outcome).toMatchObject({ kind: 'error', message: expect.stringContaining(message) });
    expect(outcome).not.toHaveProperty('blindness');
  });
});
