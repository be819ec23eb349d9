import type { KubeObject } from '../api/core-types.ts';
import { ApiError, asTransportError } from './api-error.ts';
import type { CallOptions, DeleteOptions, KubeClient, ListOptions, ObjectKey, PatchBody } from './client.ts';
import { listPages } from './list-pages.ts';
import { apiVersionOf, pathOf, type Resource } from './resources.ts';
import type { KubeRequest, KubeTransport } from './transport.ts';

const PATCH_CONTENT_TYPES: Readonly<Record<PatchBody['type'], string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML, and servers before 1.32 know no JSON form of this type.
  apply: 'application/apply-patch+yaml',
};

/** `KubeClient` over any transport. */
export function createKubeClient(transport: KubeTransport): KubeClient {
  const call = async <T>(request: KubeRequest, options: CallOptions): Promise<T> => {
    const sent = { ...request, ...callFields(options) };
    const response = await transport.request(sent).catch((error: unknown) => {
      throw asTransportError(error, sent);
    });
    if (response.status < 200 || response.status > 299) {
      throw ApiError.fromResponse(request, response);
    }
    try {
      return JSON.parse(response.body) as T;
    } catch {
      // A proxy's page, say: an answer, but not the API server's.
      throw ApiError.fromResponse(request, { ...response, status: 502 });
    }
  };

  return {
    get: (resource, key, options = {}) => call({ method: 'GET', path: objectPath(resource, key) }, options),

    async list<T extends KubeObject>(resource: Resource, namespace: string | undefined, options: ListOptions = {}) {
      const { items } = await listPages<T>(transport, resource, { namespace, ...options });
      return items;
    },

    create: (resource, object, options = {}) =>
      call({ method: 'POST', path: collectionPath(resource, object), body: serialise(resource, object) }, options),

    replace: (resource, object, options = {}) =>
      call(
        { method: 'PUT', path: objectPath(resource, keyOfObject(object)), body: serialise(resource, object) },
        options,
      ),

    patch: (resource, key, body, options = {}) =>
      call(
        {
          method: 'PATCH',
          path: objectPath(resource, key, options.subresource),
          query: patchQuery(body, options.dryRun === true),
          headers: { 'content-type': PATCH_CONTENT_TYPES[body.type] },
          body: JSON.stringify(body.patch),
        },
        options,
      ),

    async delete(resource, key, options = {}) {
      await call({ method: 'DELETE', path: objectPath(resource, key), body: deleteBody(options) }, options);
    },

    createSubresource: (resource, key, subresource, body, options = {}) =>
      call({ method: 'POST', path: objectPath(resource, key, subresource), body: JSON.stringify(body) }, options),
  };
}

function callFields({ signal, priority, timeoutMs }: CallOptions): Partial<KubeRequest> {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(priority === undefined ? {} : { priority }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/**
 * An empty name would turn a request for an object into one for its whole collection, which for DELETE is a disaster; a
 * missing namespace would address another object. Both are errors of the caller.
 */
function objectPath(resource: Resource, key: ObjectKey, subresource?: string): string {
  if (key.name === '') {
    throw new TypeError(`${resource.kind}: the name is empty`);
  }
  return pathOf(resource, namespaceOf(resource, key.namespace), key.name, subresource);
}

function collectionPath(resource: Resource, object: KubeObject): string {
  return pathOf(resource, namespaceOf(resource, object.metadata.namespace));
}

function namespaceOf(resource: Resource, namespace: string | undefined): string | undefined {
  if (resource.namespaced && (namespace === undefined || namespace === '')) {
    throw new TypeError(`${resource.kind}: the namespace is missing`);
  }
  return namespace;
}

function keyOfObject({ metadata }: KubeObject): ObjectKey {
  const name = metadata.name ?? '';
  return metadata.namespace === undefined ? { name } : { namespace: metadata.namespace, name };
}

/** Objects that came from a list may lack the two fields that every write needs. */
function serialise(resource: Resource, object: KubeObject): string {
  return JSON.stringify({ ...object, apiVersion: apiVersionOf(resource), kind: resource.kind });
}

function patchQuery(body: PatchBody, dryRun: boolean): Record<string, string> {
  return {
    ...(dryRun ? { dryRun: 'All' } : {}),
    ...(body.type === 'apply' ? { fieldManager: body.fieldManager, force: String(body.force ?? false) } : {}),
  };
}

function deleteBody({ uid, resourceVersion, propagationPolicy, gracePeriodSeconds }: DeleteOptions): string {
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  });
}
