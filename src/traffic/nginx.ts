import type { Ingress, IngressRule } from '../api/core-types.ts';
import { nameOf, namespaceOf, uidOf } from '../api/object-name.ts';
import type { Rollout } from '../api/rollout.ts';
import type { NginxTrafficRouting } from '../api/traffic-routing.ts';
import type { ObservedRouter, StrayRoute } from '../core/rollout/observed.ts';
import { ownerReferenceTo } from '../core/rollout/owner-reference.ts';
import type { EventIntent } from '../core/rollout/plan.ts';
import type { TrafficIntent } from '../core/traffic/intent.ts';
import { deepEqual } from '../core/values/deep-equal.ts';
import { isAlreadyExists } from '../kube/api-error.ts';
import { INGRESSES } from '../kube/resources.ts';
import { RouteError } from './route-error.ts';
import type { Router, RouterContext, RouterOutcome } from './router.ts';

/** ingress-nginx's annotation prefix unless `annotationPrefix` says otherwise. */
const DEFAULT_ANNOTATION_PREFIX = 'nginx.ingress.kubernetes.io';
/** Longest object name that Kubernetes accepts (a DNS subdomain). */
const MAX_NAME_LENGTH = 253;
const CANARY_SUFFIX = '-canary';
/** How ingress classes were named before `spec.ingressClassName`; nginx needs it on both Ingresses. */
const INGRESS_CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
/**
 * ingress-nginx applies at most 0.3 syncs a second (`--sync-rate-limit`), so a write may wait 3.3 s before it is even
 * read; the rest is for the reload itself.
 */
const DEFAULT_PROPAGATION_MS = 5_000;

/** The stable Ingresses that the Rollout names, whichever of the two fields it uses. */
function stableIngressNames(nginx: NginxTrafficRouting): readonly string[] {
  return nginx.stableIngresses ?? (nginx.stableIngress === undefined ? [] : [nginx.stableIngress]);
}

/** `<rollout>-<stableIngress>-canary`, cut before the suffix so that the name stays valid: Argo Rollouts' naming. */
export function canaryIngressName(rolloutName: string, stableIngress: string): string {
  const stem = `${rolloutName}-${stableIngress}`;
  return `${stem.slice(0, MAX_NAME_LENGTH - CANARY_SUFFIX.length)}${CANARY_SUFFIX}`;
}

/**
 * Canary Ingresses of this Rollout that carry weight though its spec no longer asks for them.
 *
 * @param owned all Ingresses that the Rollout controls.
 */
export function strayCanaries(rollout: Rollout, owned: readonly Ingress[]): readonly StrayRoute[] {
  const nginx = nginxOf(rollout);
  const named = nginx === undefined ? [] : stableIngressNames(nginx);
  const wanted = new Set(named.map((stableIngress) => canaryIngressName(nameOf(rollout), stableIngress)));
  return owned.flatMap((ingress) => {
    if (wanted.has(nameOf(ingress))) return [];
    // Whatever prefix it was made with.
    const weights = Object.entries(ingress.metadata.annotations ?? {}).filter(([key]) =>
      key.endsWith('/canary-weight'),
    );
    const annotations = Object.fromEntries(weights.filter(([, weight]) => weight !== '0').map(([key]) => [key, '0']));
    if (Object.keys(annotations).length === 0) return [];
    return [{ name: nameOf(ingress), uid: uidOf(ingress), patch: { metadata: { annotations } } }];
  });
}

/** Splits by ingress-nginx's canary Ingresses: one per stable Ingress, carrying the weight as an annotation. */
export class NginxRouter implements Router {
  readonly type = 'Nginx';
  readonly #propagationMs: number;

  /** @param propagationMs how long the ingress controller may still act on the previous weight after a write. */
  constructor(propagationMs: number = DEFAULT_PROPAGATION_MS) {
    this.#propagationMs = propagationMs;
  }

  configured(rollout: Rollout): boolean {
    return nginxOf(rollout) !== undefined;
  }

  async observe(rollout: Rollout, context: RouterContext): Promise<ObservedRouter> {
    const nginx = requireNginx(rollout);
    const weights: (number | undefined)[] = [];
    const problems: string[] = [];
    for (const stableIngress of stableIngressNames(nginx)) {
      const name = canaryIngressName(nameOf(rollout), stableIngress);
      const canary = await findIngress(context, rollout, name);
      if (canary !== undefined && !isControlledBy(canary, rollout)) problems.push(foreignOwner(name, rollout));
      weights.push(canary === undefined ? undefined : weightOf(canary, prefixOf(nginx)));
    }
    const known = weights.filter((weight) => weight !== undefined);
    const agreed = new Set(weights).size <= 1;
    return {
      type: this.type,
      // With several Ingresses that disagree, the highest counts: some requests may go by it.
      weight: known.length === 0 ? undefined : Math.max(...known),
      verified: agreed ? null : false,
      propagationMs: this.#propagationMs,
      allowsEmptyBackend: false,
      ...(problems.length > 0 ? { problem: problems.join('; ') } : {}),
    };
  }

