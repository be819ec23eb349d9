import type { KubeObject } from '../../src/api/core-types.ts';

/** A request as Kubernetes' authorizer, and an audit log's `verb` and `objectRef`, see it. */
export interface RbacRequest {
  readonly verb: string;
  /** Empty or absent for the core group. */
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Absent for cluster-scoped objects and for requests across all namespaces. */
  readonly namespace?: string;
  /** Absent for requests about a collection; creations are. */
  readonly name?: string;
}

interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role extends KubeObject {
  readonly rules?: readonly PolicyRule[];
}

interface Binding extends KubeObject {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

/** One verb on one resource, granted by one rule: the smallest thing that could be taken away. */
interface Grant {
  /** Such as `ClusterRole/linnet-controller`. */
  readonly role: string;
  readonly verb: string;
  readonly group: string;
  /** With its subresource, as in a rule. */
  readonly resource: string;
  /** Empty: any. */
  readonly names: readonly string[];
  /** Absent: everywhere. */
  readonly namespace: string | undefined;
}

/** What a ServiceAccount may do by the Roles and bindings among rendered manifests. */
export class RbacRules {
  readonly #grants: readonly Grant[];

  constructor(objects: readonly KubeObject[], account: { readonly namespace: string; readonly name: string }) {
    const roles = objects.filter(isRole);
    this.#grants = bindingsOf(objects, account).flatMap((binding) => {
      const namespace = binding.kind === 'RoleBinding' ? binding.metadata.namespace : undefined;
      const role = roles.find((candidate) => isBoundBy(candidate, binding));
      if (role === undefined) throw new Error(`${binding.kind} ${binding.metadata.name}: its role is not there`);
      return (role.rules ?? []).flatMap((rule) => grantsOf(role, rule, namespace));
    });
  }

  allows(request: RbacRequest): boolean {
    return this.#grants.some((grant) => covers(grant, request));
  }

  /** What none of the requests needed, as `ROLE: VERB RESOURCE.GROUP [NAMES]`. */
  unused(requests: readonly RbacRequest[]): readonly string[] {
    const idle = this.#grants.filter((grant) => !requests.some((request) => covers(grant, request)));
    return idle.map(({ role, verb, group, resource, names }) => {
      const what = group === '' ? resource : `${resource}.${group}`;
      return `${role}: ${verb} ${what}${names.length === 0 ? '' : ` ${names.join(',')}`}`;
    });
  }
}

function isRole(object: KubeObject): object is Role {
  return object.kind === 'Role' || object.kind === 'ClusterRole';
}

function isBinding(object: KubeObject): object is Binding {
  return object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding';
}

function bindingsOf(
  objects: readonly KubeObject[],
  account: { readonly namespace: string; readonly name: string },
): readonly Binding[] {
  return objects
    .filter(isBinding)
    .filter(({ subjects }) =>
      subjects?.some(
        ({ kind, name, namespace }) =>
          kind === 'ServiceAccount' && name === account.name && namespace === account.namespace,
      ),
    );
}

function isBoundBy(role: Role, { roleRef, metadata }: Binding): boolean {
  if (role.kind !== roleRef.kind || role.metadata.name !== roleRef.name) return false;
  return role.kind === 'ClusterRole' || role.metadata.namespace === metadata.namespace;
}

function grantsOf(role: Role, rule: PolicyRule, namespace: string | undefined): readonly Grant[] {
  const { apiGroups = [], resources = [], resourceNames = [], verbs } = rule;
  const name = `${role.kind}/${role.metadata.name}`;
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => ({ role: name, verb, group, resource, names: resourceNames, namespace })),
    ),
  );
}

function covers({ verb, group, resource, names, namespace }: Grant, request: RbacRequest): boolean {
  const wanted = request.subresource === undefined ? request.resource : `${request.resource}/${request.subresource}`;
  return (
    (verb === '*' || verb === request.verb) &&
    (group === '*' || group === (request.group ?? '')) &&
    (resource === '*' || resource === wanted) &&
    (names.length === 0 || names.includes(request.name ?? '')) &&
    (namespace === undefined || namespace === request.namespace)
  );
}
