import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConfigMap } from '../../../src/api/core-types.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { PoliteTransport } from '../../../src/kube/polite-transport.ts';
import { RequestThrottle } from '../../../src/kube/request-throttle.ts';
import { CONFIG_MAPS } from '../../../src/kube/resources.ts';
import { UndiciTransport } from '../../../src/kube/undici-transport.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';
import { ChaosServer, refuse } from '../../support/chaos-server.ts';

/** Fast enough for a test, in the proportions of the defaults. */
const TIMING = {
  stallMs: 250,
  shortWatchMs: 20,
  backoffBaseMs: 5,
  backoffMaxMs: 40,
  unansweredMaxMs: 40,
  backoffResetMs: 1000,
};

let server: ChaosServer;
let transport: PoliteTransport;
let informer: Informer<ConfigMap>;
let metrics: MetricsRegistry;
let stop: AbortController;
let running: Promise<void>;
let tokens: string[];
/** What handlers heard, by name. */
let heard: Map<string, string[]>;

beforeEach(async () => {
  server = await ChaosServer.start();
  for (const name of ['a', 'b', 'c']) server.put(name);
  tokens = [];
  heard = new Map();
});

afterEach(async () => {
  stop.abort();
  await running;
  await transport.close();
  await server.close();
});

function start(timing: Partial<typeof TIMING> & { relistMs?: number } = {}): void {
  const wire = new UndiciTransport({
    connection: {
      server: server.url,
      proxyUrl: undefined,
      credentials: {
        get: async ({ fresh = false } = {}) => {
          if (fresh || tokens.length === 0) tokens.push(`token-${tokens.length + 1}`);
          return { headers: { authorization: `Bearer ${tokens.at(-1)}` }, tls: {} };
        },
      },
    },
    clock: systemClock,
    userAgent: 'linnet-test',
  });
  const throttle = new RequestThrottle(systemClock, { qps: 1000, burst: 1000 });
  transport = new PoliteTransport(wire, { clock: systemClock, random: Math.random, throttle });
  metrics = new MetricsRegistry();
  informer = new Informer<ConfigMap>({
    resource: CONFIG_MAPS,
    transport,
    clock: systemClock,
    random: Math.random,
    metrics,
    timing: { ...TIMING, ...timing },
  });
  const hear = (name: string, what: string): void => void heard.set(name, [...(heard.get(name) ?? []), what]);
  informer.onChange({
    added: ({ metadata }) => hear(metadata.name!, `+${metadata.uid}`),
    updated: ({ metadata }) => hear(metadata.name!, `~${metadata.resourceVersion}`),
    deleted: ({ metadata }) => hear(metadata.name!, `-${metadata.uid}`),
  });
  stop = new AbortController();
  running = informer.run(stop.signal);
}

const versions = (objects: Iterable<{ metadata: { name?: string; resourceVersion?: string } }>) =>
  Object.fromEntries([...objects].map(({ metadata }) => [metadata.name, metadata.resourceVersion]));

/** The cache equals the server, and a new event still arrives: the watch lives. */
async function expectConvergence(): Promise<void> {
  server.put('probe', { at: String(Math.random()) });
  await vi.waitFor(() => expect(versions(informer.store.list())).toEqual(versions(server.objects.values())), {
    timeout: 5000,
    interval: 5,
  });
}

async function watching(): Promise<void> {
  await informer.synced;
  await vi.waitFor(() => expect(server.watchers.size).toBe(1), { timeout: 3000, interval: 5 });
}

/** What happens in the cluster while the fault is there: one object of each fate. */
function changeEverything(): void {
  server.put('a', { changed: 'yes' });
  server.remove('b');
  server.put('d');
}

const counter = (name: string): number =>
  metrics
    .expose()
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