  async apply(rollout: Rollout, intent: TrafficIntent, context: RouterContext): Promise<RouterOutcome> {
    const nginx = requireNginx(rollout);
    const events: EventIntent[] = [];
    const failures: string[] = [];
    for (const stableIngress of stableIngressNames(nginx)) {
      try {
        const event = await this.#applyOne(rollout, nginx, stableIngress, intent, context);
        if (event !== undefined) events.push(event);
      } catch (error) {
        // One Ingress that cannot be written must not keep the others at the old weight.
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    if (failures.length > 0) throw new RouteError(failures.join('; '));
    return { wrote: events.length > 0, events };
  }

  async #applyOne(
    rollout: Rollout,
    nginx: NginxTrafficRouting,
    stableName: string,
    intent: TrafficIntent,
    context: RouterContext,
  ): Promise<EventIntent | undefined> {
    const name = canaryIngressName(nameOf(rollout), stableName);
    const live = await findIngress(context, rollout, name);
    const stable = await findIngress(context, rollout, stableName);
    if (stable === undefined) {
      // Taking weight away must work without the user's Ingress; anything else needs it.
      if (live !== undefined)
        return this.#patch(rollout, live, weightAnnotations(nginx, intent), undefined, intent, context);
      throw new RouteError(
        `Ingress "${stableName}" named by spec.strategy.canary.trafficRouting.nginx does not exist in namespace ` +
          `"${namespaceOf(rollout)}"; create it or correct the name`,
      );
    }
    const desired = desiredCanaryIngress(rollout, nginx, stable, name, intent);
    if (live !== undefined) {
      return this.#patch(rollout, live, desired.metadata.annotations ?? {}, desired.spec, intent, context);
    }
    try {
      await context.client.create(INGRESSES, desired, callOptions(context));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      // The cache has not caught up with our own (or an earlier process's) write: go by what is there.
      const current = await context.client.get<Ingress>(INGRESSES, keyOf(rollout, name), callOptions(context));
      return this.#patch(rollout, current, desired.metadata.annotations ?? {}, desired.spec, intent, context);
    }
    return {
      type: 'Normal',
      reason: 'CreatingCanaryIngress',
      message: `Creating canary ingress \`${name}\` with weight \`${intent.canaryWeight}\``,
    };
  }

  async #patch(
    rollout: Rollout,
    live: Ingress,
    annotations: Readonly<Record<string, string>>,
    spec: Ingress['spec'],
    intent: TrafficIntent,
    context: RouterContext,
  ): Promise<EventIntent | undefined> {
    const name = nameOf(live);
    if (!isControlledBy(live, rollout)) throw new RouteError(foreignOwner(name, rollout));
    const changed = Object.entries(annotations).filter(([key, value]) => live.metadata.annotations?.[key] !== value);
    const specChanged = spec !== undefined && !sameSpec(live.spec, spec);
    if (changed.length === 0 && !specChanged) return undefined;
    const patch = {
      ...(changed.length > 0 ? { metadata: { annotations: Object.fromEntries(changed) } } : {}),
      ...(specChanged ? { spec } : {}),
    };
    await context.client.patch(INGRESSES, keyOf(rollout, name), { type: 'merge', patch }, callOptions(context));
    return {
      type: 'Normal',
      reason: 'PatchingCanaryIngress',
      message: `Updating Ingress \`${name}\` to desiredWeight '${intent.canaryWeight}'`,
    };
  }
}

function callOptions(context: RouterContext): { signal?: AbortSignal; priority?: 'abort' } {
  return {
    ...(context.signal === undefined ? {} : { signal: context.signal }),
    ...(context.urgent === true ? { priority: 'abort' as const } : {}),
  };
}

function nginxOf(rollout: Rollout): NginxTrafficRouting | undefined {
  return rollout.spec.strategy?.canary?.trafficRouting?.nginx ?? undefined;
}

function requireNginx(rollout: Rollout): NginxTrafficRouting {
  const nginx = nginxOf(rollout);
  if (nginx === undefined) throw new RouteError(`Rollout "${nameOf(rollout)}" does not configure nginx`);
  return nginx;
}

function prefixOf(nginx: NginxTrafficRouting): string {
  return nginx.annotationPrefix === undefined || nginx.annotationPrefix === ''
    ? DEFAULT_ANNOTATION_PREFIX
    : nginx.annotationPrefix;
}

