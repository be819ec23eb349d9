import { maxUnavailableOf } from '../../../api/defaults.ts';
import { scaled } from '../../values/int-or-string.ts';
import type { PlanDraft } from '../draft.ts';
import { type Facts, isPromoted } from '../facts.ts';
import { availableOf, hashOf } from '../replica-set.ts';
import type { Course } from './course.ts';
import { podsForWeight } from './replicas.ts';
import { knownSince, readyPods, type ServiceState, switchKnownSince } from './service-state.ts';
import type { Situation } from './situation.ts';

/**
 * Decides the canary weight. A share is raised only on pods that are available and that the data plane knows; it is
 * lowered as fast as the version that takes over can carry it. Both rest on what is observed, so that a crash between
 * any two writes leaves traffic where pods are.
 */
export function planWeight(situation: Situation, course: Course, draft: PlanDraft): void {
  const { facts, traffic } = situation;
  if (!facts.routed || course.stableHash === undefined) return;
  const wanted = wantedWeight(situation, course);
  const weight =
    wanted > traffic.weight ? raised(situation, course, wanted, draft) : lowered(situation, course, wanted, draft);
  if (weight === traffic.weight) {
    explainSettling(situation, draft);
    if (!needsWriting(situation)) return;
  }
  draft.act({ kind: 'setTraffic', intent: intentFor(situation, course, weight), urgent: weight < traffic.weight });
  draft.note('set-weight', `canary weight ${traffic.weight} → ${weight} of ${facts.maxWeight}`);
}

function intentFor({ facts, canaryService, stableService }: Situation, course: Course, canaryWeight: number) {
  return {
    canaryWeight,
    maxWeight: facts.maxWeight,
    explicitMaxWeight: facts.canary.trafficRouting?.maxTrafficWeight !== undefined,
    canaryService: facts.canary.canaryService ?? '',
    stableService: facts.canary.stableService ?? '',
    canaryHash: canaryService?.selectedHash ?? facts.currentHash,
    stableHash: stableService?.selectedHash ?? course.stableHash ?? '',
  };
}

/** Routers or routes that disagree, and routes that do not exist yet. Routers write only what differs. */
function needsWriting({ facts, traffic }: Situation): boolean {
  const isIncomplete = facts.observed.routers.some(
    ({ weight, problem }) => weight === undefined && problem === undefined,
  );
  return isIncomplete || !traffic.agreed || traffic.verified === false;
}

function explainSettling({ facts, traffic }: Situation, draft: PlanDraft): void {
  if (traffic.inEffect) return;
  if (traffic.inEffectSince !== undefined) {
    draft.wakeAt(traffic.inEffectSince);
    draft.waitFor('waiting-for-weight', `canary weight ${traffic.weight} takes effect`);
    return;
  }
  draft.wakeAt(facts.now + VERIFY_RETRY_MS);
  const unverified = facts.observed.routers.filter((router) => router.verified === false).map((router) => router.type);
  draft.waitFor('waiting-for-weight', `canary weight ${traffic.weight} is not confirmed by ${unverified.join(', ')}`);
}

/** How often a weight that is not confirmed is looked at again: Argo Rollouts' interval. */
const VERIFY_RETRY_MS = 10_000;

function wantedWeight(situation: Situation, course: Course): number {
  const { facts, canaryService } = situation;
  if (facts.desired === 0 || course.aborted) return 0;
  if (canaryService?.selectedHash !== facts.currentHash) return 0;
  if (isPromoted(facts, course.stableHash)) return isCuttingOver(situation) ? facts.maxWeight : 0;
  return course.weight;
}

/**
 * After the promotion the stable Service still selects the old version. It is switched while the canary Service
 * carries all traffic, so that no backend in use ever changes its pods.
 */
function isCuttingOver({ facts, stableService }: Situation): boolean {
  if (stableService?.selectedHash === undefined) return false;
  return stableService.selectedHash !== facts.currentHash && stableService.ready > 0;
}

function raised(situation: Situation, course: Course, wanted: number, draft: PlanDraft): number {
  const { facts, traffic, canaryService } = situation;
  const held = lowered(situation, course, traffic.weight, draft);
  const obstacle = obstacleToRaise(situation, wanted);
  if (obstacle !== undefined) {
    draft.waitFor('weight-held', `canary weight goes from ${traffic.weight} to ${wanted} once ${obstacle}`);
    return held;
  }
  const known = knownSince(
    canaryService,
    facts.currentHash,
    podsForWeight(facts.desired, wanted, facts.maxWeight),
    traffic.propagationMs,
  );
  if (known !== undefined && known <= facts.now) return wanted;
  if (known !== undefined) draft.wakeAt(known);
  draft.waitFor(
    'weight-held',
    `canary weight goes from ${traffic.weight} to ${wanted} once the router knows all canary pods`,
  );
  return held;
}

