import { beforeEach, expect, test } from 'vitest';
import type { ConfigMap, KubeEvent, Lease } from '../../../src/api/core-types.ts';
import { Discovery } from '../../../src/kube/discovery.ts';
import { EventRecorder } from '../../../src/kube/event-recorder.ts';
import { FencedTransport } from '../../../src/kube/fenced-transport.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { LeaderElector } from '../../../src/kube/lease.ts';
import { keyOf, parseKey } from '../../../src/kube/object-key.ts';
import { patchFresh } from '../../../src/kube/patch.ts';
import { PoliteTransport } from '../../../src/kube/polite-transport.ts';
import { RequestThrottle } from '../../../src/kube/request-throttle.ts';
import { CONFIG_MAPS, EVENTS, LEASES, REPLICA_SETS, ROLLOUTS } from '../../../src/kube/resources.ts';
import { ControllerLoop } from '../../../src/runtime/controller-loop.ts';
import { Manager } from '../../../src/runtime/manager.ts';
import { ReadYourWrites } from '../../../src/runtime/read-your-writes.ts';
import { Workqueue } from '../../../src/runtime/workqueue.ts';
import { ApiServer } from '../../../src/simulator/api-server.ts';
import { InProcessTransport, type TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { silentLogger } from '../../../src/telemetry/logger.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics.ts';

let clock: VirtualClock;
let server: ApiServer;

beforeEach(() => {
  clock = new VirtualClock();
  server = new ApiServer({ clock });
});

const random = () => 0.5;
const key = { namespace: 'default', name: 'counter' };

/** A process that counts the ConfigMap `counter` up to its annotation `goal`, one write per pass. */
function controllerProcess(identity: string, hooks: TransportHooks = {}) {
  const wire = new InProcessTransport(server, { clock, hooks });
  const fenced = new FencedTransport(wire, () => elector.isLeader());
  const transport = new PoliteTransport(fenced, { clock, random, throttle: new RequestThrottle(clock) });
  const client = createKubeClient(transport);
  const elector: LeaderElector = new LeaderElector({
    client,
    clock,
    random,
    namespace: 'default',
    name: 'lock',
    identity,
  });
  const metrics = new MetricsRegistry();
  const informer = new Informer<ConfigMap>({ resource: CONFIG_MAPS, transport, clock, random, metrics });
  const queue = new Workqueue({ name: 'counter', clock });
  const recorder = new EventRecorder({ client, clock, random });
  const writes = new ReadYourWrites(clock);
  informer.onChange({ added: (object) => queue.add(keyOf(object)), updated: (object) => queue.add(keyOf(object)) });
  const written: string[] = [];
  const loop = new ControllerLoop({
    queue,
    workers: 2,
    clock,
    logger: silentLogger,
    metrics,
    reconcile: async (name, { signal }) => {
      const cached = informer.store.get(name);
      const goal = Number(cached?.metadata.annotations?.['goal'] ?? 0);
      const count = Number(cached?.data?.['count'] ?? 0);
      if (cached === undefined || count >= goal || writes.isStale(name, cached)) return {};
      const { resourceVersion } = cached.metadata;
      const patch = { metadata: { resourceVersion }, data: { count: String(count + 1) } };
      const result = await client.patch<ConfigMap>(CONFIG_MAPS, parseKey(name), { type: 'merge', patch }, { signal });
      writes.wrote(name, result.metadata.resourceVersion, resourceVersion);
      written.push(`${identity} ${count + 1}`);
      recorder.record(CONFIG_MAPS, result, { type: 'Normal', reason: 'Counted', message: 'one more' });
      return {};
    },
  });
  const manager = new Manager({
    informers: [informer],
    controllers: [loop],
    elector,
    recorder,
    clock,
    logger: silentLogger,
  });
  const stop = new AbortController();
  let outcome = '';
  void manager.run(stop.signal).then((result) => (outcome = result));
  return { stop, informer, elector, metrics, written, transport, outcome: () => outcome };
}

const admin = () => createKubeClient(new InProcessTransport(server, { clock }));

async function createCounter(goal: number): Promise<void> {
  const object: ConfigMap = { metadata: { ...key, annotations: { goal: String(goal) } }, data: {} };
  await admin().create(CONFIG_MAPS, object);
}

const countNow = async () => Number((await admin().get<ConfigMap>(CONFIG_MAPS, key)).data?.['count']);

test('a controller works through its cache, each write once, and its events are counted', async () => {
  const { written } = controllerProcess('a');
  await clock.advanceBy(5000);
  await createCounter(20);
  await clock.advanceBy(10_000);
  expect(await countNow()).toBe(20);
  expect(written).toEqual(Array.from({ length: 20 }, (_, i) => `a ${i + 1}`));
  const events = await admin().list<KubeEvent>(EVENTS, 'default');
  expect(events.map(({ reason, count }) => `${reason} ${count}`)).toEqual(['Counted 20']);
});

test('a lagging, lossy watch makes nothing wrong, only later', async () => {
  let seen = 0;
  const { written, metrics } = controllerProcess('a', {
    event: async () => {
      await clock.sleep(200);
      seen += 1;
      return seen % 7 === 3 ? 'break' : undefined;
    },
  });
  await clock.advanceBy(5000);
  await createCounter(20);
  await clock.advanceBy(600_000);
  expect(await countNow()).toBe(20);
  expect(written).toHaveLength(20);
  expect(metrics.expose()).toMatch(/kube_informer_failures_total\{resource="configmaps.v1",reason="connection"\} \d/);
});

test('in steady state there is nothing but the lease and the watch', async () => {
  const requests: string[] = [];
  controllerProcess('a', { before: ({ method, path }) => void requests.push(`${method} ${path.split('/').at(-1)}`) });
  await createCounter(3);
  await clock.advanceBy(60_000);
  requests.length = 0;
  await clock.advanceBy(20 * 60_000);
  expect(new Set(requests)).toEqual(new Set(['PUT lock', 'GET configmaps']));
  expect(requests.filter((request) => request === 'GET configmaps').length).toBeLessThan(6);
});

test('I7: a leader that is cut off from its lease stops; the next goes on where it was', async () => {
  let cutOff = false;
  const a = controllerProcess('a', {
    before: ({ priority }) => {
      if (cutOff && priority === 'lease') throw new Error('connection reset');
    },
  });
  await clock.advanceBy(5000);
  const b = controllerProcess('b');
  await createCounter(3);
  await clock.advanceBy(5000);
  cutOff = true;
  await clock.advanceBy(12_000);
  expect(a.outcome()).toBe('lost');
  await expect(
    createKubeClient(a.transport).patch(CONFIG_MAPS, key, { type: 'merge', patch: { data: { count: '99' } } }),
  ).rejects.toMatchObject({ code: 'fenced' });
  await admin().patch(CONFIG_MAPS, key, { type: 'merge', patch: { metadata: { annotations: { goal: '6' } } } });
  await clock.advanceBy(15_000);
  expect([...a.written, ...b.written]).toEqual(['a 1', 'a 2', 'a 3', 'b 4', 'b 5', 'b 6']);
  expect((await admin().get<Lease>(LEASES, { namespace: 'default', name: 'lock' })).spec?.holderIdentity).toBe('b');
});

test('stopping gives the lease back, so that the next leads within seconds', async () => {
  const a = controllerProcess('a');
  await clock.advanceBy(5000);
  const b = controllerProcess('b');
  await clock.advanceBy(5000);
  a.stop.abort(new Error('stop'));
  await clock.advanceBy(5000);
  expect(a.outcome()).toBe('stopped');
  expect(b.elector.isLeader()).toBe(true);
});

test('patchFresh and Discovery agree with the server', async () => {
  await createCounter(0);
  const patched = await patchFresh<ConfigMap>(admin(), CONFIG_MAPS, key, () => ({ metadata: { labels: { a: 'b' } } }));
  expect(patched.metadata.labels).toEqual({ a: 'b' });
  const discovery = new Discovery(new InProcessTransport(server, { clock }), clock);
  expect(await discovery.has(REPLICA_SETS)).toBe(true);
  expect(await discovery.has(CONFIG_MAPS)).toBe(true);
  expect(await discovery.has(ROLLOUTS)).toBe(false);
});
