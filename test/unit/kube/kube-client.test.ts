import { describe, expect, test } from 'vitest';
import { ApiError, TransportError } from '../../../src/kube/api-error.ts';
import { FencedTransport } from '../../../src/kube/fenced-transport.ts';
import { createKubeClient } from '../../../src/kube/kube-client.ts';
import { guardedPatch, patchFresh } from '../../../src/kube/patch.ts';
import { NAMESPACES, PODS, REPLICA_SETS, ROLLOUTS } from '../../../src/kube/resources.ts';
import { ScriptedTransport } from '../../support/scripted-transport.ts';

const key = { namespace: 'shop', name: 'cart' };

async function sent(call: (client: ReturnType<typeof createKubeClient>) => Promise<unknown>) {
  const transport = new ScriptedTransport();
  await call(createKubeClient(transport));
  const [{ method, path, query, headers, body } = { method: '', path: '' }] = transport.requests;
  return { method, path, query, headers, body: body === undefined ? undefined : JSON.parse(body) };
}

describe('requests', () => {
  test('get', async () => {
    expect(await sent((client) => client.get(ROLLOUTS, key))).toMatchObject({
      method: 'GET',
      path: '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/cart',
    });
  });

  test('create fills in apiVersion and kind and ignores a wrong one', async () => {
    const object = { kind: 'Wrong', metadata: { namespace: 'shop', name: 'cart-1' } };
    expect(await sent((client) => client.create(REPLICA_SETS, object))).toMatchObject({
      method: 'POST',
      path: '/apis/apps/v1/namespaces/shop/replicasets',
      body: { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: object.metadata },
    });
  });

  test('replace', async () => {
    const object = { metadata: { ...key, resourceVersion: '7' } };
    expect(await sent((client) => client.replace(PODS, object))).toMatchObject({
      method: 'PUT',
      path: '/api/v1/namespaces/shop/pods/cart',
      body: { metadata: object.metadata },
    });
  });

  test.each([
    [{ type: 'merge', patch: { a: 1 } }, 'application/merge-patch+json', {}],
    [{ type: 'json', patch: [{ op: 'test' }] }, 'application/json-patch+json', {}],
    [{ type: 'strategic', patch: { a: 1 } }, 'application/strategic-merge-patch+json', {}],
    [
      { type: 'apply', patch: { a: 1 }, fieldManager: 'linnet', force: true },
      'application/apply-patch+yaml',
      { fieldManager: 'linnet', force: 'true' },
    ],
  ] as const)('patch of type %o', async (body, contentType, query) => {
    const request = await sent((client) => client.patch(ROLLOUTS, key, body, { subresource: 'status', dryRun: true }));
    expect(request).toEqual({
      method: 'PATCH',
      path: '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/cart/status',
      query: { dryRun: 'All', ...query },
      headers: { 'content-type': contentType },
      body: body.patch,
    });
  });

  test('delete carries its preconditions', async () => {
    const options = { uid: 'u', resourceVersion: '7', propagationPolicy: 'Background' } as const;
    expect((await sent((client) => client.delete(PODS, key, options))).body).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u', resourceVersion: '7' },
      propagationPolicy: 'Background',
    });
  });

  test('eviction', async () => {
    expect(await sent((client) => client.createSubresource(PODS, key, 'eviction', { a: 1 }))).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/shop/pods/cart/eviction',
      body: { a: 1 },
    });
  });

  test('cluster-scoped kinds have no namespace in their path', async () => {
    expect((await sent((client) => client.get(NAMESPACES, { namespace: 'ignored', name: 'shop' }))).path).toBe(
      '/api/v1/namespaces/shop',
    );
  });
});

test.each([
  ['an empty name', { namespace: 'shop', name: '' }, 'Pod: the name is empty'],
  ['no namespace', { name: 'cart' }, 'Pod: the namespace is missing'],
])('%s never reaches the server, where it would mean a whole collection', async (_, bad, message) => {
  const transport = new ScriptedTransport();
  const client = createKubeClient(transport);
  await expect((async () => client.delete(PODS, bad))()).rejects.toThrow(message);
  expect(transport.requests).toEqual([]);
});