describe('while starting', () => {
  test.each<[string, () => void]>([
    [
      '500 on the list',
      () => server.once((kind, response) => kind === 'list' && (refuse(response, 500, 'InternalError'), true)),
    ],
    [
      'a reset instead of the list',
      () => server.once((kind, response) => kind === 'list' && (response.socket!.resetAndDestroy(), true)),
    ],
    [
      'half of the list',
      () =>
        server.once(
          (kind, response) =>
            kind === 'list' && (response.write('{"items":['), setImmediate(() => response.destroy()), true),
        ),
    ],
    [
      'a login page instead of the list',
      () => server.once((kind, response) => kind === 'list' && (response.end('<html>please log in</html>'), true)),
    ],
    [
      '403 on the list',
      () => server.once((kind, response) => kind === 'list' && (refuse(response, 403, 'Forbidden'), true)),
    ],
    [
      '404 on the watch',
      () => server.once((kind, response) => kind === 'watch' && (refuse(response, 404, 'NotFound'), true)),
    ],
    [
      '500 on the watch',
      () => server.once((kind, response) => kind === 'watch' && (refuse(response, 500, 'InternalError'), true)),
    ],
    [
      'slow headers',
      () =>
        server.once(
          (kind, response) =>
            kind === 'watch' && (setTimeout(() => refuse(response, 503, 'ServiceUnavailable'), 100), true),
        ),
    ],
  ])('%s: starts all the same', async (_, fault) => {
    fault();
    start();
    await watching();
    changeEverything();
    await expectConvergence();
    expect(counter('kube_informer_failures_total')).toBeGreaterThan(0);
    expect(heard.get('c')).toEqual(['+uid-3']);
  });

  test('429 with Retry-After: waits as long as it says, and asks no sooner', async () => {
    let refusedAt = 0;
    let askedAgainAfter = 0;
    server.once((kind, response) => {
      refusedAt = performance.now();
      return kind === 'list' && (refuse(response, 429, 'TooManyRequests', { 'retry-after': '1' }), true);
    });
    server.once((kind) => {
      if (kind === 'list' && refusedAt > 0) askedAgainAfter ||= performance.now() - refusedAt;
      return false;
    });
    start();
    await watching();
    expect(askedAgainAfter).toBeGreaterThanOrEqual(995);
    await expectConvergence();
    expect(server.served.list).toBe(2);
  });

  test('401: fetches new credentials at once, and once', async () => {
    server.once((_, response) => (refuse(response, 401, 'Unauthorized'), true));
    start();
    await watching();
    expect(tokens).toEqual(['token-1', 'token-2']);
    await expectConvergence();
    expect(tokens).toHaveLength(2);
  });

  test('a list of several pages whose snapshot expires half-way is begun again', async () => {
    for (let i = 0; i < 1200; i += 1) server.put(`many-${i}`);
    server.once(
      (kind, response, request) =>
        kind === 'list' && request.url!.includes('continue=') && (refuse(response, 410, 'Expired'), true),
    );
    start();
    await watching();
    expect(server.served.list).toBe(2 + 3);
    expect(informer.store.size).toBe(1203);
    await expectConvergence();
  });
});

