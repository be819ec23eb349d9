/** The group of the custom resources that cases use. */
export const GROUP = 'fidelity.linnet.dev';

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  '/api/v1': ['configmaps', 'secrets', 'services', 'pods', 'events', 'serviceaccounts'],
  '/apis/apps/v1': ['deployments', 'replicasets'],
  '/apis/batch/v1': ['jobs'],
  '/apis/autoscaling/v2': ['horizontalpodautoscalers'],
  '/apis/networking.k8s.io/v1': ['ingresses'],
  '/apis/policy/v1': ['poddisruptionbudgets'],
  '/apis/coordination.k8s.io/v1': ['leases'],
  '/apis/discovery.k8s.io/v1': ['endpointslices'],
  [`/apis/${GROUP}/v1`]: ['widgets', 'gadgets'],
};

/**
 * Cases write `configmaps/a/status?dryRun=All` for a path in their own namespace; a path that begins with a slash stands
 * as it is, with `:ns` for the namespace.
 */
export function resolvePath(path: string, namespace: string): string {
  if (path.startsWith('/')) return path.replaceAll(':ns', namespace);
  const [resource = ''] = path.split(/[/?]/);
  const prefix = Object.entries(GROUPS).find(([, resources]) => resources.includes(resource))?.[0];
  if (prefix === undefined) throw new Error(`cases know no resource ${resource}: add it to its group`);
  return `${prefix}/namespaces/${namespace}/${path}`;
}
