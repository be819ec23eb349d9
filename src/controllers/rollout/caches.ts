import type { AnalysisRun, AnalysisTemplate, ClusterAnalysisTemplate } from '../../api/analysis.ts';
import type { EndpointSlice, Ingress, KubeObject, Pod, ReplicaSet, Service } from '../../api/core-types.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import { namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import { referencesOf } from '../../core/rollout/references-of.ts';
import type { Informer } from '../../kube/informer.ts';

/** The caches that decisions about Rollouts read. */
export interface RolloutCaches {
  readonly rollouts: Informer<Rollout>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly analysisRuns: Informer<AnalysisRun>;
  readonly pods: Informer<Pod>;
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  readonly ingresses: Informer<Ingress>;
  readonly analysisTemplates: Informer<AnalysisTemplate>;
  /** Absent in namespaced mode, where cluster-scoped kinds are out of reach. */
  readonly clusterAnalysisTemplates: Informer<ClusterAnalysisTemplate> | undefined;
}

/** The label by which an EndpointSlice names its Service. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** Names of the indexes. */
export const BY_CONTROLLER = 'controller-uid';
export const BY_SERVICE = 'service';
export const BY_REFERENCE = 'reference';
export const BY_SELECTED_HASH = 'selected-hash';

/** Adds the indexes by which observations and triggers look things up; call once, before the informers run. */
export function indexCaches(caches: RolloutCaches): void {
  caches.replicaSets.addIndex(BY_CONTROLLER, controllerUid);
  caches.analysisRuns.addIndex(BY_CONTROLLER, controllerUid);
  caches.pods.addIndex(BY_CONTROLLER, controllerUid);
  caches.ingresses.addIndex(BY_CONTROLLER, controllerUid);
  caches.endpointSlices.addIndex(BY_SERVICE, (slice) => {
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    return service === undefined ? [] : [serviceKey(namespaceOf(slice), service)];
  });
  caches.rollouts.addIndex(BY_REFERENCE, referencesOf);
  caches.services.addIndex(BY_SELECTED_HASH, (service) => {
    const hash = service.spec?.selector?.[POD_TEMPLATE_HASH_LABEL];
    return hash === undefined ? [] : [selectedHashKey(namespaceOf(service), hash)];
  });
}

/** Value of `BY_SELECTED_HASH`. */
export function selectedHashKey(namespace: string, hash: string): string {
  return `${namespace}/${hash}`;
}

/** Value of `BY_SERVICE`. */
export function serviceKey(namespace: string, service: string): string {
  return `${namespace}/${service}`;
}

function controllerUid(object: KubeObject): readonly string[] {
  return (object.metadata.ownerReferences ?? [])
    .filter((reference) => reference.controller === true)
    .map((reference) => reference.uid);
}
