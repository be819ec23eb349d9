import type { TrafficWeights } from '../../../api/rollout-status.ts';
import type { EpochMs } from '../../../api/time.ts';
import type { Facts } from '../facts.ts';
import { momentOf, nextSecond, notAhead, timestamp } from '../moments.ts';
import type { ObservedRouter } from '../observed.ts';
import type { ServiceState } from './service-state.ts';

/** How the routes split the traffic now. Without traffic routing: nothing reaches the canary by weight. */
export interface TrafficState {
  /** The highest canary weight that any router carries. */
  readonly weight: number;
  /** Whether all routers carry that weight. */
  readonly agreed: boolean;
  /** Whether the data plane confirmed it; null when it cannot tell, false when routers disagree. */
  readonly verified: boolean | null;
  /** Since when the data plane acts on it, or is presumed to; may lie ahead. Undefined while nothing can be presumed. */
  readonly inEffectSince: EpochMs | undefined;
  /** Whether that moment has come. */
  readonly inEffect: boolean;
  /** Longest time for which a data plane may act on an old state. */
  readonly propagationMs: number;
  /** Routers that cannot be written, and why. */
  readonly problems: readonly string[];
}

/**
 * @param canaryService what the canary Service selects: traffic of one version says nothing about another.
 */
export function observeTraffic(facts: Facts, canaryService: ServiceState | undefined): TrafficState {
  const { routers } = facts.observed;
  const weights = routers.map((router) => router.weight ?? 0);
  const weight = Math.max(0, ...weights);
  const agreed = weights.every((each) => each === weight);
  const verified = agreed ? confirmation(routers) : false;
  const inEffectSince = verified === false ? undefined : effectiveSince(facts, weight, canaryService?.selectedHash);
  return {
    weight,
    agreed,
    verified,
    inEffectSince,
    inEffect: inEffectSince !== undefined && inEffectSince <= facts.now,
    propagationMs: Math.max(0, ...routers.map((router) => router.propagationMs)),
    problems: routers.flatMap((router) => (router.problem === undefined ? [] : [`${router.type}: ${router.problem}`])),
  };
}

function confirmation(routers: readonly ObservedRouter[]): boolean | null {
  if (routers.some((router) => router.verified === false)) return false;
  return routers.length > 0 && routers.every((router) => router.verified === true) ? true : null;
}

function effectiveSince(facts: Facts, weight: number, hash: string | undefined): EpochMs {
  const { routers } = facts.observed;
  const recorded = facts.status.canary?.weights;
  if (recorded !== undefined && recorded.verified !== false && isSameSplit(recorded, weight, hash)) {
    // Argo Rollouts does not record since when; whatever it recorded was there before we took over.
    const since = momentOf(recorded.inEffectSince);
    return since === undefined ? facts.now : notAhead(since, presumedInEffect(facts));
  }
  // Where there never was a canary route, there is nothing to take effect.
  const isUntouched = routers.every((router) => router.weight === undefined);
  if (isUntouched && (recorded?.canary.weight ?? 0) === 0) return facts.now;
  return presumedInEffect(facts);
}

/** When a weight that is written now will be in effect, as far as routers cannot tell. */
function presumedInEffect({ observed, now }: Facts): EpochMs {
  const delays = observed.routers.map((router) => (router.verified === true ? 0 : router.propagationMs));
  return nextSecond(now + Math.max(0, ...delays));
}

/** At weight 0 it does not matter whom the canary Service selects. */
function isSameSplit(recorded: TrafficWeights, weight: number, hash: string | undefined): boolean {
  if (recorded.canary.weight !== weight) return false;
  return weight === 0 || recorded.canary.podTemplateHash === (hash ?? '');
}

/** What `status.canary.weights` shall say: what the routes carry, not what is wished. */
export function recordTraffic(
  facts: Facts,
  traffic: TrafficState,
  canaryService: ServiceState | undefined,
  stableService: ServiceState | undefined,
): TrafficWeights {
  return {
    canary: {
      weight: traffic.weight,
      serviceName: facts.canary.canaryService ?? '',
      podTemplateHash: canaryService?.selectedHash ?? '',
    },
    stable: {
      weight: facts.maxWeight - traffic.weight,
      serviceName: facts.canary.stableService ?? '',
      podTemplateHash: stableService?.selectedHash ?? '',
    },
    ...(traffic.verified === null ? {} : { verified: traffic.verified }),
    ...(traffic.inEffectSince === undefined ? {} : { inEffectSince: timestamp(traffic.inEffectSince) }),
  };
}
