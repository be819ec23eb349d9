import { type ApiRequest, type ApiResponse, jsonResponse } from './api-request.ts';
import type { JsonTree } from './json-tree.ts';
import type { Registry } from './registry.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';

const COLLECTION_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];
/** kubectl takes aggregated discovery only with exactly this content type. */
const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Answers `/api`, `/apis` and what is below them down to a group's version; undefined for other paths. */
export function discoveryResponse(registry: Registry, request: ApiRequest): ApiResponse | undefined {
  const parts = request.path.split('/').filter((part) => part !== '');
  const [prefix, first, second] = parts;
  if (request.method !== 'GET' || (prefix !== 'api' && prefix !== 'apis')) return undefined;
  if (parts.length === 1) return rootResponse(registry, prefix, request.headers['accept'] ?? '');
  if (prefix === 'api' && parts.length === 2) return resourceList(registry, '', first ?? '');
  if (prefix === 'apis' && parts.length === 2) return groupResponse(registry, first ?? '');
  if (prefix === 'apis' && parts.length === 3) return resourceList(registry, first ?? '', second ?? '');
  return undefined;
}

function rootResponse(registry: Registry, prefix: 'api' | 'apis', accept: string): ApiResponse {
  const groups = groupsOf(registry).filter((group) => (group.name === '') === (prefix === 'api'));
  if (accept.includes('as=APIGroupDiscoveryList') && accept.includes('v=v2;')) {
    const body = {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: groups.map(aggregated),
    };
    return jsonResponse(200, body, { 'content-type': AGGREGATED_TYPE });
  }
  if (prefix === 'api')
    return jsonResponse(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
  return jsonResponse(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(legacyGroup) });
}

interface Group {
  readonly name: string;
  readonly versions: ReadonlyMap<string, readonly ResourceType[]>;
}

/** Groups in the order of installation; each group's versions, most stable and newest first. */
function groupsOf(registry: Registry): Group[] {
  const groups = new Map<string, Map<string, ResourceType[]>>();
  for (const type of registry.all()) {
    const versions = groups.get(type.group) ?? new Map<string, ResourceType[]>();
    groups.set(type.group, versions);
    versions.set(type.version, [...(versions.get(type.version) ?? []), type]);
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: new Map([...versions].sort(([left], [right]) => compareVersions(right, left))),
  }));
}

/** Kubernetes' order of versions: v2 > v1 > v1beta2 > v1beta1 > v1alpha1 > anything else. */
function compareVersions(left: string, right: string): number {
  const rank = (version: string): number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [0, 0, 0];
    const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
    return [stability, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [a, b] = [rank(left), rank(right)];
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing === -1 ? left.localeCompare(right) : (a[differing] ?? 0) - (b[differing] ?? 0);
}

function aggregated(group: Group): JsonTree {
  return {
    metadata: { name: group.name, creationTimestamp: null },
    versions: [...group.versions].map(([version, types]) => ({
      version,
      freshness: 'Current',
      resources: types.map(aggregatedResource),
    })),
  };
}

function aggregatedResource(type: ResourceType): JsonTree {
  const subresources = subresourcesOf(type).map(({ name, group, version, kind, verbs }) => ({
    subresource: name,
    responseKind: { group, version, kind },
    verbs,
  }));
  return {
    resource: type.plural,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: verbsOf(type),
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

interface Subresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

function subresourcesOf(type: ResourceType): Subresource[] {
  const own = { group: type.group, version: type.version, kind: type.kind };
  const found: Subresource[] = [];
  if (type.hasStatus) found.push({ name: 'status', ...own, verbs: SUBRESOURCE_VERBS });
  if (type.scale !== undefined) {
    found.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: SUBRESOURCE_VERBS });
  }
  for (const action of type.actions) {
    switch (action) {
      case 'eviction':
        found.push({ name: action, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] });
        break;
      case 'binding':
        found.push({ name: action, group: '', version: 'v1', kind: 'Binding', verbs: ['create'] });
        break;
      case 'log':
        found.push({ name: action, ...own, verbs: ['get'] });
        break;
    }
  }
  return found;
}

function legacyGroup(group: Group): JsonTree {
  const versions = [...group.versions.keys()].map((version) => ({ groupVersion: `${group.name}/${version}`, version }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

function groupResponse(registry: Registry, name: string): ApiResponse | undefined {
  const group = groupsOf(registry).find((candidate) => candidate.name === name);
  return group === undefined
    ? undefined
    : jsonResponse(200, { kind: 'APIGroup', apiVersion: 'v1', ...legacyGroup(group) });
}

function resourceList(registry: Registry, group: string, version: string): ApiResponse | undefined {
  const types = registry.all().filter((type) => type.group === group && type.version === version);
  if (types.length === 0) return undefined;
  const resources = types.flatMap((type) => [
    {
      name: type.plural,
      singularName: type.singular,
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: verbsOf(type),
      ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
      ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    },
    ...subresourcesOf(type).map((subresource) => ({
      name: `${type.plural}/${subresource.name}`,
      singularName: '',
      namespaced: type.namespaced,
      // Said where it is another than that of the list.
      ...(subresource.group === type.group && subresource.version === type.version
        ? {}
        : { group: subresource.group, version: subresource.version }),
      kind: subresource.kind,
      verbs: subresource.verbs,
    })),
  ]);
  const groupVersion = apiVersionOf({ group, version });
  return jsonResponse(200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources });
}

function verbsOf(type: ResourceType): readonly string[] {
  return type.createOnly === true ? ['create'] : COLLECTION_VERBS;
}
