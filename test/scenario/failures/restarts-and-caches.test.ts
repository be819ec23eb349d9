import { describe, expect, it } from 'vitest';
import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../../../src/api/keys.ts';
import { ANALYSIS_RUNS, LEASES, REPLICA_SETS, ROLLOUTS, SERVICES } from '../../../src/kube/resources.ts';
import type { KubeRequest, KubeResponse } from '../../../src/kube/transport.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import type { ControllerProcess } from '../../support/controller-process.ts';
import { TestCluster } from '../../support/test-cluster.ts';
import {
  isAborted,
  isHealthy,
  isPausedAt,
  isPromoted,
  judgedBy,
  MINUTE,
  network,
  observe,
  runningWeb,
  SECOND,
  template,
  web,
} from '../release/fixtures.ts';
import { ABORT, Lag, pausedWeb, podsOf, RESUME, RETRY, recorded, remove, sizes, texts } from './given.ts';

const TIMED = { steps: [{ setWeight: 50 }, { pause: { duration: '1m' } }] };
const JSON_TYPE = { 'content-type': 'application/json' };

const isWatch = ({ query }: KubeRequest): boolean => query?.['watch'] === 'true';
const isList = (request: KubeRequest): boolean =>
  request.method === 'GET' && request.path.endsWith('s') && !isWatch(request);

function refusal(code: number, reason: string, headers = {}): KubeResponse {
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: reason });
  return { status: code, headers: { ...JSON_TYPE, ...headers }, body };
}

/** A controller that dies right after the server has accepted the first such write. */
function mortal(cluster: TestCluster, isLast: (request: KubeRequest) => boolean): ControllerProcess {
  const process = cluster.startController({
    hooks: {
      after: (request) => {
        if (process.dead || request.method === 'GET' || !isLast(request)) return;
        process.kill();
        throw new Error('the process died');
      },
    },
  });
  return process;
}

/** Version 1 runs, no controller does, and version 2 is asked for. */
async function asked(options = TIMED) {
  const world = await runningWeb(options);
  await world.cluster.stopController();
  await world.cluster.apply(web({ ...options, image: 'v2' }));
  return world;
}

