import type { ApiRequest } from './api-request.ts';
import type { Medium } from './negotiation.ts';
import type { ResourcePath } from './resource-path.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';
import { type Matcher, parseFieldSelector, parseLabelSelector } from './selectors.ts';
import type { Address, ServerContext } from './server-context.ts';
import { methodNotAllowed } from './status-error.ts';

/** A request about a resource that exists. */
export interface RequestScope {
  readonly context: ServerContext;
  readonly request: ApiRequest;
  readonly path: ResourcePath;
  readonly type: ResourceType;
  /** How the client wants objects. */
  readonly medium: Medium;
}

/** The one object that the request is about; 405 when it is about a collection. */
export function addressOf({ path, type }: RequestScope): Address {
  if (path.name === undefined || (type.namespaced && path.namespace === undefined)) {
    throw methodNotAllowed();
  }
  return { type, namespace: type.namespaced ? path.namespace : undefined, name: path.name };
}

/** Whether an object is meant by the namespace, name and selectors of a request about a collection. */
export function matcherOf({ request, path, type }: RequestScope): Matcher {
  const labels = parseLabelSelector(request.query['labelSelector'] ?? '');
  const fields = parseFieldSelector(request.query['fieldSelector'] ?? '', type);
  const namespace = type.namespaced ? path.namespace : undefined;
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (path.name === undefined || object.metadata.name === path.name) &&
    labels(object) &&
    fields(object);
}

/** The kind of this resource's lists. */
export function listKindOf(type: ResourceType): { apiVersion: string; kind: string } {
  return { apiVersion: apiVersionOf(type), kind: type.listKind };
}
