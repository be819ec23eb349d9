import { describe, expect, it } from 'vitest';
import { ANALYSIS_RUNS, CONFIG_MAPS, REPLICA_SETS, ROLLOUTS, SERVICES } from '../../../src/kube/resources.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import { answer, refusal } from '../../support/answers.ts';
import { isPausedAt, isPromoted, judgedBy, MINUTE, runningWeb, SECOND, template, web } from '../release/fixtures.ts';
import { isList, isWatch, Lag, pausedWeb, RESUME, recorded, remove, sizes, TIMED, texts } from './given.ts';

/** What the controllers are told of the cluster is late, twice, from the past, or not told at all. */

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
  ['F08 410 Gone in the stream', answer(`{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n`)],
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

it('F08 compaction while nothing happens: bookmarks keep the place, and nothing is listed again', async () => {
  let isDown = false;
  const lists: string[] = [];
  const { cluster } = await pausedWeb(
    {},
    {
      hooks: {
        before: (request) => {
          if (isList(request)) lists.push(request.path);
        },
        event: () => (isDown ? 'break' : undefined),
      },
    },
  );
  const { storage } = cluster.server.context;
  await cluster.client.create(CONFIG_MAPS, { metadata: { name: 'other', namespace: 'default' } });
  // A bookmark each minute tells every watch how far the cluster has come.
  await cluster.clock.advanceBy(2 * MINUTE);
  storage.compact(storage.revision);
  lists.length = 0;
  isDown = true;
  await cluster.clock.advanceBy(2 * MINUTE);
  isDown = false;
  await cluster.clock.advanceBy(2 * MINUTE);
  expect(lists).toEqual([]);
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isPromoted, 3 * MINUTE);
  await cluster.stopController();
});

it.each([
  ['F09 stale read after own write', 3],
  ['F09 stale read after own write, older than a pass waits for', 8],
])('%s: a pause that was left is not begun again, and neither steps nor weights go back', async (_title, seconds) => {
  const lag = new Lag((path) => path.endsWith('/rollouts'));
  const { cluster, dataPlane } = await pausedWeb({}, { hooks: lag.hooks(() => cluster.clock) });
  const states = recorded(cluster);
  lag.ms = seconds * SECOND;
  await cluster.patch('web', RESUME, 'status');
  await cluster.until('web', isPromoted, 5 * MINUTE);
  await cluster.clock.advanceBy(10 * SECOND);
  const indices = states.map(({ status }) => status?.currentStepIndex ?? 0);
  expect(indices).toEqual(indices.toSorted((left, right) => left - right));
  expect(states.filter(({ status }) => status?.currentStepIndex === 1 && status.pauseConditions !== undefined)).toEqual(
    [],
  );
  const pauses = states.flatMap(({ status }) => status?.pauseConditions ?? []).map(({ startTime }) => startTime);
  expect(new Set(pauses).size).toBe(1);
  expect(texts(cluster, 'RolloutPaused')).toHaveLength(2);
  expect(dataPlane.weights).toEqual([0, 25, 50, 100, 0]);
  expect(dataPlane.violations).toEqual([]);
  await cluster.stopController();
});

it('F09 stale read after own write: nothing is sent twice while a watch lags', async () => {
  const lag = new Lag((path) => path.endsWith('/services'));
  const sent: string[] = [];
  const { cluster } = await runningWeb(TIMED, {
    hooks: {
      ...lag.hooks(() => cluster.clock),
      before: ({ method, path }) => {
        if (method !== 'GET' && path.includes('/services/')) sent.push(path.split('/').at(-1) ?? '');
      },
    },
  });
  lag.ms = 3 * SECOND;
  sent.length = 0;
  await cluster.apply(web({ ...TIMED, image: 'v2' }));
  await cluster.until('web', isPromoted, 5 * MINUTE);
  expect(sent).toEqual(['web-canary', 'web-stable']);
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
          return answer(`${lines.join('\n')}\n`);
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
