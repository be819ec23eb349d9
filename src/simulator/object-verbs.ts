import { type ApiResponse, type FullResponse, jsonResponse } from './api-request.ts';
import { type JsonTree, stringAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { listPage } from './list-verb.ts';
import { deletedStatus, deleteObject, deleteRequestOf, isPod } from './object-deleter.ts';
import { createObject, updateObject } from './object-writer.ts';
import { type JsonObject, sharedWith } from './patch/json.ts';
import { patchObject } from './patch-verb.ts';
import { presentList, presentObject } from './present.ts';
import { objectBody, optionalBody } from './request-body.ts';
import { addressOf, matcherOf, type RequestScope } from './request-scope.ts';
import { apiVersionOf, collectionOf, subjectOf } from './resource-type.ts';
import { type Address, findObject, isStored } from './server-context.ts';
import { badRequest, conflict, invalid, methodNotAllowed, StatusError } from './status-error.ts';
import { watchResponse } from './watch-verb.ts';
import { flagOf, type WriteOptions, writeOptionsOf } from './write-options.ts';

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
      throw methodNotAllowed();
  }
}

/** Answers a request about one object, or about its status. */
export function handleObject(scope: RequestScope, subresource?: 'status'): ApiResponse {
  const { context, request } = scope;
  switch (request.method) {
    case 'GET':
      return jsonResponse(200, presentObject(scope, findObject(context, addressOf(scope))));
    case 'PUT':
      return replace(scope, subresource);
    case 'PATCH':
      return patch(scope, subresource);
    case 'DELETE':
      if (subresource === undefined) return remove(scope);
      throw notSupported(scope, 'delete');
    default:
      throw subresource === undefined ? methodNotAllowed() : notSupported(scope, 'create');
  }
}

/** What a subresource does not do; the servers of built-in and custom kinds say it in different words. */
function notSupported({ type }: RequestScope, verb: string): StatusError {
  if (type.builtIn) return methodNotAllowed();
  const { group, plural } = type;
  const message = `${verb} is not supported on resources of kind "${plural}.${group}"`;
  return new StatusError(405, 'MethodNotAllowed', message, { group, kind: plural });
}

function isWatch({ request }: RequestScope): boolean {
  return flagOf(request.query['watch']);
}

function create(scope: RequestScope): ApiResponse {
  const { context, path, request, type } = scope;
  if (type.namespaced && path.namespace === undefined) throw methodNotAllowed();
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
  const { type } = scope;
  const address = addressOf(scope);
  if (type.createsOnUpdate && subresource === undefined && !isStored(scope.context, address)) {
    const created = createObject(scope.context, type, address.namespace, withName(scope, body), options);
    return withWarnings(jsonResponse(201, presentObject(scope, created)), options);
  }
  const change = {
    ...(subresource === undefined ? {} : { subresource }),
    apply: (live: KubeObject) => {
      requireOwnVersion(address, live, body);
      return sharedWith(live as unknown as JsonObject, withName(scope, body) as JsonObject) as JsonTree;
    },
  };
  const object = updateObject(scope.context, address, change, options);
  return withWarnings(jsonResponse(200, presentObject(scope, object)), options);
}

/** What a replacement must say, beyond what any update must, of the object that it replaces. */
function requireOwnVersion({ type, name, namespace }: Address, live: KubeObject, body: JsonTree): void {
  const uid = stringAt(body, 'metadata', 'uid') ?? '';
  if (uid !== '' && uid !== live.metadata.uid) {
    const group = type.group === '' ? '' : `${type.group}/`;
    const key = `/registry/${group}${type.plural}/${namespace === undefined ? '' : `${namespace}/`}${name}`;
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
    const error = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
    throw conflict(subjectOf(type, name), error);
  }
  if (!type.needsVersion || (stringAt(body, 'metadata', 'resourceVersion') ?? '') !== '') return;
  const message = 'Invalid value: 0: must be specified for an update';
  throw invalid(subjectOf(type, name), [{ reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }]);
}

/** A replacement may leave out the kind, which the URL tells anyway; the name it must have. */
function withName(scope: RequestScope, body: JsonTree): JsonTree {
  const { name } = addressOf(scope);
  if ((stringAt(body, 'metadata', 'name') ?? '') === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (!scope.type.builtIn) return body;
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
  return jsonResponse(200, isGone && !isPod(object) ? deletedStatus(address, object) : presentObject(scope, object));
}

function deleteCollection(scope: RequestScope): ApiResponse {
  const { context, request, type } = scope;
  if (type.namespaced && scope.path.namespace === undefined) throw methodNotAllowed();
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
