import { beforeEach, describe, expect, test } from 'vitest';
import { CachedReader } from '../../../src/kube/cached-reader.ts';
import { Discovery } from '../../../src/kube/discovery.ts';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { INGRESSES, REPLICA_SETS, SECRETS, SERVICES } from '../../../src/kube/resources.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { type ScriptedAnswer, ScriptedTransport } from '../../support/scripted-transport.ts';

describe('CachedReader', () => {
  const key = { namespace: 'shop', name: 'cart' };
  const cachedService = { metadata: { ...key, uid: 'cached' } };

  function reader(options: object = {}, hasSynced = true) {
    const transport = new ScriptedTransport(({ path }) =>
      path.endsWith('/cart') ? { body: { metadata: { ...key, uid: 'live' } } } : { status: 404 },
    );
    const store = new Map([['shop/cart', cachedService]]);
    const informer = { hasSynced, store, options: { resource: SERVICES, ...options } };
    return { transport, reader: new CachedReader(createKubeClient(transport), [informer]) };
  }

  test('reads what is watched from the cache, absence included', async () => {
    const { reader: cached, transport } = reader();
    expect(await cached.find(SERVICES, key)).toBe(cachedService);
    expect(await cached.find(SERVICES, { ...key, name: 'none' })).toBeUndefined();
    expect(transport.requests).toEqual([]);
  });

  test('reads the rest from the server, absence included', async () => {
    const { reader: cached, transport } = reader();
    expect(await cached.find(SECRETS, key)).toMatchObject({ metadata: { uid: 'live' } });
    expect(await cached.find(SECRETS, { ...key, name: 'none' })).toBeUndefined();
    expect(transport.requests).toHaveLength(2);
  });

  test.each([
    ['has not listed yet', {}, false],
    ['sees only what a selector lets it', { labelSelector: 'a=b' }, true],
    ['sees another namespace', { namespace: 'other' }, true],
  ])('does not conclude absence from a cache that %s', async (_, options, hasSynced) => {
    const { reader: cached, transport } = reader(options, hasSynced);
    expect(await cached.find(SERVICES, { namespace: 'shop', name: 'none' })).toBeUndefined();
    expect(transport.requests).toHaveLength(1);
  });

  test('a failure to read is not an absence', async () => {
    const { reader: cached, transport } = reader();
    transport.answer = () => ({ status: 403 });
    await expect(cached.find(SECRETS, key)).rejects.toMatchObject({ status: 403 });
  });
});

describe('Discovery', () => {
  let clock: VirtualClock;
  let answers: Record<string, ScriptedAnswer>;
  let transport: ScriptedTransport;
  let discovery: Discovery;

  beforeEach(() => {
    clock = new VirtualClock();
    answers = { '/apis/apps/v1': { body: { resources: [{ name: 'replicasets' }] } } };
    transport = new ScriptedTransport(({ path }) => answers[path] ?? { status: 404 });
    discovery = new Discovery(transport, clock);
  });

  test('an absent group is an answer, and is asked for again a minute later', async () => {
    expect(await discovery.has(INGRESSES)).toBe(false);
    answers['/apis/networking.k8s.io/v1'] = { body: { resources: [{ name: 'ingresses' }] } };
    expect(await discovery.has(INGRESSES)).toBe(false);
    await clock.advanceBy(60_000);
    expect(await discovery.has(INGRESSES)).toBe(true);
    expect(transport.requests).toHaveLength(2);
  });

  test('a present group is asked for once in ten minutes, by all together', async () => {
    expect(await Promise.all([discovery.has(REPLICA_SETS), discovery.has(REPLICA_SETS)])).toEqual([true, true]);
    expect(await discovery.has({ ...REPLICA_SETS, plural: 'deployments' })).toBe(false);
    await clock.advanceBy(599_999);
    expect(await discovery.firstOf([INGRESSES, REPLICA_SETS])).toBe(REPLICA_SETS);
    expect(transport.requests.filter(({ path }) => path === '/apis/apps/v1')).toHaveLength(1);
  });

  test('a failure is neither presence nor absence, and is not remembered', async () => {
    const before = answers['/apis/apps/v1']!;
    answers['/apis/apps/v1'] = { status: 503 };
    await expect(discovery.has(REPLICA_SETS)).rejects.toMatchObject({ status: 503 });
    answers['/apis/apps/v1'] = before;
    expect(await discovery.has(REPLICA_SETS)).toBe(true);
  });
});
