import type { Clock } from '../runtime/clock.ts';
import { type ApiRequest, type ApiResponse, jsonResponse, textResponse } from './api-request.ts';
import { builtInTypes } from './builtin-types.ts';
import { DefinitionLifecycle } from './definition-lifecycle.ts';
import { discoveryResponse } from './discovery.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { NamespaceLifecycle } from './namespace-lifecycle.ts';
import { mediumOf } from './negotiation.ts';
import { handleCollection, handleObject } from './object-verbs.ts';
import { createObject } from './object-writer.ts';
import { openApiResponse } from './openapi.ts';
import { PatchError } from './patch/patch-error.ts';
import { handleBinding, handleEviction, handleLog } from './pod-actions.ts';
import { type Random, seededRandom } from './random.ts';
import { Registry } from './registry.ts';
import type { RequestScope } from './request-scope.ts';
import { parseResourcePath, type ResourcePath } from './resource-path.ts';
import { subjectOf } from './resource-type.ts';
import { handleReview } from './reviews.ts';
import { handleScale } from './scale.ts';
import type { ServerContext } from './server-context.ts';
import { serverInfoResponse } from './server-info.ts';
import { notFound, StatusError, tooLargeBody, unknownPath } from './status-error.ts';
import { Storage } from './storage.ts';
import { watchResponse } from './watch-verb.ts';
import { internalWrite } from './write-options.ts';

export interface ApiServerOptions {
  readonly clock: Clock;
  /** Source of uids and generated names; the default gives the same ones in every run. */
  readonly random?: Random;
  /** How many revisions stay readable before compaction. */
  readonly historyLimit?: number;
}

/** Of a request's body (`MaxRequestBodyBytes`). */
const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Namespaces that every cluster has. */
const INITIAL_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/**
 * A Kubernetes API server in memory. It behaves like the real one as far as this project's users can tell, and in the
 * same way on every run: time comes from the clock, names and uids from the random source.
 */
export class ApiServer {
  /** For parts that live inside the server: the garbage collector, namespace deletion, actors. */
  readonly context: ServerContext;

  constructor(options: ApiServerOptions) {
    this.context = {
      storage: new Storage(options.historyLimit),
      registry: new Registry(builtInTypes()),
      clock: options.clock,
      random: options.random ?? seededRandom(1),
    };
    // In this order: a definition has to be served before the garbage collector sees its resources.
    new DefinitionLifecycle(this.context).start();
    new NamespaceLifecycle(this.context).start();
    new GarbageCollector(this.context).start();
    for (const name of INITIAL_NAMESPACES) this.#createNamespace(name);
  }

  /** Answers one request. Never rejects: what goes wrong becomes a Status. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    // An answer never comes in the same turn as its question, as over a network.
    await Promise.resolve();
    const response = this.#answer(request);
    const date = new Date(this.context.clock.now()).toUTCString();
    return { ...response, headers: { ...response.headers, date } };
  }

  #answer(request: ApiRequest): ApiResponse {
    try {
      return this.#route(request);
    } catch (error) {
      return errorResponse(error);
    }
  }

  #createNamespace(name: string): void {
    const type = this.context.registry.anyVersion('', 'namespaces');
    if (type === undefined) return;
    createObject(this.context, type, undefined, { metadata: { name } }, internalWrite('kube-apiserver'));
  }

  #route(request: ApiRequest): ApiResponse {
    const { registry } = this.context;
    const path = parseResourcePath(request.path);
    if (path === undefined) return this.#describe(request);
    const type = registry.find(path.group, path.version, path.plural);
    const isKnownGroup = (): boolean => registry.all().some((other) => other.builtIn && other.group === path.group);
    if (type === undefined && !isKnownGroup()) return textResponse(404, '404 page not found\n');
    if (type === undefined) throw unknownPath();
    // A custom resource is created in a namespace or nowhere.
    const isNowhere = !type.builtIn && type.namespaced && path.namespace === undefined && request.method !== 'GET';
    if (isNowhere) return textResponse(404, '404 page not found\n');
    requireSize(request);
    const medium = mediumOf(request.headers['accept']);
    return handleResource({ context: this.context, request, path, type, medium }, path);
  }

  /** What the server says of itself. */
  #describe(request: ApiRequest): ApiResponse {
    const { registry } = this.context;
    const found =
      serverInfoResponse(request) ?? discoveryResponse(registry, request) ?? openApiResponse(registry, request);
    return found ?? textResponse(404, '404 page not found\n');
  }
}

/** Throws 413. */
function requireSize({ body }: ApiRequest): void {
  if ((body?.length ?? 0) > MAX_BODY_BYTES) throw tooLargeBody(MAX_BODY_BYTES);
}

function handleResource(scope: RequestScope, path: ResourcePath): ApiResponse {
  if (scope.type.createOnly === true) return handleReview(scope);
  if (path.isWatch === true) return watchResponse(scope);
  if (path.name === undefined) return handleCollection(scope);
  const { type } = scope;
  const unknown = (): StatusError => (type.builtIn ? unknownPath() : notFound(subjectOf(type, path.name ?? '')));
  switch (path.subresource) {
    case undefined:
      return handleObject(scope);
    case 'status':
      if (type.hasStatus) return handleObject(scope, 'status');
      throw unknown();
    case 'scale':
      if (type.scale !== undefined) return handleScale(scope, type.scale);
      throw unknown();
    default:
      if (!type.builtIn) throw unknown();
      return handleAction(scope, path.subresource);
  }
}

function handleAction(scope: RequestScope, name: string): ApiResponse {
  const action = scope.type.actions.find((candidate) => candidate === name);
  switch (action) {
    case 'eviction':
      return handleEviction(scope);
    case 'binding':
      return handleBinding(scope);
    case 'log':
      return handleLog(scope);
    case undefined:
      throw unknownPath();
  }
}

function errorResponse(error: unknown): ApiResponse {
  const failure = asStatusError(error);
  const retryAfter = failure.details?.['retryAfterSeconds'];
  const headers = typeof retryAfter === 'number' ? { 'retry-after': String(retryAfter) } : {};
  return jsonResponse(failure.code, failure.toStatus(), headers);
}

function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof PatchError) {
    return new StatusError(error.status, error.reason, error.message, error.status === 422 ? {} : undefined);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new StatusError(500, 'InternalError', `Internal error occurred in the simulator: ${text}`);
}
