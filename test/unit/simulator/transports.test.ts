import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { ApiServer } from '../../../src/simulator/api-server.ts';
import { type HttpApiServer, kubeconfigFor, serveHttp } from '../../../src/simulator/http-server.ts';
import { CONFIG_MAPS, TestCluster } from './test-cluster.ts';

describe('in process: faults', () => {
  test('a request that fails before the server has no effect, one whose answer is lost has', async () => {
    let fault: 'before' | 'after' | undefined;
    const cluster = new TestCluster({
      hooks: {
        before: () => {
          if (fault === 'before') throw new Error('connection refused');
        },
        after: () => {
          if (fault === 'after') throw new Error('connection reset');
        },
      },
    });
    fault = 'before';
    await expect(cluster.createConfigMap('a')).rejects.toThrow('connection refused');
    fault = 'after';
    await expect(cluster.createConfigMap('b')).rejects.toThrow('connection reset');
    fault = undefined;
    expect(await cluster.names(CONFIG_MAPS)).toEqual(['b']);
  });

  test('a hook may answer in place of the server', async () => {
    const cluster = new TestCluster({
      hooks: {
        before: ({ method }) =>
          method === 'POST' ? { status: 429, headers: { 'retry-after': '3' }, body: '' } : undefined,
      },
    });
    expect((await cluster.post(CONFIG_MAPS, { metadata: { name: 'a' } })).status).toBe(429);
    expect(await cluster.names(CONFIG_MAPS)).toEqual([]);
  });

  test('a slow answer runs into the deadline of the request on the virtual clock', async () => {
    const cluster: TestCluster = new TestCluster({ hooks: { before: () => cluster.clock.sleep(60_000) } });
    const request = cluster.transport.request({ method: 'GET', path: CONFIG_MAPS, timeoutMs: 5000 });
    await Promise.all([expect(request).rejects.toThrow('no answer within 5000 ms'), cluster.clock.advanceBy(5000)]);
  });

  test('watch events can be lost, and the stream broken', async () => {
    const verdicts: Record<string, 'drop' | 'break'> = { lost: 'drop', last: 'break' };
    const cluster = new TestCluster({
      hooks: { event: ({ line }) => verdicts[JSON.parse(line).object.metadata.name] },
    });
    const watch = await cluster.watch(CONFIG_MAPS);
    for (const name of ['seen', 'lost', 'also', 'last', 'never']) await cluster.createConfigMap(name);
    expect(await watch.summary()).toEqual(['ADDED seen', 'ADDED also']);
    expect(watch.failure).toMatchObject({ message: 'the connection was reset' });
  });

  test('an aborted watch frees its timers; closing the transport ends everything', async () => {
    const cluster = new TestCluster();
    const controller = new AbortController();
    const { chunks } = await cluster.transport.stream({
      method: 'GET',
      path: CONFIG_MAPS,
      query: { watch: 'true' },
      signal: controller.signal,
    });
    const read = chunks[Symbol.asyncIterator]().next();
    controller.abort(new Error('no longer'));
    await expect(read).rejects.toThrow('no longer');
    await cluster.clock.settle();
    expect(cluster.clock.nextDue()).toBeUndefined();
    const watch = await cluster.watch(CONFIG_MAPS);
    await cluster.transport.close();
    await cluster.clock.settle();
    expect(watch.ended).toBe(true);
    await expect(cluster.get(CONFIG_MAPS)).rejects.toThrow('closed');
  });
});

describe('over HTTP', () => {
  let server: HttpApiServer | undefined;
  afterEach(() => server?.close());

  test('objects, a watch whose headers come before any event, and its end with the server', async () => {
    server = await serveHttp(new ApiServer({ clock: systemClock }));
    const url = `${server.url}${CONFIG_MAPS}`;
    const watch = await fetch(`${url}?watch=true`);
    const reader = watch.body?.getReader();
    const created = await fetch(url, {
      method: 'POST',
      body: '{"metadata":{"name":"a"}}',
      headers: { 'content-type': 'application/json' },
    });
    expect(created.status).toBe(201);
    const chunk = await reader?.read();
    expect(JSON.parse(new TextDecoder().decode(chunk?.value))).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'a' } },
    });
    const end = reader?.read();
    await server.close();
    await expect(end).rejects.toThrow('terminated');
  });

  test('with a token only those who have it', async () => {
    server = await serveHttp(new ApiServer({ clock: systemClock }), { token: 'secret' });
    expect((await fetch(`${server.url}/version`)).status).toBe(401);
    const headers = { authorization: 'Bearer secret' };
    expect((await fetch(`${server.url}/version`, { headers })).status).toBe(200);
    expect(kubeconfigFor(server.url, 'secret')).toContain('"token": "secret"');
  });
});
