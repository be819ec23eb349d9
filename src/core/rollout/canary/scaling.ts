import type { ReplicaSet } from '../../../api/core-types.ts';
import { DESIRED_REPLICAS_ANNOTATION, SCALE_DOWN_DEADLINE_ANNOTATION } from '../../../api/keys.ts';
import { nameOf } from '../../../api/object-name.ts';
import type { PlanDraft } from '../draft.ts';
import { scalingReplicaSet } from '../events.ts';
import { type Facts, isPromoted } from '../facts.ts';
import { availableOf, sizeOf, targetOf, totalOf } from '../replica-set.ts';
import { revisionOf } from '../revision.ts';
import { sizeOfAbortedCanary } from './aborted-canary.ts';
import { type Course, isHalted } from './course.ts';
import { sparingLastServing } from './last-serving.ts';
import { moveTowards, podsForWeight } from './replicas.ts';
import { switchKnownSince } from './service-state.ts';
import type { Situation } from './situation.ts';
import { sizesAtWeight } from './targets.ts';

/**
 * Sizes the newest and the stable ReplicaSet. An update that has to wait keeps its sizes, except that it follows
 * `spec.replicas`: the ReplicaSet says by annotation for which number it was sized, once it has come to that size.
 */
export function planScaling(situation: Situation, course: Course, draft: PlanDraft): void {
  const { facts } = situation;
  const waits = hasToWait(facts, course);
  const isBack = isBackFromZero(facts, waits);
  const sizes = isBack && !facts.routed ? stableAlone(facts) : wantedSizes(situation, course, draft);
  const halted = waits && !isBack;
  if (facts.stable !== undefined && facts.stable !== facts.newest) {
    const { stable: size, isFinal } = sizes;
    resize(facts, facts.stable, { size, isFinal, annotations: NO_DEADLINE }, halted, draft);
  }
  const { canary: size, isFinal, annotations } = sizes;
  if (facts.newest !== undefined) resize(facts, facts.newest, { size, isFinal, annotations }, halted, draft);
}

interface Sizes {
  readonly canary: number;
  readonly stable: number;
  /** For the newest ReplicaSet; null removes. */
  readonly annotations: Readonly<Record<string, string | null>>;
  /** Whether these are the sizes for `spec.replicas`, and not steps on the way there. */
  readonly isFinal: boolean;
}

const NO_DEADLINE = { [SCALE_DOWN_DEADLINE_ANNOTATION]: null };

function wantedSizes(situation: Situation, course: Course, draft: PlanDraft): Sizes {
  const { facts } = situation;
  if (facts.stable === undefined || isDone(facts, course)) {
    const canary = fullSize(facts, facts.newest);
    const isFinal = canary === facts.desired;
    return { canary, stable: sizeOf(facts.stable), annotations: NO_DEADLINE, isFinal };
  }
  // First the new ReplicaSet, then its pods, then room for more: nothing is taken from stable for what does not exist.
  if (facts.newest === undefined) {
    const stable = fullSize(facts, facts.stable);
    return { canary: 0, stable, annotations: NO_DEADLINE, isFinal: stable === facts.desired };
  }
  return facts.routed ? routedSizes(situation, course, draft) : unroutedSizes(facts, facts.stable, course);
}

function isDone(facts: Facts, course: Course): boolean {
  return isPromoted(facts, facts.routed ? course.stableHash : facts.stableHash);
}

/** All pods; without traffic routing they share the room that `maxSurge` leaves with pods that are still to go. */
function fullSize({ desired, surge, leaving, routed, observed }: Facts, replicaSet: ReplicaSet | undefined): number {
  if (routed) return desired;
  const others = totalOf(observed.replicaSets, sizeOf) - sizeOf(replicaSet) + leaving;
  return Math.min(desired, Math.max(sizeOf(replicaSet), desired + surge - others));
}

function unroutedSizes(facts: Facts, stable: ReplicaSet, course: Course): Sizes {
  const { desired, surge, unavailable, newest } = facts;
  const target = sizesAtWeight(facts, course.weight);
  const next = moveTowards({
    desired,
    surge,
    unavailable,
    target,
    canary: newest && { size: sizeOf(newest), available: availableOf(newest) },
    stable: { size: sizeOf(stable), available: availableOf(stable) },
    others: totalOf(facts.others, sizeOf) + facts.leaving,
  });
  const isFinal = next.canary === target.canary && next.stable === target.stable;
  return { ...next, annotations: NO_DEADLINE, isFinal };
}

