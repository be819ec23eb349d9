import { formatRequirements, type LabelSelectorLike, requirementsOf } from '../core/values/labels.ts';
import { type ApiResponse, jsonResponse } from './api-request.ts';
import { type JsonTree, numberAt, stringAt, valueAt, withAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { updateObject } from './object-writer.ts';
import { patchOf } from './patch-verb.ts';
import { objectBody } from './request-body.ts';
import { addressOf, type RequestScope } from './request-scope.ts';
import { kindSubjectOf, type ResourceType, type ScalePaths, subjectOf } from './resource-type.ts';
import { findObject } from './server-context.ts';
import { badRequest, invalid, methodNotAllowed, StatusError, staleObject } from './status-error.ts';
import { writeOptionsOf } from './write-options.ts';

/** Answers a request about the `scale` subresource: a view of the object as `autoscaling/v1 Scale`. */
export function handleScale(scope: RequestScope, paths: ScalePaths): ApiResponse {
  const { context, request, type } = scope;
  const address = addressOf(scope);
  const live = findObject(context, address);
  switch (request.method) {
    case 'GET':
      requireReplicas(type, live, paths);
      return jsonResponse(200, scaleOf(type, live, paths));
    case 'PUT':
      return write(scope, paths, objectBody(request));
    case 'PATCH':
      return write(scope, paths, patchOf(scope)(scaleOf(type, live, paths)));
    default:
      throw methodNotAllowed();
  }
}

/** A custom resource that does not say its replicas cannot be scaled by looking: an autoscaler gets this error. */
function requireReplicas(type: ResourceType, live: KubeObject, paths: ScalePaths): void {
  if (type.builtIn || numberAt(live, ...paths.specReplicas) !== undefined) return;
  const message = `the spec replicas field ".${paths.specReplicas.join('.')}" does not exist`;
  throw new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

function write(scope: RequestScope, paths: ScalePaths, wanted: JsonTree): ApiResponse {
  const { context, request, type } = scope;
  const address = addressOf(scope);
  const replicas = valueAt(wanted, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(`Scale: spec.replicas: Invalid value: ${JSON.stringify(replicas)}: must be an integer`);
  }
  const name = stringAt(wanted, 'metadata', 'name') ?? address.name;
  if (name !== address.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${address.name})`);
  }
  // That of a custom resource is checked with all of it.
  if (replicas < 0 && type.builtIn) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid(kindSubjectOf({ group: 'autoscaling', kind: 'Scale' }, address.name), [
      { reason: 'FieldValueInvalid', message, field: 'spec.replicas' },
    ]);
  }
  const version = stringAt(wanted, 'metadata', 'resourceVersion');
  const object = updateObject(
    context,
    address,
    {
      subresource: 'scale',
      apply: (live) => {
        const isStale = version !== undefined && version !== '' && version !== live.metadata.resourceVersion;
        if (isStale) throw staleObject(subjectOf(type, address.name));
        return withAt(live, paths.specReplicas, replicas);
      },
    },
    writeOptionsOf(request),
  );
  return jsonResponse(200, scaleOf(type, object, paths));
}

function scaleOf(type: ResourceType, object: KubeObject, paths: ScalePaths): JsonTree {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(object, paths);
  const replicas = numberAt(object, ...paths.specReplicas) ?? 0;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(type.namespaced ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    // Go leaves a zero out.
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberAt(object, ...paths.statusReplicas) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

function selectorText(object: KubeObject, paths: ScalePaths): string {
  if (paths.selectorText !== undefined) return stringAt(object, ...paths.selectorText) ?? '';
  const requirements = requirementsOf(object.spec?.['selector'] as LabelSelectorLike | undefined);
  return requirements === undefined ? '' : formatRequirements(requirements);
}