describe('while watching', () => {
  test.each<[string, () => void]>([
    ['the server ends the watch', () => server.endWatches()],
    ['a TCP reset', () => server.resetWatches()],
    [
      'half a line, then a reset',
      () => {
        server.toWatchers('{"type":"ADDED","object":{"metadata":{"name":"gho');
        setTimeout(() => server.resetWatches(), 10);
      },
    ],
    [
      'half a line, then an orderly end',
      () => {
        server.toWatchers('{"type":"ADDED","object":{"metadata":{"name":"gho');
        server.endWatches();
      },
    ],
    [
      'an error in the stream',
      () => server.toWatchers('{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd"}}\n'),
    ],
    [
      '410, then 500 for a while',
      () => {
        server.once((_, response) => (refuse(response, 410, 'Expired'), true));
        server.once((_, response) => (refuse(response, 500, 'InternalError'), true));
        server.once((_, response) => (response.socket!.resetAndDestroy(), true));
        server.endWatches();
      },
    ],
  ])('%s: goes on, and no change is lost or told twice', async (_, fault) => {
    start();
    await watching();
    fault();
    changeEverything();
    await expectConvergence();
    expect(heard.get('a')).toEqual(['+uid-1', `~${server.objects.get('a')!.metadata.resourceVersion}`]);
    expect(heard.get('b')).toEqual(['+uid-2', '-uid-2']);
    expect(heard.get('c')).toEqual(['+uid-3']);
    expect(heard.get('d')).toEqual(['+uid-4']);
    expect(heard.has('gho')).toBe(false);
  });

  test.each<[string, (line: string) => string]>([
    ['garbage', () => 'not json at all\n'],
    ['an unknown type', () => '{"type":"SURPRISE","object":{}}\n'],
    ['an event without an object', () => '{"type":"ADDED"}\n'],
    ['410 in the stream', () => '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'],
  ])('%s: takes a new list', async (_, line) => {
    start();
    await watching();
    server.toWatchers(line(''));
    changeEverything();
    await expectConvergence();
    expect(server.served.list).toBe(2);
    expect(heard.get('b')).toEqual(['+uid-2', '-uid-2']);
    expect(heard.get('c')).toEqual(['+uid-3']);
  });

  test('an orderly end and a reset are resumed without a new list', async () => {
    start();
    await watching();
    server.endWatches();
    await expectConvergence();
    await watching();
    server.resetWatches();
    await expectConvergence();
    expect(server.served.list).toBe(1);
  });

  test('HTTP 410 after a compaction: deletions in the gap are noticed, and nothing is added twice', async () => {
    start();
    await watching();
    const end = server.always((kind, response) => kind === 'watch' && (response.socket!.resetAndDestroy(), true));
    server.resetWatches();
    changeEverything();
    server.compact();
    end();
    await expectConvergence();
    expect(server.served.list).toBe(2);
    expect(heard.get('b')).toEqual(['+uid-2', '-uid-2']);
    expect(heard.get('c')).toEqual(['+uid-3']);
  });

  test('a line of 10 MB is an event like any other', async () => {
    start();
    await watching();
    server.put('huge', { blob: 'x'.repeat(10 * 1024 * 1024) });
    await expectConvergence();
    expect(informer.store.get('default/huge')?.data?.['blob']).toHaveLength(10 * 1024 * 1024);
    expect(server.served).toMatchObject({ list: 1, watch: 1 });
  });

  test('a connection that is open but silent is replaced within the bound', async () => {
    start();
    await watching();
    server.mangle = () => [];
    server.watchers.clear();
    changeEverything();
    const since = performance.now();
    server.mangle = (line) => [line];
    await expectConvergence();
    expect(performance.now() - since).toBeLessThan(TIMING.stallMs * 4);
    expect(metrics.expose()).toContain('kube_informer_failures_total{resource="configmaps.v1",reason="stall"} 1');
    await vi.waitFor(() => expect(server.openConnections.size).toBeLessThanOrEqual(2), { interval: 5 });
    expect(server.served.list).toBe(1);
  });

  test('a thousand replayed events tell nobody anything', async () => {
    start();
    await watching();
    const past: string[] = [];
    server.mangle = (line) => (past.push(line), [line, line]);
    changeEverything();
    await expectConvergence();
    const before = structuredClone(heard);
    for (let i = 0; i < 250; i += 1) server.toWatchers(`${past.slice(0, 4).join('\n')}\n`);
    server.mangle = (line) => [line];
    await expectConvergence();
    heard.delete('probe');
    before.delete('probe');
    expect(heard).toEqual(before);
  });

  test('events that the server lost are found by a list and counted', async () => {
    start({ relistMs: 100 });
    await watching();
    server.mangle = () => [];
    changeEverything();
    server.mangle = (line) => [line];
    // A later event moves the position past the lost ones, so that no resumption brings them.
    server.put('later');
    await vi.waitFor(() => expect(informer.store.get('default/later')).toBeDefined());
    expect(informer.store.get('default/b')).toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.endWatches();
    await expectConvergence();
    expect(counter('kube_informer_missed_changes_total')).toBe(3);
    expect(heard.get('b')).toEqual(['+uid-2', '-uid-2']);
  });

  test('F105 event handler throws: it harms neither the others nor the watch', async () => {
    start();
    await watching();
    informer.onChange({
      added: () => {
        throw new Error('handler');
      },
      updated: () => {
        throw new Error('handler');
      },
    });
    changeEverything();
    await expectConvergence();
    expect(heard.get('d')).toEqual(['+uid-4']);
    expect(counter('kube_informer_handler_errors_total')).toBeGreaterThanOrEqual(5);
  });
});

test('fifty interruptions leave one watch connection and at most one for lists', async () => {
  start();
  await watching();
  for (let i = 0; i < 50; i += 1) {
    const faults = [
      () => server.endWatches(),
      () => server.resetWatches(),
      () => server.toWatchers('garbage\n'),
      () => server.toWatchers('{"type":"ERROR","object":{"code":410}}\n'),
      () => (
        server.once((kind, response) => kind === 'watch' && (refuse(response, 500, 'InternalError'), true)),
        server.endWatches()
      ),
    ];
    faults[i % faults.length]!();
    server.put(`change-${i}`);
    await expectConvergence();
    await watching();
  }
  // Both at once: on a machine that is held up for a moment, the watch looks dead and is replaced once more.
  await vi.waitFor(
    () => {
      expect(server.openConnections.size).toBeLessThanOrEqual(2);
      expect(server.watchers.size).toBe(1);
    },
    { interval: 5 },
  );
});
