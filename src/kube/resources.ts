/** Where a kind lives in the Kubernetes API. */
export interface Resource {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, lower-case name in URLs. */
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const resource = (group: string, version: string, plural: string, kind: string, namespaced = true): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

export const ROLLOUTS = resource('argoproj.io', 'v1alpha1', 'rollouts', 'Rollout');
export const ANALYSIS_RUNS = resource('argoproj.io', 'v1alpha1', 'analysisruns', 'AnalysisRun');
export const ANALYSIS_TEMPLATES = resource('argoproj.io', 'v1alpha1', 'analysistemplates', 'AnalysisTemplate');
export const CLUSTER_ANALYSIS_TEMPLATES = resource(
  'argoproj.io',
  'v1alpha1',
  'clusteranalysistemplates',
  'ClusterAnalysisTemplate',
  false,
);
export const EXPERIMENTS = resource('argoproj.io', 'v1alpha1', 'experiments', 'Experiment');
export const REPLICA_SETS = resource('apps', 'v1', 'replicasets', 'ReplicaSet');
export const DEPLOYMENTS = resource('apps', 'v1', 'deployments', 'Deployment');
export const PODS = resource('', 'v1', 'pods', 'Pod');
export const SERVICES = resource('', 'v1', 'services', 'Service');
export const SECRETS = resource('', 'v1', 'secrets', 'Secret');
export const CONFIG_MAPS = resource('', 'v1', 'configmaps', 'ConfigMap');
export const NAMESPACES = resource('', 'v1', 'namespaces', 'Namespace', false);
export const NODES = resource('', 'v1', 'nodes', 'Node', false);
export const SERVICE_ACCOUNTS = resource('', 'v1', 'serviceaccounts', 'ServiceAccount');
export const EVENTS = resource('', 'v1', 'events', 'Event');
export const ENDPOINT_SLICES = resource('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice');
export const INGRESSES = resource('networking.k8s.io', 'v1', 'ingresses', 'Ingress');
export const LEASES = resource('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const JOBS = resource('batch', 'v1', 'jobs', 'Job');
export const CUSTOM_RESOURCE_DEFINITIONS = resource(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  false,
);

/** `apps/v1`, or `v1` for the core group: the form of `apiVersion` fields. */
export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The URL path of a collection, or of one object (and its subresource) when `name` is given. */
export function pathOf(resource: Resource, namespace?: string, name?: string, subresource?: string): string {
  const base = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${base}${scope}/${resource.plural}${object}${subresource === undefined ? '' : `/${subresource}`}`;
}
