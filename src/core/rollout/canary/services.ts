import type { PlanDraft } from '../draft.ts';
import { switchService } from '../events.ts';
import type { Facts } from '../facts.ts';
import { availableOf, hashOf, sizeOf } from '../replica-set.ts';
import type { Course } from './course.ts';
import type { ServiceState } from './service-state.ts';
import type { Situation } from './situation.ts';

/**
 * Points the Services at versions. A Service in use keeps its pods: the canary Service moves only while no weight is
 * on it, the stable Service only while all weight is on the other one.
 */
export function planServices(situation: Situation, course: Course, draft: PlanDraft): void {
  const { facts, canaryService, stableService } = situation;
  const wanted = course.aborted ? facts.stableHash : facts.currentHash;
  if (canaryService !== undefined && wanted !== undefined) {
    switchWhen(situation, canaryService, wanted, obstacleOfCanary(situation), draft);
  }
  // The stored stable version, not the one that this very pass promotes: the promotion is recorded first.
  if (stableService !== undefined && facts.stableHash !== undefined) {
    switchWhen(situation, stableService, facts.stableHash, obstacleOfStable(situation), draft);
  }
}

function switchWhen(
  { facts }: Situation,
  service: ServiceState,
  to: string,
  obstacle: string | undefined,
  draft: PlanDraft,
): void {
  if (service.selectedHash === to) return;
  const reason = obstacle ?? obstacleOfPods(facts, service, to);
  if (reason !== undefined) {
    draft.waitFor('service-waits', `Service ${service.name} selects ${to} once ${reason}`);
    return;
  }
  const from = service.selectedHash;
  draft.act({ kind: 'setServiceSelector', service: service.name, resourceVersion: service.resourceVersion, from, to });
  draft.tell(switchService(service.name, from ?? '', to));
}

/**
 * A Service that no Rollout has switched yet may serve other pods, so all pods of the version come first; later one is
 * enough, because weight follows capacity. A Service is never pointed at a version without pods.
 */
function obstacleOfPods(facts: Facts, service: ServiceState, hash: string): string | undefined {
  const replicaSet = facts.observed.replicaSets.find((candidate) => hashOf(candidate) === hash);
  const available = availableOf(replicaSet);
  const needed = service.managed ? 1 : Math.max(1, sizeOf(replicaSet));
  return available >= needed ? undefined : `${needed} of its pods are available (${available} now)`;
}

function obstacleOfCanary({ facts, traffic, canaryService }: Situation): string | undefined {
  if (!facts.routed) return undefined;
  if (traffic.weight === 0 && traffic.inEffect) return undefined;
  return `no traffic reaches ${canaryService?.selectedHash ?? 'its pods'} (weight ${traffic.weight} now)`;
}

function obstacleOfStable({ facts, traffic, stableService }: Situation): string | undefined {
  if (!facts.routed || stableService === undefined) return undefined;
  const isIdle = traffic.weight === facts.maxWeight && traffic.inEffect;
  const isAdopted = stableService.selectedHash === undefined;
  const isRepair = facts.stableHash !== facts.currentHash;
  if (isIdle || isAdopted || isRepair || stableService.ready === 0) return undefined;
  return `all traffic goes through Service ${facts.canary.canaryService ?? ''} (weight ${traffic.weight} now)`;
}
