import { type JsonTree, stringAt, treeAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { applyServerSideTo } from './managed-fields.ts';
import { type Change, createObject, updateObject } from './object-writer.ts';
import { type Json, type JsonObject, sharedWith } from './patch/json.ts';
import { applyJsonPatch } from './patch/json-patch.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import { applyStrategicMerge } from './patch/strategic-merge.ts';
import { contentTypeOf, parseJson, parseYamlText, requireObject, textOf } from './request-body.ts';
import { addressOf, type RequestScope } from './request-scope.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';
import { prune, validate } from './schema/structural.ts';
import { isStored } from './server-context.ts';
import {
  badRequest,
  DecodingError,
  invalid,
  type StatusError,
  unforeseen,
  unsupportedMediaType,
} from './status-error.ts';
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
    apply: patch,
  };
  try {
    return { object: updateObject(scope.context, addressOf(scope), change, options), created: false };
  } catch (error) {
    throw error instanceof DecodingError ? unfit(error, textOf(scope.request)) : error;
  }
}

/** A patch that leads to something that is not of the kind: 422, about nothing in particular. */
function unfit(error: DecodingError, patch: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(patch)}: ${error.message}`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
  return invalid({ group: '', resource: '', name: '' }, causes);
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
      throw unsupportedMediaType(unsupported(type));
  }
}

function requireStrategicMerge(type: ResourceType): void {
  if (!type.builtIn) throw unsupportedMediaType(unsupported(type));
}

function unsupported(type: ResourceType): string {
  const accepted = [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(type.builtIn ? ['application/strategic-merge-patch+json'] : []),
    APPLY_TYPE,
  ];
  return `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
}

function serverSideApply(scope: RequestScope, options: WriteOptions, subresource: Change['subresource']): PatchResult {
  const { context, request, type } = scope;
  const address = addressOf(scope);
  const applied = named(requireObject(parseYamlText(textOf(request))), address.name);
  requireApplicable(type, applied);
  const write = { context, type, applied, options, subresource };
  if (!isStored(context, address) && subresource === undefined) {
    const draft = applyServerSideTo({ ...write, live: undefined });
    return { object: createObject(context, type, address.namespace, draft, options, true), created: true };
  }
  const change: Change = {
    ...(subresource === undefined ? {} : { subresource }),
    managesFields: true,
    apply: (live) => {
      const result = applyServerSideTo({ ...write, live }) as JsonObject;
      return withIdentity(sharedWith(live as unknown as JsonObject, result) as JsonTree, applied);
    },
  };
  return { object: updateObject(context, address, change, options), created: false };
}

/** The version and uid that the configuration says its object has, for the checks that every update passes. */
function withIdentity(object: JsonTree, applied: JsonTree): JsonTree {
  const { uid, resourceVersion } = treeAt(applied, 'metadata') ?? {};
  const claimed = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return { ...object, metadata: { ...treeAt(object, 'metadata'), ...claimed } };
}

/** A configuration has to have the type of its kind through and through, whatever `fieldValidation` says. */
function requireApplicable(type: ResourceType, applied: JsonTree): void {
  const { apiVersion, kind } = applied;
  if (apiVersion === undefined || kind === undefined) {
    throw badRequest(`invalid object type: /, Kind=${typeof kind === 'string' ? kind : ''}`);
  }
  if (applied['managedFields'] !== undefined || treeAt(applied, 'metadata')?.['managedFields'] !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const schema = type.schema();
  if (schema === undefined) return;
  const pruned = prune(applied as JsonObject, schema);
  const mistyped = validate(schema, pruned.value).filter((error) => error.type === 'FieldValueTypeInvalid');
  const errors = [
    ...pruned.removed.map((field) => `.${field}: field not declared in schema`),
    ...mistyped.map((error) => `.${error.field}: ${error.message}`),
  ];
  if (errors.length === 0) return;
  const found = errors.length === 1 ? errors.join('') : `errors:\n${errors.map((text) => `  ${text}`).join('\n')}`;
  const [namespace = '', name = ''] = ['namespace', 'name'].map((field) => stringAt(applied, 'metadata', field));
  const version = type.group === '' ? `/${type.version}` : apiVersionOf(type);
  throw unforeseen(
    `failed to create typed patch object (${namespace}/${name}; ${version}, Kind=${type.kind}): ${found}`,
  );
}

/** The configuration with the name of its URL, which it may leave out but not contradict. */
function named(applied: JsonTree, name: string): JsonTree {
  const given = stringAt(applied, 'metadata', 'name') ?? name;
  if (given === name) return { ...applied, metadata: { ...treeAt(applied, 'metadata'), name } };
  throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}