test('lists follow the continue token and complete the items', async () => {
  const transport = new ScriptedTransport(({ query }) =>
    query?.['continue'] === 'next'
      ? { body: { metadata: { resourceVersion: '9' }, items: [{ metadata: { name: 'b' } }] } }
      : { body: { metadata: { resourceVersion: '9', continue: 'next' }, items: [{ metadata: { name: 'a' } }] } },
  );
  const items = await createKubeClient(transport).list(REPLICA_SETS, 'shop', { labelSelector: 'x=y' });
  expect(items).toEqual(['a', 'b'].map((name) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name } })));
  expect(transport.requests.map(({ query }) => query)).toEqual([
    { limit: '500', labelSelector: 'x=y' },
    { limit: '500', labelSelector: 'x=y', continue: 'next' },
  ]);
});

test('a list whose snapshot always expires is taken in one piece in the end', async () => {
  const transport = new ScriptedTransport(({ query }) => {
    if (query?.['limit'] === undefined) return { body: { metadata: {}, items: [] } };
    return query['continue'] === undefined ? { body: { metadata: { continue: 'n' }, items: [] } } : { status: 410 };
  });
  expect(await createKubeClient(transport).list(PODS, undefined)).toEqual([]);
  expect(transport.requests).toHaveLength(7);
});

describe('failures', () => {
  test('a refusal is an ApiError', async () => {
    const client = createKubeClient(new ScriptedTransport(() => ({ status: 404, body: { message: 'gone' } })));
    await expect(client.get(PODS, key)).rejects.toThrow(ApiError);
  });

  test('a 200 that is not JSON is not an answer of the API server', async () => {
    const client = createKubeClient(new ScriptedTransport(() => ({ body: '<html>' })));
    await expect(client.get(PODS, key)).rejects.toMatchObject({ status: 502, retryable: true });
    await expect(client.list(PODS, 'shop')).rejects.toMatchObject({ status: 502, retryable: true });
  });

  test('anything else that a transport throws is a TransportError', async () => {
    const client = createKubeClient(new ScriptedTransport(() => Promise.reject(new Error('reset'))));
    await expect(client.get(PODS, key)).rejects.toThrow(TransportError);
    await expect(client.list(PODS, 'shop')).rejects.toThrow(TransportError);
  });
});

test('without the lease nothing is written, but all is read and the lease itself is kept', async () => {
  let leading = false;
  const transport = new ScriptedTransport();
  const client = createKubeClient(new FencedTransport(transport, () => leading));
  await expect(client.patch(PODS, key, { type: 'merge', patch: {} })).rejects.toMatchObject({ code: 'fenced' });
  expect(transport.requests).toEqual([]);
  await client.get(PODS, key);
  await client.patch(PODS, key, { type: 'merge', patch: {} }, { priority: 'lease' });
  leading = true;
  await client.delete(PODS, key);
  expect(transport.requests.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'DELETE']);
});

describe('patchFresh', () => {
  test('decides again on what the winner wrote', async () => {
    let version = 1;
    const transport = new ScriptedTransport(({ method, body }) => {
      if (method === 'GET') return { body: { metadata: { ...key, resourceVersion: String(version) } } };
      version += 1;
      return version < 3 ? { status: 409 } : { body: JSON.parse(body ?? '') };
    });
    const seen: string[] = [];
    const result = await patchFresh(createKubeClient(transport), PODS, key, ({ metadata }) => {
      seen.push(metadata.resourceVersion!);
      return { metadata: { labels: { a: 'b' } } };
    });
    expect(seen).toEqual(['1', '2']);
    expect(result.metadata).toEqual({ labels: { a: 'b' }, resourceVersion: '2' });
  });

  test('writes nothing when there is nothing to do', async () => {
    const transport = new ScriptedTransport(() => ({ body: { metadata: key } }));
    await patchFresh(createKubeClient(transport), PODS, key, () => undefined);
    expect(transport.requests).toHaveLength(1);
  });

  test('gives up in the end', async () => {
    const transport = new ScriptedTransport(({ method }) =>
      method === 'GET' ? { body: { metadata: key } } : { status: 409 },
    );
    const change = () => ({});
    await expect(patchFresh(createKubeClient(transport), PODS, key, change, { attempts: 3 })).rejects.toMatchObject({
      status: 409,
    });
    expect(transport.requests).toHaveLength(6);
  });

  test('guardedPatch keeps the rest of the patch', () => {
    const observed = { metadata: { resourceVersion: '5' } };
    const patch = { metadata: { labels: { a: null } }, spec: { b: 1 } };
    expect(guardedPatch(observed, patch)).toEqual({
      type: 'merge',
      patch: { metadata: { labels: { a: null }, resourceVersion: '5' }, spec: { b: 1 } },
    });
  });
});
