import type { JsonTree } from './json-tree.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';

/** The query parameters of writes by which kubectl recognises what a server supports. */
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

/**
 * Patch formats. Strategic merge patch is taken but not listed: kubectl would then compute such patches from merge keys
 * in these documents, which the declarations they are made from do not carry; unlisted, it uses its own.
 */
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

/** The operations of one resource by path. */
export function openApiPaths(type: ResourceType): JsonTree {
  const root = `/${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;
  const collection = `${root}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}`;
  const post = operation(type, 'post', WRITE_PARAMETERS);
  if (type.createOnly === true) return { [collection]: { post } };
  return {
    [collection]: { get: operation(type, 'list'), post, delete: operation(type, 'deletecollection', WRITE_PARAMETERS) },
    [`${collection}/{name}`]: {
      get: operation(type, 'get'),
      put: operation(type, 'put', WRITE_PARAMETERS),
      patch: {
        ...operation(type, 'patch', WRITE_PARAMETERS),
        requestBody: { content: Object.fromEntries(PATCH_TYPES.map((mediaType) => [mediaType, {}])) },
      },
      delete: operation(type, 'delete', WRITE_PARAMETERS),
    },
  };
}

function operation(type: ResourceType, action: string, parameters: readonly JsonTree[] = []): JsonTree {
  const { group, version, kind } = type;
  return {
    operationId: `${action}${kind}`,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters,
    responses: { '200': { description: 'OK' } },
  };
}
