import type { AnalysisTemplate } from '../../api/analysis.ts';
import type { Endpoint, EndpointSlice, Ingress, KubeObject, Pod, ReplicaSet, Service } from '../../api/core-types.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import { nameOf, namespaceOf, uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import {
  type ActionFailure,
  type ObservedRollout,
  type ServiceEndpoints,
  templateKey,
} from '../../core/rollout/observed.ts';
import { ingressNames, serviceNames, templateReferences } from '../../core/rollout/references-of.ts';
import type { ReadonlyStore } from '../../kube/store.ts';
import { strayCanaries } from '../../traffic/nginx.ts';
import { routersFor } from '../../traffic/registry.ts';
import type { Router, RouterContext } from '../../traffic/router.ts';
import {
  BY_CONTROLLER,
  BY_SELECTED_HASH,
  BY_SERVICE,
  type RolloutCaches,
  selectedHashKey,
  serviceKey,
} from './caches.ts';

export interface ObserverOptions {
  readonly caches: RolloutCaches;
  readonly routers: readonly Router[];
  readonly context: RouterContext;
  readonly instanceId: string;
  readonly presentSince: EpochMs | undefined;
}

/** Gathers what a decision about `rollout` depends on. Reads caches only; decides nothing. */
export async function observeRollout(
  rollout: Rollout,
  lastFailures: readonly ActionFailure[],
  { caches, routers, context, instanceId, presentSince }: ObserverOptions,
): Promise<ObservedRollout> {
  const namespace = namespaceOf(rollout);
  const replicaSets = caches.replicaSets.store.index(BY_CONTROLLER, uidOf(rollout));
  const pods = replicaSets.flatMap((replicaSet) => caches.pods.store.index(BY_CONTROLLER, uidOf(replicaSet)));
  const templates = templatesOf(caches, rollout);
  const unreadable = unreadableFor(rollout, templates, caches);
  return {
    rollout,
    replicaSets,
    analysisRuns: caches.analysisRuns.store.index(BY_CONTROLLER, uidOf(rollout)),
    services: servicesOf(caches, rollout, replicaSets),
    endpoints: new Map(serviceNames(rollout).map((name) => [name, endpointsOf(caches, namespace, name)] as const)),
    ingresses: pick<Ingress>(caches.ingresses.store, namespace, ingressNames(rollout)),
    templates,
    pods,
    routers:
      unreadable === undefined
        ? await Promise.all(routersFor(routers, rollout).map((router) => router.observe(rollout, context)))
        : [],
    strayRoutes: strayCanaries(rollout, caches.ingresses.store.index(BY_CONTROLLER, uidOf(rollout))),
    unreadable,
    presentSince,
    lastFailures,
    instanceId,
  };
}

/** Why a kind that the Rollout refers to cannot be read; undefined when all can. */
function unreadableFor(
  rollout: Rollout,
  templates: ReadonlyMap<string, AnalysisTemplate>,
  caches: RolloutCaches,
): string | undefined {
  const nested = [...templates.values()].flatMap(({ spec }) => spec.templates ?? []);
  const scopes = [...templateReferences(rollout).map(({ cluster }) => cluster), ...nested.map(isClusterScoped)];
  const used = [
    ...(serviceNames(rollout).length > 0 ? [caches.services, caches.endpointSlices] : []),
    ...(ingressNames(rollout).length > 0 ? [caches.ingresses] : []),
    ...(scopes.includes(false) ? [caches.analysisTemplates] : []),
    ...(scopes.includes(true) ? [caches.clusterAnalysisTemplates] : []),
  ];
  const isOutOfScope = scopes.includes(true) && caches.clusterAnalysisTemplates === undefined;
  const refusals = [
    ...used.map((cache) => (cache?.hasSynced === false ? cache.refusal : undefined)),
    isOutOfScope ? CLUSTER_TEMPLATES_OUT_OF_SCOPE : undefined,
  ];
  return refusals.filter((refusal) => refusal !== undefined).join('; ') || undefined;
}

