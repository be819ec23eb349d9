import type { AnalysisRun, AnalysisTemplate, ClusterAnalysisTemplate } from '../../api/analysis.ts';
import type { EndpointSlice, Ingress, KubeObject, Pod, ReplicaSet, Service } from '../../api/core-types.ts';
import { namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import { referencesOf } from '../../core/rollout/references-of.ts';
import type { Store } from '../../kube/store.ts';

/** The caches that an observation reads, kept by informers. */
export interface RolloutStores {
  readonly rollouts: Store<Rollout>;
  readonly replicaSets: Store<ReplicaSet>;
  readonly analysisRuns: Store<AnalysisRun>;
  readonly pods: Store<Pod>;
  readonly services: Store<Service>;
  readonly endpointSlices: Store<EndpointSlice>;
  readonly ingresses: Store<Ingress>;
  readonly analysisTemplates: Store<AnalysisTemplate>;
  /** Empty in namespaced mode, where cluster-scoped kinds are out of reach. */
  readonly clusterAnalysisTemplates: Store<ClusterAnalysisTemplate>;
}

/** The label by which an EndpointSlice names its Service. */
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** Index names, the same in every store that has them. */
export const BY_CONTROLLER = 'controller-uid';
export const BY_SERVICE = 'service';
export const BY_REFERENCE = 'reference';

/** Adds the indexes by which observations and triggers look things up; call once, before the informers run. */
export function indexStores(stores: RolloutStores): void {
  const byController = (object: KubeObject) => controllerUid(object) ?? [];
  stores.replicaSets.addIndex(BY_CONTROLLER, byController);
  stores.analysisRuns.addIndex(BY_CONTROLLER, byController);
  stores.pods.addIndex(BY_CONTROLLER, byController);
  stores.endpointSlices.addIndex(BY_SERVICE, (slice) => {
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    return service === undefined ? [] : [serviceKey(namespaceOf(slice), service)];
  });
  stores.rollouts.addIndex(BY_REFERENCE, referencesOf);
}

/** Value of `BY_SERVICE`. */
export function serviceKey(namespace: string, service: string): string {
  return `${namespace}/${service}`;
}

function controllerUid(object: KubeObject): string[] {
  return (object.metadata.ownerReferences ?? [])
    .filter((reference) => reference.controller === true)
    .map((reference) => reference.uid);
}
