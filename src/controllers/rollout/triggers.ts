import type { EndpointSlice, KubeObject, OwnerReference, Pod } from '../../api/core-types.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import { referenceKey, templateReferenceKey } from '../../core/rollout/references-of.ts';
import type { ChangeHandler } from '../../kube/informer.ts';
import { BY_REFERENCE, type RolloutCaches, SERVICE_NAME_LABEL } from './caches.ts';

/** What a change asks for: `abort` when traffic has to be taken away, which overtakes everything else. */
export type Urgency = 'abort' | 'normal';

/** Asks for a look at the Rollout `namespace/name`. */
export type Enqueue = (key: string, urgency: Urgency) => void;

/** Turns every change that can matter to a Rollout into a look at that Rollout. Returns the way to unsubscribe. */
export function watchForRollouts(caches: RolloutCaches, enqueue: Enqueue): () => void {
  const look = (key: string) => enqueue(key, 'normal');
  const referrers = (reference: string) => {
    for (const rollout of caches.rollouts.store.index(BY_REFERENCE, reference)) look(keyOf(rollout));
  };
  const owner = (object: KubeObject) => {
    const reference = rolloutOwner(object);
    if (reference !== undefined) look(`${namespaceOf(object)}/${reference.name}`);
  };
  const podOwner = (pod: Pod) => {
    const reference = controllerOf(pod);
    if (reference?.kind !== 'ReplicaSet') return;
    const replicaSet = caches.replicaSets.store.get(`${namespaceOf(pod)}/${reference.name}`);
    if (replicaSet !== undefined) owner(replicaSet);
  };
  const subscriptions = [
    caches.rollouts.onChange(anyChange((rollout) => enqueue(keyOf(rollout), urgencyOf(rollout)))),
    caches.replicaSets.onChange(anyChange(owner)),
    caches.analysisRuns.onChange(anyChange(owner)),
    caches.pods.onChange(anyChange(podOwner)),
    caches.services.onChange(
      anyChange((service) => referrers(referenceKey('Service', namespaceOf(service), nameOf(service)))),
    ),
    caches.endpointSlices.onChange(anyChange((slice) => referrers(sliceReference(slice)))),
    caches.ingresses.onChange(
      anyChange((ingress) => {
        referrers(referenceKey('Ingress', namespaceOf(ingress), nameOf(ingress)));
        // A canary Ingress is owned; the stable one is referred to.
        owner(ingress);
      }),
    ),
    caches.analysisTemplates.onChange(anyChange((template) => referrers(templateReferenceKey(namespaceOf(template))))),
    ...(caches.clusterAnalysisTemplates === undefined
      ? []
      : [caches.clusterAnalysisTemplates.onChange(anyChange(() => referrers(templateReferenceKey(undefined))))]),
  ];
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
  };
}

/** Key of a Rollout in queues and caches. */
export function keyOf(rollout: Rollout): string {
  return `${namespaceOf(rollout)}/${nameOf(rollout)}`;
}

/** A person's abort has been written and not been acted on: nothing else in the queue is as pressing. */
function urgencyOf({ status }: Rollout): Urgency {
  return status?.abort === true && status.abortedAt === undefined ? 'abort' : 'normal';
}

function anyChange<T>(look: (object: T) => void): ChangeHandler<T> {
  return { added: look, updated: look, deleted: look };
}

function sliceReference(slice: EndpointSlice): string {
  return referenceKey('Service', namespaceOf(slice), slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? '');
}

function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

function rolloutOwner(object: KubeObject): OwnerReference | undefined {
  const reference = controllerOf(object);
  return reference?.kind === 'Rollout' && reference.apiVersion.startsWith('argoproj.io/') ? reference : undefined;
}
