import { formatRequirements, type LabelSelectorLike, requirementsOf } from '../core/values/labels.ts';
import { type ApiResponse, jsonResponse } from './api-request.ts';
import { type JsonTree, numberAt, setAt, stringAt, valueAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { updateObject } from './object-writer.ts';
import { patchOf } from './patch-verb.ts';
import { objectBody } from './request-body.ts';
import { addressOf, type RequestScope } from './request-scope.ts';
import { kindSubjectOf, type ResourceType, type ScalePaths, subjectOf } from './resource-type.ts';
import { findObject } from './server-context.ts';
import { badRequest, invalid, methodNotAllowed, staleObject } from './status-error.ts';
import { writeOptionsOf } from './write-options.ts';

/** Answers a request about the `scale` subresource: a view of the object as `autoscaling/v1 Scale`. */
export function handleScale(scope: RequestScope, paths: ScalePaths): ApiResponse {
  const { context, request, type } = scope;
  const address = addressOf(scope);
  const live = findObject(context, address);
  switch (request.method) {
    case 'GET':
      return jsonResponse(200, scaleOf(type, live, paths));
    case 'PUT':
      return write(scope, paths, objectBody(request));
    case 'PATCH':
      return write(scope, paths, patchOf(scope)(scaleOf(type, live, paths)));
    default:
      throw methodNotAllowed(request.method);
  }
}

function write(scope: RequestScope, paths: ScalePaths, wanted: JsonTree): ApiResponse {
  const { context, request, type } = scope;
  const address = addressOf(scope);
  const replicas = valueAt(wanted, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(`Scale: spec.replicas: Invalid value: ${JSON.stringify(replicas)}: must be an integer`);
  }
  if (replicas < 0) {
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
        setAt(live, paths.specReplicas, replicas);
        return live;
      },
    },
    writeOptionsOf(request),
  );
  return jsonResponse(200, scaleOf(type, object, paths));
}

function scaleOf(type: ResourceType, object: KubeObject, paths: ScalePaths): JsonTree {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(object, paths);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(type.namespaced ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, ...paths.specReplicas) ?? 0 },
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
