import { cloneTree, type JsonTree, stringAt, treeAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { keyOf } from './kube-object.ts';
import { applyServerSideTo } from './managed-fields.ts';
import { type Change, createObject, updateObject } from './object-writer.ts';
import type { Json, JsonObject } from './patch/json.ts';
import { applyJsonPatch } from './patch/json-patch.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import { applyStrategicMerge } from './patch/strategic-merge.ts';
import { contentTypeOf, parseJson, parseYamlText, requireObject, textOf } from './request-body.ts';
import { addressOf, type RequestScope } from './request-scope.ts';
import { collectionOf, type ResourceType } from './resource-type.ts';
import { badRequest, unsupportedMediaType } from './status-error.ts';
import type { WriteOptions } from './write-options.ts';

const APPLY_TYPE = 'application/apply-patch+yaml';

/** What a patch of any kind made: the object, and whether it is new (server-side apply creates what is missing). */
export interface PatchResult {
  readonly object: KubeObject;
  readonly created: boolean;
}

/** Patches the object of the request, or the given subresource of it. */
export function patchObject(
  scope: RequestScope,
  options: WriteOptions,
  subresource?: Change['subresource'],
): PatchResult {
  if (contentTypeOf(scope.request) === APPLY_TYPE) return serverSideApply(scope, options, subresource);
  const patch = patchOf(scope);
  const change: Change = {
    ...(subresource === undefined ? {} : { subresource }),
    apply: (live) => cloneTree(patch(live)),
  };
  return { object: updateObject(scope.context, addressOf(scope), change, options), created: false };
}

/** The function that a request's patch is. */
export function patchOf({ request, type }: RequestScope): (document: JsonTree) => JsonTree {
  const contentType = contentTypeOf(request);
  switch (contentType) {
    case 'application/json-patch+json': {
      const operations = parseJson(textOf(request)) as Json;
      return (document) => applyJsonPatch(document as JsonObject, operations);
    }
    case 'application/merge-patch+json': {
      const patch = requireObject(parseJson(textOf(request)));
      return (document) => applyMergePatch(document as JsonObject, patch as Json);
    }
    case 'application/strategic-merge-patch+json': {
      requireStrategicMerge(type);
      const patch = requireObject(parseJson(textOf(request)));
      return (document) => applyStrategicMerge(type.kind, document as JsonObject, patch as JsonObject);
    }
    default:
      throw unsupportedMediaType(unsupported(contentType, type));
  }
}

function requireStrategicMerge(type: ResourceType): void {
  if (!type.builtIn) throw unsupportedMediaType(unsupported('application/strategic-merge-patch+json', type));
}

function unsupported(contentType: string, type: ResourceType): string {
  const accepted = [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(type.builtIn ? ['application/strategic-merge-patch+json'] : []),
    APPLY_TYPE,
  ];
  return `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')} (got "${contentType}")`;
}

function serverSideApply(scope: RequestScope, options: WriteOptions, subresource: Change['subresource']): PatchResult {
  const { context, request, type } = scope;
  if (request.query['fieldManager'] === undefined) {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  const address = addressOf(scope);
  const applied = named(requireObject(parseYamlText(textOf(request))), address.name);
  const write = { context, type, applied, options, subresource };
  const exists = context.storage.get(collectionOf(type), keyOf(address.namespace, address.name)) !== undefined;
  if (!exists && subresource === undefined) {
    const draft = applyServerSideTo({ ...write, live: undefined });
    return { object: createObject(context, type, address.namespace, draft, options, true), created: true };
  }
  const change: Change = {
    ...(subresource === undefined ? {} : { subresource }),
    managesFields: true,
    apply: (live) => cloneTree(applyServerSideTo({ ...write, live })),
  };
  return { object: updateObject(context, address, change, options), created: false };
}

/** The configuration with the name of its URL, which it may leave out but not contradict. */
function named(applied: JsonTree, name: string): JsonTree {
  const given = stringAt(applied, 'metadata', 'name') ?? name;
  if (given === name) return { ...applied, metadata: { ...treeAt(applied, 'metadata'), name } };
  throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}