it('F02 crash between ReplicaSet create and status write: the one that exists is adopted', async () => {
  const { cluster, dataPlane } = await asked();
  const before = cluster.server.context.storage.revision;
  const first = mortal(cluster, ({ method, path }) => method === 'POST' && path.endsWith('/replicasets'));
  await cluster.clock.runUntil(() => first.dead, MINUTE);
  const states = recorded(cluster);
  const caughtUp = cluster.clock.now() + 5 * SECOND;
  const lags = (path: string): boolean => path.endsWith('/replicasets') && cluster.clock.now() < caughtUp;
  const old = cluster.server.context.storage.listAt('apps/replicasets', before);
  const oldList = {
    kind: 'ReplicaSetList',
    apiVersion: 'apps/v1',
    metadata: { resourceVersion: String(before) },
    items: old,
  };
  cluster.startController({
    hooks: {
      before: (request) =>
        lags(request.path) && isList(request)
          ? { status: 200, headers: JSON_TYPE, body: JSON.stringify(oldList) }
          : undefined,
      event: async ({ request }) => {
        if (lags(request.path)) await cluster.clock.sleep(caughtUp - cluster.clock.now());
      },
    },
  });
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(old).toHaveLength(1);
  expect(cluster.stored('apps/replicasets')).toHaveLength(2);
  expect(states.map(({ status }) => status?.collisionCount ?? 0).every((count) => count === 0)).toBe(true);
  expect(states.map(({ status }) => status?.phase)).not.toContain('Degraded');
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F03 crash between selector flip and weight write at the end: the next process finishes in order', async () => {
  const { cluster, dataPlane } = await asked();
  const first = mortal(cluster, ({ path }) => path.endsWith('/services/web-stable'));
  await cluster.clock.runUntil(() => first.dead, 5 * MINUTE);
  expect(dataPlane.weights.at(-1)).toBe(100);
  await cluster.clock.advanceBy(90 * SECOND);
  cluster.startController();
  await cluster.until('web', isPromoted, 2 * MINUTE);
  await cluster.clock.advanceBy(MINUTE);
  expect(dataPlane.weights).toEqual([0, 50, 100, 0]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

describe('a leader and its successor', () => {
  async function two(hooks: TransportHooks) {
    const cluster = new TestCluster();
    const dataPlane = observe(cluster);
    const first = cluster.startController({ identity: 'first', hooks });
    await cluster.apply(...network(), web(TIMED));
    await cluster.until('web', isHealthy, MINUTE);
    await cluster.clock.advanceBy(10 * SECOND);
    dataPlane.arm();
    const second = cluster.startController({ identity: 'second' });
    await cluster.clock.advanceBy(20 * SECOND);
    expect(second.writes).toEqual([]);
    return { cluster, dataPlane, first, second };
  }

  it('F04 lease lost in the middle of a pass: the leader stops before its lease expires', async () => {
    let refused = false;
    const { cluster, dataPlane, first, second } = await two({
      before: ({ method, path }) => {
        if (refused && method !== 'GET' && path.includes('/leases')) throw new Error('connection reset');
      },
    });
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    await cluster.clock.advanceBy(5 * SECOND);
    refused = true;
    await cluster.until('web', isPromoted, 10 * MINUTE);
    const lease = await cluster.client.get(LEASES, { namespace: 'default', name: 'leader' });
    expect(lease).toMatchObject({ spec: { holderIdentity: 'second' } });
    expect(first.writes.at(-1)!.at).toBeLessThan(second.writes[0]!.at);
    expect(dataPlane.violations).toEqual([]);
    expect(await first.stop()).toBe('lost');
    await cluster.stopController();
  });

  it('F05 frozen leader: it makes no write after it goes on', async () => {
    let sent = 0;
    const { cluster, dataPlane, first, second } = await two({
      before: ({ method, priority }) => {
        if (method !== 'GET' && priority !== 'lease') sent += 1;
      },
    });
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    // In the middle of the pass that creates the ReplicaSet: requests are under way, timers will be due.
    await cluster.clock.runUntil(() => cluster.stored('apps/replicasets').length === 2, MINUTE);
    first.clock.freeze();
    await cluster.clock.advanceBy(MINUTE);
    expect(second.writes.length).toBeGreaterThan(5);
    const before = sent;
    first.clock.thaw();
    await cluster.until('web', isPromoted, 10 * MINUTE);
    expect(sent).toBe(before);
    expect(dataPlane.violations).toEqual([]);
    expect(await first.ended).toBe('lost');
    await cluster.stopController();
  });
});

it('F06 API server away for 5 min during a timed pause: the pause counts from its start', async () => {
  let away = false;
  let isTracking = false;
  const asked: { readonly at: number; readonly path: string; readonly isList: boolean }[] = [];
  const { cluster, dataPlane } = await runningWeb(TIMED, {
    hooks: {
      before: (request) => {
        if (away) throw new Error('connection refused');
        if (isTracking && (isList(request) || isWatch(request)))
          asked.push({ at: cluster.clock.now(), path: request.path, isList: isList(request) });
      },
      event: () => (away ? 'break' : undefined),
    },
  });
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  await cluster.clock.advanceBy(30 * SECOND);
  away = true;
  isTracking = true;
  await cluster.clock.advanceBy(5 * MINUTE);
  away = false;
  const back = cluster.clock.now();
  await cluster.until('web', ({ status }) => status?.currentStepIndex === 2, MINUTE);
  expect(cluster.clock.now() - back).toBeLessThanOrEqual(30 * SECOND);
  await cluster.until('web', isHealthy, 2 * MINUTE);
  const returned = asked.filter(({ at }) => at >= back && at <= back + MINUTE);
  expect(returned.filter((request) => request.isList)).toEqual([]);
  expect(new Set(returned.map(({ at }) => Math.floor(at / SECOND))).size).toBeGreaterThanOrEqual(4);
  expect(cluster.reasons('web')).not.toContain('RolloutAborted');
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F07 silently dead watch: what happened is acted on within the bound, and a metric shows it', async () => {
  let isSilent = false;
  const living = new WeakSet<KubeRequest>();
  const { cluster, dataPlane } = await pausedWeb(
    {},
    {
      hooks: {
        before: (request) => {
          if (isSilent) living.add(request);
        },
        event: ({ request }) => {
          if (!isSilent || living.has(request)) return undefined;
          return new Promise((_, reject) => {
            request.signal?.addEventListener('abort', () => reject(new Error('given up')));
          });
        },
      },
    },
  );
  isSilent = true;
  await cluster.patch('web', RESUME, 'status');
  const sent = cluster.clock.now();
  await cluster.until('web', ({ status }) => (status?.currentStepIndex ?? 0) >= 2, 10 * MINUTE);
  expect(cluster.clock.now() - sent).toBeLessThanOrEqual(95 * SECOND);
  expect(cluster.metrics.expose()).toMatch(/kube_informer_failures_total\{resource="rollouts[^"]*",reason="stall"\} 1/);
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it.each([
  [
    'F08 410 Gone in the stream',
    {
      status: 200,
      headers: JSON_TYPE,
      body: `{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n`,
    },
  ],
  ['F08 410 Gone by HTTP', refusal(410, 'Expired')],
])('%s: one list each, deletions in the gap are noticed, nothing is added twice', async (_title, gone) => {
  let isDown = false;
  const refused = new Set<string>();
  const lists: string[] = [];
  const { cluster, dataPlane } = await pausedWeb(
    {},
    {
      hooks: {
        before: (request) => {
          if (isDown && isList(request)) lists.push(request.path);
          if (!isDown || !isWatch(request) || refused.has(request.path)) return undefined;
          refused.add(request.path);
          return gone;
        },
        event: ({ request }) => (isDown && !refused.has(request.path) ? 'break' : undefined),
      },
    },
  );
  const passes = cluster.passes('web');
  isDown = true;
  await remove(
    cluster,
    SERVICES,
    cluster.stored('/services').filter(({ metadata }) => metadata.name === 'web-canary'),
  );
  await cluster.patch('web', { metadata: { annotations: { noise: '1' } } });
  const blocked = await cluster.until(
    'web',
    ({ status }) => status?.message?.includes('"web-canary" not found') === true,
    MINUTE,
  );
  expect(blocked.status?.currentStepIndex).toBe(1);
  expect(lists.filter((path) => path.endsWith('/services'))).toHaveLength(1);
  expect(lists.filter((path) => path.endsWith('/rollouts'))).toHaveLength(1);
  expect(cluster.passes('web') - passes).toBeLessThan(15);
  expect(texts(cluster, 'RolloutAddedToInformer')).toHaveLength(1);
  expect(dataPlane.weights).toEqual([0, 25]);
  await cluster.stopController();
});

it('F09 stale read after own write: a pause that was left is not begun again, and steps never go back', async () => {
  const lag = new Lag((path) => path.endsWith('/rollouts'));
  const { cluster, dataPlane } = await pausedWeb({}, { hooks: lag.hooks(() => cluster.clock) });
  const states = recorded(cluster);
  lag.ms = 3 * SECOND;
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isPromoted, 5 * MINUTE);
  const indices = states.map(({ status }) => status?.currentStepIndex ?? 0);
  expect(indices).toEqual(indices.toSorted((left, right) => left - right));
  expect(states.filter(({ status }) => status?.currentStepIndex === 1 && status.pauseConditions !== undefined)).toEqual(
    [],
  );
  const pauses = states.flatMap(({ status }) => status?.pauseConditions ?? []).map(({ startTime }) => startTime);
  expect(new Set(pauses).size).toBe(1);
  expect(texts(cluster, 'RolloutPaused')).toHaveLength(2);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

describe('F10 missed delete:', () => {
  async function withDeafController(judged = false) {
    let isDeaf = false;
    const options = judged ? { canary: judgedBy('success') } : {};
    const world = await pausedWeb(
      options,
      {
        prometheus: () => ['0.99'],
        hooks: {
          before: (request) => {
            if (isDeaf && (isWatch(request) || isList(request))) throw new Error('connection refused');
          },
          event: () => (isDeaf ? 'break' : undefined),
        },
      },
      judged ? [template('success')] : [],
    );
    const { cluster } = world;
    const meanwhile = async (happens: () => Promise<void>): Promise<void> => {
      isDeaf = true;
      await happens();
      await cluster.clock.advanceBy(MINUTE);
      cluster.server.context.storage.compact(cluster.server.context.storage.revision);
      isDeaf = false;
      await cluster.clock.advanceBy(45 * SECOND);
    };
    return { ...world, meanwhile };
  }

  it('a ReplicaSet is made again', async () => {
    const { cluster, canary, meanwhile } = await withDeafController();
    const isCanary = ({ metadata }: { metadata: { name?: string } }) => metadata.name === `web-${canary}`;
    await meanwhile(() => remove(cluster, REPLICA_SETS, cluster.stored('apps/replicasets').filter(isCanary)));
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
    expect(sizes(cluster)).toEqual([4, 1]);
    await cluster.stopController();
  });

  it('an AnalysisRun is replaced by one', async () => {
    const { cluster, dataPlane, meanwhile } = await withDeafController(true);
    const [old] = cluster.runs();
    await meanwhile(() => remove(cluster, ANALYSIS_RUNS, cluster.runs()));
    expect(cluster.runs()).toHaveLength(1);
    expect(cluster.runs()[0]?.metadata.uid).not.toBe(old?.metadata.uid);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('a Service is asked for by name', async () => {
    const { cluster, meanwhile } = await withDeafController();
    const isCanary = ({ metadata }: { metadata: { name?: string } }) => metadata.name === 'web-canary';
    await meanwhile(() => remove(cluster, SERVICES, cluster.stored('/services').filter(isCanary)));
    expect((await cluster.rollout('web')).status?.message).toContain('service "web-canary" not found');
    await cluster.stopController();
  });

  it('a Rollout is not looked for, and nothing is made for it', async () => {
    const { cluster, meanwhile } = await withDeafController();
    await meanwhile(() => remove(cluster, ROLLOUTS, cluster.stored('argoproj.io/rollouts')));
    await cluster.clock.advanceBy(MINUTE);
    expect(texts(cluster, 'RolloutDeleted')).toHaveLength(1);
    expect(cluster.passes('web')).toBe(0);
    expect(cluster.stored('apps/replicasets')).toEqual([]);
    await cluster.stopController();
  });

  it('a Rollout that only the cache still has is left alone after the first refusal', async () => {
    let isDeaf = false;
    let writes = 0;
    const { cluster } = await pausedWeb(
      {},
      {
        hooks: {
          before: (request) => {
            if (isDeaf && request.path.endsWith('/rollouts')) throw new Error('connection refused');
            if (isDeaf && request.method !== 'GET') writes += 1;
          },
          event: ({ request }) => (isDeaf && request.path.endsWith('/rollouts') ? 'break' : undefined),
        },
      },
    );
    isDeaf = true;
    await remove(cluster, ROLLOUTS, cluster.stored('argoproj.io/rollouts'));
    await cluster.clock.advanceBy(MINUTE);
    expect(writes).toBeLessThan(40);
    isDeaf = false;
    await cluster.clock.advanceBy(MINUTE);
    expect(cluster.stored('apps/replicasets')).toEqual([]);
    expect(cluster.passes('web')).toBe(0);
    await cluster.stopController();
  });
});

describe('F11 conflict storm:', () => {
  it('an autoscaler patches each second and GitOps every five', async () => {
    const { cluster, dataPlane } = await runningWeb(TIMED);
    let patches = 0;
    const annoy = (): void => {
      patches += 1;
      void cluster.patch('web', { metadata: { annotations: { autoscaler: String(patches) } } });
      if (patches % 5 === 0) void cluster.apply(web({ ...TIMED, image: 'v2' }));
      cluster.clock.schedule(SECOND, annoy);
    };
    const started = cluster.clock.now();
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    annoy();
    await cluster.until('web', isPromoted, 5 * MINUTE);
    expect(cluster.clock.now() - started).toBeLessThan(3 * MINUTE);
    expect(patches).toBeGreaterThan(60);
    expect(texts(cluster, 'RolloutCompleted')).toHaveLength(2);
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });

  it('a hundred refusals in a row change neither phase nor outcome', async () => {
    let refusals = Number.POSITIVE_INFINITY;
    const { cluster, dataPlane } = await runningWeb(TIMED, {
      hooks: {
        before: ({ method }) => {
          if (method !== 'PATCH' || refusals >= 100) return undefined;
          refusals += 1;
          return refusal(409, 'Conflict');
        },
      },
    });
    const states = recorded(cluster);
    await cluster.apply(web({ ...TIMED, image: 'v2' }));
    await cluster.until('web', ({ status }) => status?.currentStepIndex === 1, MINUTE);
    refusals = 0;
    await cluster.until('web', isPromoted, 10 * MINUTE);
    expect(refusals).toBe(100);
    expect(states.map(({ status }) => status?.phase)).not.toContain('Degraded');
    expect(dataPlane.violations).toEqual([]);
    await cluster.stopController();
  });
});

it('F12 conflict while writing the scale-down deadline: it is never empty, mended when garbled, and counts anew', async () => {
  let refusals = 0;
  const { cluster, dataPlane, canary } = await pausedWeb(
    {},
    {
      hooks: {
        before: ({ method, path, body }) => {
          const writesDeadline =
            method === 'PATCH' &&
            path.includes('/replicasets/') &&
            String(body).includes(SCALE_DOWN_DEADLINE_ANNOTATION);
          if (!writesDeadline || refusals >= 3) return undefined;
          refusals += 1;
          return refusal(409, 'Conflict');
        },
      },
    },
  );
  const deadlines: (string | undefined)[] = [];
  cluster.server.context.storage.subscribe(({ collection, object }) => {
    const { name, annotations } = object.metadata;
    if (collection === 'apps/replicasets' && name === `web-${canary}`)
      deadlines.push(annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION]);
  });
  for (const attempt of [1, 2]) {
    await cluster.patch('web', ABORT, 'status');
    await cluster.until('web', isAborted, 10 * SECOND);
    await cluster.clock.runUntil(() => deadlines.at(-1) !== undefined, MINUTE);
    if (attempt === 1) {
      const garbled = { metadata: { annotations: { [SCALE_DOWN_DEADLINE_ANNOTATION]: 'tomorrow' } } };
      const key = { namespace: 'default', name: `web-${canary}` };
      await cluster.client.patch(REPLICA_SETS, key, { type: 'merge', patch: garbled });
      await cluster.clock.advanceBy(2 * SECOND);
    }
    const ahead = Date.parse(deadlines.at(-1) ?? '') - cluster.clock.now();
    expect(ahead).toBeGreaterThan(25 * SECOND);
    expect(ahead).toBeLessThanOrEqual(31 * SECOND);
    await cluster.clock.advanceBy(ahead - 2 * SECOND);
    expect(podsOf(cluster, canary)).toHaveLength(1);
    await cluster.clock.advanceBy(10 * SECOND);
    expect(podsOf(cluster, canary)).toEqual([]);
    await cluster.patch('web', RETRY, 'status');
    await cluster.until('web', isPausedAt(1), 2 * MINUTE);
  }
  expect(refusals).toBe(3);
  expect(deadlines).not.toContain('');
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F13 429 from the API server: 30 s of it lose nothing, and do not starve the lease', async () => {
  let isBusy = false;
  const answered: { readonly at: number; readonly path: string }[] = [];
  const cluster = new TestCluster();
  const dataPlane = observe(cluster);
  const process = cluster.startController({
    identity: 'only',
    hooks: {
      before: ({ path, priority }) => {
        if (!isBusy || priority === 'lease') return undefined;
        answered.push({ at: cluster.clock.now(), path });
        return refusal(429, 'TooManyRequests', { 'retry-after': '5' });
      },
      event: () => (isBusy ? 'break' : undefined),
    },
  });
  await cluster.apply(...network(), web(TIMED));
  await cluster.until('web', isHealthy, MINUTE);
  await cluster.clock.advanceBy(10 * SECOND);
  dataPlane.arm();
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.clock.runUntil(() => cluster.stored('apps/replicasets').length === 2, MINUTE);
  isBusy = true;
  await cluster.clock.advanceBy(30 * SECOND);
  isBusy = false;
  const byPath = Map.groupBy(answered, ({ path }) => path);
  for (const requests of byPath.values()) {
    const gaps = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
    expect(Math.min(Number.POSITIVE_INFINITY, ...gaps)).toBeGreaterThanOrEqual(5 * SECOND);
  }
  expect(byPath.size).toBeGreaterThan(2);
  const lease = await cluster.client.get<{ metadata: object; spec: { renewTime: string } }>(LEASES, {
    namespace: 'default',
    name: 'leader',
  });
  expect(cluster.clock.now() - Date.parse(lease.spec.renewTime)).toBeLessThan(5 * SECOND);
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(texts(cluster, 'RolloutStepCompleted')).toHaveLength(2);
  expect(texts(cluster, 'RolloutCompleted')).toHaveLength(2);
  expect(process.dead).toBe(false);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F14 event re-ordering and duplicates: a thousand old events make no write and no event', async () => {
  const past = new Map<string, string[]>();
  let isReplaying = false;
  const replayed = new Set<string>();
  const replays = (path: string): boolean =>
    isReplaying && /\/(rollouts|replicasets|pods)$/.test(path) && !replayed.has(path);
  const { cluster } = await pausedWeb(
    {},
    {
      hooks: {
        before: (request) => {
          if (!replays(request.path) || !isWatch(request)) return undefined;
          replayed.add(request.path);
          const old = past.get(request.path) ?? [];
          const lines = Array.from({ length: 1000 }, (_, index) => old[(index * 7) % old.length]);
          return { status: 200, headers: JSON_TYPE, body: `${lines.join('\n')}\n` };
        },
        event: ({ request, line }) => {
          if (!isReplaying && !line.includes('BOOKMARK')) {
            past.set(request.path, [...(past.get(request.path) ?? []), line.trim().replace('"MODIFIED"', '"ADDED"')]);
          }
          return replays(request.path) ? 'break' : undefined;
        },
      },
    },
  );
  await cluster.clock.advanceBy(MINUTE);
  const [before, events] = [cluster.server.context.storage.revision, cluster.events.length];
  isReplaying = true;
  // A bookmark each minute shows that the connections are gone.
  await cluster.clock.advanceBy(5 * MINUTE);
  expect(replayed.size).toBe(3);
  expect(cluster.server.context.storage.revision).toBe(before);
  expect(cluster.events).toHaveLength(events);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isPromoted, 3 * MINUTE);
  await cluster.stopController();
});