function keyOf(rollout: Rollout, name: string): { namespace: string; name: string } {
  return { namespace: namespaceOf(rollout), name };
}

function findIngress(context: RouterContext, rollout: Rollout, name: string): Promise<Ingress | undefined> {
  return context.reader.find<Ingress>(INGRESSES, keyOf(rollout, name));
}

function weightOf(ingress: Ingress, prefix: string): number | undefined {
  const annotations = ingress.metadata.annotations ?? {};
  if (annotations[`${prefix}/canary`] !== 'true') return undefined;
  const weight = Number.parseInt(annotations[`${prefix}/canary-weight`] ?? '', 10);
  return Number.isNaN(weight) ? undefined : weight;
}

function isControlledBy(ingress: Ingress, rollout: Rollout): boolean {
  const owner = ingress.metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner !== undefined && owner.uid === uidOf(rollout);
}

function foreignOwner(name: string, rollout: Rollout): string {
  return (
    `Ingress "${name}" exists but is not controlled by Rollout "${nameOf(rollout)}"; ` +
    'delete or rename it, so that the canary Ingress can be created'
  );
}

function weightAnnotations(nginx: NginxTrafficRouting, intent: TrafficIntent): Record<string, string> {
  const prefix = prefixOf(nginx);
  return {
    [`${prefix}/canary`]: 'true',
    [`${prefix}/canary-weight`]: String(intent.canaryWeight),
    ...(intent.explicitMaxWeight ? { [`${prefix}/canary-weight-total`]: String(intent.maxWeight) } : {}),
  };
}

/** The annotations that are ours on a canary Ingress; everything else on it belongs to somebody else and stays. */
function canaryAnnotations(nginx: NginxTrafficRouting, stable: Ingress, intent: TrafficIntent): Record<string, string> {
  const prefix = prefixOf(nginx);
  const additional = Object.entries(nginx.additionalIngressAnnotations ?? {}).map(([key, value]) => [
    key.startsWith(`${prefix}/`) ? key : `${prefix}/${key}`,
    value,
  ]);
  const ingressClass = stable.metadata.annotations?.[INGRESS_CLASS_ANNOTATION];
  return {
    ...(ingressClass === undefined ? {} : { [INGRESS_CLASS_ANNOTATION]: ingressClass }),
    ...Object.fromEntries(additional),
    ...nginx.canaryIngressAnnotations,
    ...weightAnnotations(nginx, intent),
  };
}

function desiredCanaryIngress(
  rollout: Rollout,
  nginx: NginxTrafficRouting,
  stable: Ingress,
  name: string,
  intent: TrafficIntent,
): Ingress {
  const rules = (stable.spec?.rules ?? [])
    .map((rule) => canaryRule(rule, intent.stableService, intent.canaryService))
    .filter((rule) => rule !== undefined);
  if (rules.length === 0) {
    throw new RouteError(
      `ingress \`${nameOf(stable)}\` has no rules using service ${intent.stableService} backend; ` +
        'route a path to that Service or name another stableIngress',
    );
  }
  const { ingressClassName, tls } = stable.spec ?? {};
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: namespaceOf(rollout),
      annotations: canaryAnnotations(nginx, stable, intent),
      ownerReferences: [ownerReferenceTo(rollout)],
    },
    spec: {
      ...(ingressClassName === undefined ? {} : { ingressClassName }),
      ...(tls === undefined ? {} : { tls }),
      rules,
    },
  };
}

/**
 * The rule with the stable Service's paths pointing at the canary; undefined when it has none. Other paths of the rule
 * stay as they are (they lead to the same backend either way): that is how Argo Rollouts writes them, and a canary
 * Ingress taken over from it must need no write.
 */
function canaryRule(rule: IngressRule, stableService: string, canaryService: string): IngressRule | undefined {
  const paths = rule.http?.paths ?? [];
  if (!paths.some((path) => path.backend.service?.name === stableService)) return undefined;
  const renamed = paths.map((path) =>
    path.backend.service?.name === stableService
      ? { ...path, backend: { ...path.backend, service: { ...path.backend.service, name: canaryService } } }
      : path,
  );
  return { ...rule, http: { ...rule.http, paths: renamed } };
}

/** Compares the fields that we set; what the server defaulted besides them is not ours. */
function sameSpec(live: Ingress['spec'], desired: Ingress['spec']): boolean {
  return (
    live?.ingressClassName === desired?.ingressClassName &&
    deepEqual(live?.tls ?? [], desired?.tls ?? []) &&
    deepEqual(live?.rules ?? [], desired?.rules ?? [])
  );
}