const CLUSTER_TEMPLATES_OUT_OF_SCOPE =
  'a controller of one namespace (--namespaced) reads no ClusterAnalysisTemplates: use an AnalysisTemplate';

function isClusterScoped({ clusterScope }: { readonly clusterScope?: boolean }): boolean {
  return clusterScope === true;
}

function pick<T extends KubeObject>(
  store: ReadonlyStore<T>,
  namespace: string,
  names: readonly string[],
): Map<string, T> {
  return new Map(
    names.flatMap((name) => {
      const object = store.get(`${namespace}/${name}`);
      return object === undefined ? [] : [[name, object] as const];
    }),
  );
}

/** Those that the spec names, and all others that select one of its versions. */
function servicesOf(
  caches: RolloutCaches,
  rollout: Rollout,
  replicaSets: readonly ReplicaSet[],
): ReadonlyMap<string, Service> {
  const namespace = namespaceOf(rollout);
  const hashes = replicaSets.map((replicaSet) => replicaSet.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] ?? '');
  const selecting = hashes.flatMap((hash) =>
    caches.services.store.index(BY_SELECTED_HASH, selectedHashKey(namespace, hash)),
  );
  const named = pick<Service>(caches.services.store, namespace, serviceNames(rollout));
  return new Map([...selecting.map((service) => [nameOf(service), service] as const), ...named]);
}

function endpointsOf(caches: RolloutCaches, namespace: string, service: string): ServiceEndpoints {
  const readyByHash = new Map<string, number>();
  let readyForeign = 0;
  const counted = new Set<string>();
  for (const slice of caches.endpointSlices.store.index(BY_SERVICE, serviceKey(namespace, service))) {
    for (const endpoint of slice.endpoints ?? []) {
      if (!isReady(endpoint)) continue;
      const pod = podOf(caches, slice, endpoint);
      // A pod may be listed in several slices: one per address family, and twice while slices are rebalanced.
      const identity = pod === undefined ? (endpoint.addresses ?? []).join(',') : uidOf(pod);
      if (counted.has(identity)) continue;
      counted.add(identity);
      const hash = pod?.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
      if (hash === undefined) readyForeign += 1;
      else readyByHash.set(hash, (readyByHash.get(hash) ?? 0) + 1);
    }
  }
  return { readyByHash, readyForeign };
}

/** A nil `ready` means ready (the API's own reading); a terminating endpoint is on its way out whatever it says. */
function isReady(endpoint: Endpoint): boolean {
  return endpoint.conditions?.ready !== false && endpoint.conditions?.terminating !== true;
}

function podOf(caches: RolloutCaches, slice: EndpointSlice, endpoint: Endpoint): Pod | undefined {
  if (endpoint.targetRef?.kind !== 'Pod') return undefined;
  return caches.pods.store.get(`${namespaceOf(slice)}/${endpoint.targetRef.name ?? ''}`);
}

/** The templates that the Rollout names and, through them, every further one. A cycle ends where it closes. */
function templatesOf(caches: RolloutCaches, rollout: Rollout): ReadonlyMap<string, AnalysisTemplate> {
  const namespace = namespaceOf(rollout);
  const found = new Map<string, AnalysisTemplate>();
  const open = [...templateReferences(rollout)];
  for (let reference = open.pop(); reference !== undefined; reference = open.pop()) {
    const key = templateKey(reference.name, reference.cluster);
    if (found.has(key)) continue;
    const template = reference.cluster
      ? caches.clusterAnalysisTemplates?.store.get(reference.name)
      : caches.analysisTemplates.store.get(`${namespace}/${reference.name}`);
    if (template === undefined) continue;
    found.set(key, template);
    for (const nested of template.spec.templates ?? []) {
      open.push({ name: nested.templateName ?? '', cluster: isClusterScoped(nested) });
    }
  }
  return found;
}