/** What is missing before the canary can carry `wanted`; undefined when nothing is. */
function obstacleToRaise({ facts, traffic, canaryService }: Situation, wanted: number): string | undefined {
  if (facts.blocked !== undefined) return facts.blocked.reason;
  if (traffic.problems.length > 0) return traffic.problems.join('; ');
  const needed = podsForWeight(facts.desired, wanted, facts.maxWeight);
  const available = availableOf(facts.newest);
  if (available < needed) return `${needed} canary pods are available (${available} now)`;
  const reached = readyPods(canaryService, facts.currentHash);
  if (reached < needed) return `Service ${canaryService?.name ?? ''} reaches ${needed} of them (${reached} now)`;
  if (canaryService?.reach === undefined)
    return `Service ${canaryService?.name ?? ''} reaches no pods of other versions`;
  return undefined;
}

/** The lowest weight, not below `wanted`, that both versions' capacity allows when nothing is raised. */
function lowered(situation: Situation, course: Course, wanted: number, draft: PlanDraft): number {
  const { facts, traffic } = situation;
  const canary = canaryCapacity(situation);
  const target = Math.min(wanted, whatCanaryCarries(facts, Math.min(wanted, traffic.weight), canary));
  if (target >= traffic.weight) return traffic.weight;
  if (canary > 0 && !stableIsKnown(situation, course, draft)) return traffic.weight;
  const stable = stableCapacity(situation);
  const floor = leastWeight(facts, stable, canary);
  if (target < floor) {
    draft.waitFor(
      'weight-held',
      `traffic returns to the stable version as its pods become available (${stable} of ${facts.desired} now)`,
    );
  }
  return Math.min(traffic.weight, Math.max(target, floor));
}

/** Pods of the version behind the canary Service that can serve. */
function canaryCapacity({ facts, canaryService }: Situation): number {
  return reachablePods(facts, canaryService);
}

/** Pods of the version behind the stable Service that can serve: during the cutover that may be the old one. */
function stableCapacity({ facts, stableService }: Situation): number {
  return reachablePods(facts, stableService);
}

function reachablePods(facts: Facts, service: ServiceState | undefined): number {
  if (service === undefined) return 0;
  if (service.selectedHash === undefined) return service.ready;
  const replicaSet = facts.observed.replicaSets.find((candidate) => hashOf(candidate) === service.selectedHash);
  return Math.min(availableOf(replicaSet), readyPods(service, service.selectedHash));
}

/**
 * The share that is left to a canary whose pods died. As many pods may be missing as `maxUnavailable` allows of those
 * that the share needs, so that one restart among many does not move traffic; without any pod it gets nothing.
 */
function whatCanaryCarries(facts: Facts, weight: number, capacity: number): number {
  if (capacity === 0) return 0;
  const needed = podsForWeight(facts.desired, weight, facts.maxWeight);
  const tolerated = scaled(maxUnavailableOf(facts.canary), needed, 'down');
  if (capacity >= needed - tolerated) return weight;
  return Math.floor((facts.maxWeight * capacity) / facts.desired);
}

/** One pod may be missing from what a share needs before the share is raised (invariant I2). */
const TOLERATED_PODS = 1;

/**
 * The least canary weight that leaves the stable version no more than it can carry. With no pod of the canary left,
 * all traffic goes to the stable version however few pods it has; with no stable pod, none does.
 */
function leastWeight({ desired, maxWeight }: Facts, stable: number, canary: number): number {
  if (stable === 0) return maxWeight;
  if (canary === 0 || desired === 0) return 0;
  return Math.max(0, maxWeight - Math.floor((maxWeight * (stable + TOLERATED_PODS)) / desired));
}

/** Whether the router had the time to learn whom the stable Service means, which matters after it was switched. */
function stableIsKnown(situation: Situation, course: Course, draft: PlanDraft): boolean {
  const { facts, traffic, canaryService, stableService } = situation;
  const promoted = isPromoted(facts, course.stableHash);
  if (!promoted && isMisdirected(situation)) {
    draft.waitFor('weight-held', `traffic moves once Service ${stableService?.name ?? ''} selects the stable version`);
    return false;
  }
  const isCutover = promoted && canaryService?.selectedHash === facts.currentHash;
  if (!isCutover && stableService?.reach === undefined) return true;
  const needed = Math.max(1, Math.min(facts.desired, availableOf(facts.newest)) - TOLERATED_PODS);
  const known = isCutover
    ? knownSince(stableService, facts.currentHash, needed, traffic.propagationMs)
    : switchKnownSince(stableService, traffic.propagationMs);
  if (known !== undefined && known <= facts.now) return true;
  if (known !== undefined) draft.wakeAt(known);
  draft.waitFor(
    'waiting-for-endpoints',
    `traffic moves once the router knows which pods Service ${stableService?.name ?? ''} reaches since it was switched`,
  );
  return false;
}

/** A new update came before the stable Service was switched to the version that had just been promoted. */
function isMisdirected({ facts, stableService }: Situation): boolean {
  return stableService?.selectedHash !== undefined && stableService.selectedHash !== facts.stableHash;
}
