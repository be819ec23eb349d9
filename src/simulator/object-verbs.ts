import { type ApiResponse, type FullResponse, jsonResponse } from './api-request.ts';
import { isTree, type JsonTree } from './json-tree.ts';
import { listPage } from './list-verb.ts';
import { deletedStatus, deleteObject, deleteRequestOf } from './object-deleter.ts';
import { createObject, updateObject } from './object-writer.ts';
import { patchObject } from './patch-verb.ts';
import { presentList, presentObject } from './present.ts';
import { objectBody, optionalBody } from './request-body.ts';
import { addressOf, matcherOf, type RequestScope } from './request-scope.ts';
import { apiVersionOf, collectionOf } from './resource-type.ts';
import { findObject } from './server-context.ts';
import { badRequest, methodNotAllowed } from './status-error.ts';
import { watchResponse } from './watch-verb.ts';
import { type WriteOptions, writeOptionsOf } from './write-options.ts';

/** Answers a request about a collection. */
export function handleCollection(scope: RequestScope): ApiResponse {
  const { request } = scope;
  switch (request.method) {
    case 'GET':
      return isWatch(scope) ? watchResponse(scope) : jsonResponse(200, presentList(scope, listPage(scope)));
    case 'POST':
      return create(scope);
    case 'DELETE':
      return deleteCollection(scope);
    default:
      throw methodNotAllowed(request.method);
  }
}

/** Answers a request about one object, or about its status. */
export function handleObject(scope: RequestScope, subresource?: 'status'): ApiResponse {
  const { context, request } = scope;
  switch (request.method) {
    case 'GET':
      if (subresource === undefined && isWatch(scope)) return watchResponse(scope);
      return jsonResponse(200, presentObject(scope, findObject(context, addressOf(scope))));
    case 'PUT':
      return replace(scope, subresource);
    case 'PATCH':
      return patch(scope, subresource);
    case 'DELETE':
      if (subresource === undefined) return remove(scope);
      throw methodNotAllowed(request.method);
    default:
      throw methodNotAllowed(request.method);
  }
}

function isWatch({ request }: RequestScope): boolean {
  return request.query['watch'] === 'true' || request.query['watch'] === '1';
}

function create(scope: RequestScope): ApiResponse {
  const { context, path, request, type } = scope;
  if (type.namespaced && path.namespace === undefined) throw methodNotAllowed(request.method);
  const options = writeOptionsOf(request);
  const object = createObject(
    context,
    type,
    type.namespaced ? path.namespace : undefined,
    objectBody(request),
    options,
  );
  return withWarnings(jsonResponse(201, presentObject(scope, object)), options);
}

function replace(scope: RequestScope, subresource: 'status' | undefined): ApiResponse {
  const body = objectBody(scope.request);
  const options = writeOptionsOf(scope.request);
  const change = { ...(subresource === undefined ? {} : { subresource }), apply: () => withName(scope, body) };
  const object = updateObject(scope.context, addressOf(scope), change, options);
  return withWarnings(jsonResponse(200, presentObject(scope, object)), options);
}

/** A replacement may leave out the kind, which the URL tells anyway; the name it must have. */
function withName(scope: RequestScope, body: JsonTree): JsonTree {
  if (!isTree(body['metadata'])) throw badRequest(`metadata.name: Required value: the name of the object is missing`);
  return { apiVersion: apiVersionOf(scope.type), kind: scope.type.kind, ...body };
}

function patch(scope: RequestScope, subresource: 'status' | undefined): ApiResponse {
  const options = writeOptionsOf(scope.request);
  const { object, created } = patchObject(scope, options, subresource);
  return withWarnings(jsonResponse(created ? 201 : 200, presentObject(scope, object)), options);
}

function remove(scope: RequestScope): ApiResponse {
  const address = addressOf(scope);
  const request = deleteRequestOf(optionalBody(scope.request), scope.request.query);
  const { object, isGone } = deleteObject(scope.context, address, request);
  return jsonResponse(200, isGone ? deletedStatus(address, object) : presentObject(scope, object));
}

function deleteCollection(scope: RequestScope): ApiResponse {
  const { context, request, type } = scope;
  if (type.namespaced && scope.path.namespace === undefined) throw methodNotAllowed(request.method);
  const options = deleteRequestOf(optionalBody(request), request.query);
  const doomed = context.storage.list(collectionOf(type)).filter(matcherOf(scope));
  for (const { metadata } of doomed) {
    deleteObject(context, { type, namespace: metadata.namespace, name: metadata.name }, options);
  }
  const resourceVersion = String(context.storage.revision);
  return jsonResponse(200, presentList(scope, { items: doomed, resourceVersion }));
}

/** A quoted string of HTTP: ASCII, with quotes and backslashes escaped. */
function quoted(text: string): string {
  const ascii = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return `"${ascii.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Adds the `Warning` headers of RFC 7234 that kubectl prints. */
function withWarnings(response: FullResponse, { warnings }: WriteOptions): FullResponse {
  if (warnings.length === 0) return response;
  const value = warnings.map((text) => `299 - ${quoted(text)}`).join(', ');
  return { ...response, headers: { ...response.headers, warning: value } };
}