/** No pod goes while the traffic that it may still get is not known to have left. */
function routedSizes(situation: Situation, course: Course, draft: PlanDraft): Sizes {
  const { facts, traffic } = situation;
  const isKnown = traffic.inEffect && knowsStable(situation);
  const stable = isKnown ? facts.desired : Math.max(facts.desired, sizeOf(facts.stable));
  if (course.aborted) return { stable, ...sizeOfAbortedCanary(situation, draft), isFinal: isKnown };
  const target = sizesAtWeight(facts, course.weight).canary;
  const serving = podsForWeight(facts.desired, traffic.weight, facts.maxWeight);
  const size = sizeOf(facts.newest);
  const canary = isKnown ? Math.max(target, Math.min(serving, size)) : Math.max(target, size);
  return { stable, canary, annotations: NO_DEADLINE, isFinal: isKnown };
}

/** Whether the router had the time to learn that the stable Service means the stable version. */
function knowsStable({ facts, traffic, stableService }: Situation): boolean {
  if (stableService?.reach === undefined) return stableService?.selectedHash !== facts.currentHash;
  const known = switchKnownSince(stableService, traffic.propagationMs) ?? facts.now;
  return stableService.selectedHash === facts.stableHash && known <= facts.now;
}

/** Whether there is something to update that has to wait, for a person or for what is missing. An abort never waits. */
function hasToWait(facts: Facts, course: Course): boolean {
  if (course.aborted || isDone(facts, course)) return false;
  return facts.blocked !== undefined || isHalted(facts, course);
}

/**
 * `spec.replicas` was 0 in the middle of an update: there are no sizes to keep, and users wait. With a router the stable
 * version has all its pods otherwise, whatever older versions have; without one all versions serve, and where a single
 * pod is to be replaced by its successor there may be none for a moment although none was asked for.
 */
function isBackFromZero({ stable, newest, desired, routed, observed }: Facts, waits: boolean): boolean {
  if (stable === undefined || stable === newest || desired === 0) return false;
  const hasPods = (routed ? sizeOf(stable) : totalOf(observed.replicaSets, sizeOf)) > 0;
  return !hasPods && (waits || stable.metadata.annotations?.[DESIRED_REPLICAS_ANNOTATION] === '0');
}

/** The version that is known to serve begins; the update goes on from there, or waits until its pause ends. */
function stableAlone({ desired }: Facts): Sizes {
  return { canary: 0, stable: desired, annotations: NO_DEADLINE, isFinal: true };
}

interface Wanted extends Pick<Sizes, 'annotations' | 'isFinal'> {
  readonly size: number;
}

function resize(facts: Facts, replicaSet: ReplicaSet, wanted: Wanted, halted: boolean, draft: PlanDraft): void {
  const size = sizeOf(replicaSet);
  const isForOtherDesired =
    size > 0 && replicaSet.metadata.annotations?.[DESIRED_REPLICAS_ANNOTATION] !== String(facts.desired);
  const asked = halted && !isForOtherDesired ? size : wanted.size;
  const to = sparingLastServing(facts, replicaSet, asked, draft);
  const hasCome = !halted || (wanted.isFinal && to === wanted.size);
  const annotations = changes(replicaSet, {
    ...wanted.annotations,
    ...(hasCome && (isForOtherDesired || to !== size) ? { [DESIRED_REPLICAS_ANNOTATION]: String(facts.desired) } : {}),
  });
  if (to !== size) scale(replicaSet, to, annotations, draft);
  // Where there are no pods a deadline means nothing; Argo Rollouts leaves it behind.
  else if (size > 0 && Object.keys(annotations).length > 0) {
    const why = Object.entries(annotations)
      .map(([key, value]) => `${key}=${value ?? ''}`)
      .join(', ');
    draft.act({ kind: 'patchReplicaSet', target: targetOf(replicaSet), patch: { metadata: { annotations } }, why });
  }
}

/** Scales, and records for which `spec.replicas`. `annotations` go into the same patch. */
export function scale(
  replicaSet: ReplicaSet,
  to: number,
  annotations: Readonly<Record<string, string | null>>,
  draft: PlanDraft,
): void {
  const from = sizeOf(replicaSet);
  draft.act({
    kind: 'scaleReplicaSet',
    target: targetOf(replicaSet),
    resourceVersion: replicaSet.metadata.resourceVersion ?? '',
    from,
    to,
    annotations,
  });
  draft.tell(scalingReplicaSet(nameOf(replicaSet), revisionOf(replicaSet), from, to));
}

/** Those annotations that are not yet as wished; null wishes one away. */
export function changes(
  replicaSet: ReplicaSet,
  wished: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string | null>> {
  const has = replicaSet.metadata.annotations ?? {};
  return Object.fromEntries(Object.entries(wished).filter(([key, value]) => (has[key] ?? null) !== value));
}
