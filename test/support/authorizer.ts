import type { KubeRequest, KubeResponse } from '../../src/kube/transport.ts';
import type { TransportHooks } from '../../src/simulator/in-process-transport.ts';
import { parseResourcePath } from '../../src/simulator/resource-path.ts';
import type { RbacRequest } from './rbac-rules.ts';

/** What RBAC is asked about a request; undefined for what is no resource, such as `/version`. */
function rbacRequestOf({ method, path, query }: KubeRequest): RbacRequest | undefined {
  const parsed = parseResourcePath(path);
  if (parsed === undefined) return undefined;
  const { group, plural, namespace, name, subresource } = parsed;
  return {
    verb: verbOf(method, name, query),
    group,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

/** Answers what is not allowed as an API server does. */
export function authorizing(isAllowed: (request: RbacRequest) => boolean): TransportHooks {
  return {
    before: (request) => {
      const asked = rbacRequestOf(request);
      return asked === undefined || isAllowed(asked) ? undefined : forbidden(asked);
    },
  };
}

function verbOf(method: string, name: string | undefined, query: KubeRequest['query']): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'GET':
      if (query?.['watch'] === 'true') return 'watch';
      return name === undefined ? 'list' : 'get';
    default:
      return method.toLowerCase();
  }
}

function forbidden({ verb, group = '', resource, name }: RbacRequest): KubeResponse {
  const what = `${group === '' ? resource : `${resource}.${group}`}${name === undefined ? '' : ` "${name}"`}`;
  const message =
    `${what} is forbidden: User "system:serviceaccount:argo-rollouts:linnet-controller" cannot ${verb} resource ` +
    `"${resource}" in API group "${group}" at the cluster scope`;
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Forbidden', code: 403 };
  return { status: 403, headers: { 'content-type': 'application/json' }, body: JSON.stringify(status) };
}
