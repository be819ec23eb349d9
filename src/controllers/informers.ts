import type { AnalysisRun, AnalysisTemplate, ClusterAnalysisTemplate } from '../api/analysis.ts';
import type { EndpointSlice, Ingress, KubeObject, Pod, ReplicaSet, Service } from '../api/core-types.ts';
import { LAST_APPLIED_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../api/keys.ts';
import type { Rollout } from '../api/rollout.ts';
import { Informer, type InformerOptions } from '../kube/informer.ts';
import {
  ANALYSIS_RUNS,
  ANALYSIS_TEMPLATES,
  CLUSTER_ANALYSIS_TEMPLATES,
  ENDPOINT_SLICES,
  INGRESSES,
  PODS,
  REPLICA_SETS,
  type Resource,
  ROLLOUTS,
  SERVICES,
} from '../kube/resources.ts';
import type { RolloutCaches } from './rollout/caches.ts';

/** What all informers of a controller share. */
export type SharedInformerOptions = Pick<
  InformerOptions<KubeObject>,
  'transport' | 'clock' | 'random' | 'logger' | 'metrics' | 'timing'
> & {
  /** Absent: all namespaces. */
  readonly namespace: string | undefined;
};

/**
 * Informers for everything that decisions about Rollouts need. Memory grows with what is kept, so each kind keeps only
 * what some decision reads, and pods and ReplicaSets of other owners never arrive. `onRollout` sees every Rollout as the
 * API server sends it.
 */
export function createCaches(shared: SharedInformerOptions, onRollout: (rollout: Rollout) => void): RolloutCaches {
  const informer = <T extends KubeObject>(resource: Resource, extra: Partial<InformerOptions<T>> = {}) =>
    new Informer<T>({ ...shared, resource, transform: withoutBookkeeping, ...extra });
  return {
    // The last-applied annotation is kept: it is the user's own text, and `undo` and take-over compare it.
    rollouts: informer<Rollout>(ROLLOUTS, {
      transform: (rollout) => {
        onRollout(rollout);
        return withoutManagedFields(rollout);
      },
    }),
    replicaSets: informer<ReplicaSet>(REPLICA_SETS, { labelSelector: POD_TEMPLATE_HASH_LABEL }),
    analysisRuns: informer<AnalysisRun>(ANALYSIS_RUNS),
    pods: informer<Pod>(PODS, { labelSelector: POD_TEMPLATE_HASH_LABEL, transform: essentialPod }),
    services: informer<Service>(SERVICES),
    endpointSlices: informer<EndpointSlice>(ENDPOINT_SLICES),
    ingresses: informer<Ingress>(INGRESSES),
    analysisTemplates: informer<AnalysisTemplate>(ANALYSIS_TEMPLATES),
    clusterAnalysisTemplates:
      shared.namespace === undefined ? informer<ClusterAnalysisTemplate>(CLUSTER_ANALYSIS_TEMPLATES) : undefined,
  };
}

/** All of them, for live-or-cached reads. */
export function informersOf(caches: RolloutCaches): readonly Informer<KubeObject>[] {
  return Object.values(caches).filter((informer) => informer !== undefined) as readonly Informer<KubeObject>[];
}

/** Those without which no Rollout can be decided about, for the manager; and those that only some Rollouts need. */
export function informersByNeed(caches: RolloutCaches): {
  readonly informers: readonly Informer<KubeObject>[];
  readonly optional: readonly Informer<KubeObject>[];
} {
  const needed: readonly unknown[] = [caches.rollouts, caches.replicaSets, caches.pods, caches.analysisRuns];
  const all = informersOf(caches);
  return {
    informers: all.filter((informer) => needed.includes(informer)),
    optional: all.filter((informer) => !needed.includes(informer)),
  };
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  return { ...object, metadata: without(object.metadata, 'managedFields') };
}

function withoutBookkeeping<T extends KubeObject>(object: T): T {
  const metadata = without(object.metadata, 'managedFields');
  const { annotations } = metadata;
  if (annotations === undefined) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, annotations: without(annotations, LAST_APPLIED_ANNOTATION) } };
}

function without<T extends object>(record: T, key: string): T {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key)) as T;
}

/** Labels, owner, age, readiness, and when its status was written: a pod is thirty times larger. */
function essentialPod(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences, managedFields } = pod.metadata;
  const { creationTimestamp, deletionTimestamp } = pod.metadata;
  return {
    metadata: definedOnly({
      name,
      namespace,
      uid,
      resourceVersion,
      labels,
      ownerReferences,
      creationTimestamp,
      deletionTimestamp,
      managedFields: managedFields
        ?.filter(({ subresource }) => subresource === 'status')
        .map(({ subresource, time }) => definedOnly({ subresource, time })),
    }),
    status: definedOnly({ phase: pod.status?.phase, conditions: pod.status?.conditions }),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function definedOnly<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
