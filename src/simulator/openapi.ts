import { createHash } from 'node:crypto';
import { type ApiRequest, type ApiResponse, jsonResponse } from './api-request.ts';
import type { JsonTree } from './json-tree.ts';
import { modelComponents, modelRef } from './openapi-models.ts';
import { openApiPaths } from './openapi-paths.ts';
import type { Registry } from './registry.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';

const ROOT = '/openapi/v3';

/**
 * Answers `/openapi/v3` and the group documents that it lists; undefined for other paths. They hold what kubectl reads:
 * schemas for `explain`, and which writes take `dryRun` and `fieldValidation`. There is no v2 document: kubectl then
 * patches built-in kinds by its own knowledge of them.
 */
export function openApiResponse(registry: Registry, request: ApiRequest): ApiResponse | undefined {
  if (request.path === ROOT) return jsonResponse(200, indexOf(registry));
  if (!request.path.startsWith(`${ROOT}/`)) return undefined;
  const types = groupVersions(registry).get(request.path.slice(ROOT.length + 1));
  return types === undefined ? undefined : jsonResponse(200, documentOf(types));
}

/** The types of each group and version by the path of their documents, such as `apis/apps/v1`. */
function groupVersions(registry: Registry): Map<string, ResourceType[]> {
  const found = new Map<string, ResourceType[]>();
  for (const type of registry.all()) {
    const path = `${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;
    found.set(path, [...(found.get(path) ?? []), type]);
  }
  return found;
}

function indexOf(registry: Registry): JsonTree {
  const entries = [...groupVersions(registry)].map(([path, types]) => [
    path,
    { serverRelativeURL: `${ROOT}/${path}?hash=${hashOf(types)}` },
  ]);
  return { paths: Object.fromEntries(entries) };
}

/** Clients keep documents by hash, so it changes with the content; that of built-in kinds never does. */
function hashOf(types: readonly ResourceType[]): string {
  const content = types.map((type) => [type.plural, type.kind, type.namespaced, type.builtIn ? null : type.schema()]);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').toUpperCase();
}

function documentOf(types: readonly ResourceType[]): JsonTree {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.0' },
    paths: Object.assign({}, ...types.map(openApiPaths)) as JsonTree,
    components: { schemas: Object.assign({}, ...types.map(schemasOf)) as JsonTree },
  };
}

function schemasOf(type: ResourceType): JsonTree {
  const gvk = { 'x-kubernetes-group-version-kind': [{ group: type.group, version: type.version, kind: type.kind }] };
  if (type.model !== undefined) {
    const components = modelComponents(type.model);
    const name = modelRef(type.model);
    return { ...components, [name]: { ...(components[name] as JsonTree), ...gvk } };
  }
  const schema = (type.schema() ?? {}) as JsonTree;
  const name = `${type.group.split('.').reverse().join('.')}.${type.version}.${type.kind}`;
  const properties = {
    ...(schema['properties'] as JsonTree | undefined),
    apiVersion: { type: 'string', description: 'The version of the API that this object is written in.' },
    kind: { type: 'string', description: 'The kind of this object.' },
    metadata: {
      description: "Standard object's metadata.",
      allOf: [{ $ref: `#/components/schemas/${modelRef('V1ObjectMeta')}` }],
    },
  };
  return { ...modelComponents('V1ObjectMeta'), [name]: { type: 'object', ...schema, properties, ...gvk } };
}
