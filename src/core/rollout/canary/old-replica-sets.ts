import type { ReplicaSet } from '../../../api/core-types.ts';
import { canaryScaleDownDelaySecondsOf, scaleDownDelayRevisionLimitOf } from '../../../api/defaults.ts';
import { DESIRED_REPLICAS_ANNOTATION, SCALE_DOWN_DEADLINE_ANNOTATION } from '../../../api/keys.ts';
import { nameOf } from '../../../api/object-name.ts';
import type { PlanDraft } from '../draft.ts';
import { type Facts, isPromoted } from '../facts.ts';
import { availableOf, hashOf, sizeOf, targetOf, totalOf } from '../replica-set.ts';
import { SERVICE_PROPAGATION_MS } from '../serving.ts';
import { type Course, isHalted } from './course.ts';
import { sparingLastServing } from './last-serving.ts';
import { delayVerdict } from './scale-down-delay.ts';
import { changes, scale } from './scaling.ts';
import { FOREIGN_SERVICE_POLL_MS, serviceSelecting, switchKnownSince, switchOpenUntil } from './service-state.ts';
import type { Situation } from './situation.ts';

/** Scales down versions that are neither the newest nor the stable one (3.15 of Argo Rollouts' reference). */
export function planOldReplicaSets(situation: Situation, course: Course, draft: PlanDraft): void {
  const { facts } = situation;
  const live = facts.others.filter((replicaSet) => sizeOf(replicaSet) > 0);
  // A Rollout that shall have no pods has none, whoever may be sent to them and whatever is paused.
  if (facts.desired === 0) for (const replicaSet of live) scaleOld(facts, replicaSet, 0, draft);
  else if (isHalted(facts, course)) return;
  else if (facts.routed) planRouted(situation, live, draft);
  else
    planUnrouted(
      facts,
      live.filter((old) => !isStillServing(situation, old, draft)),
      draft,
    );
}

/**
 * The stable Service is about to be switched, or was switched and not every node knows: until then the old pods are all
 * that it reaches.
 */
function isStillServing({ facts, stableService }: Situation, old: ReplicaSet, draft: PlanDraft): boolean {
  if (stableService === undefined) return false;
  if (stableService.selectedHash === hashOf(old)) return true;
  const until = switchOpenUntil(stableService, SERVICE_PROPAGATION_MS, facts.now);
  if (until === undefined || availableOf(old) === 0) return false;
  if (until < Number.POSITIVE_INFINITY) draft.wakeAt(until);
  draft.waitFor(
    'scale-down-waits',
    `pods of ${nameOf(old)} go once nodes know which pods Service ${stableService.name} reaches`,
  );
  return true;
}

/** Pods that never became available go first; of the others as many as availability allows, newest revision first. */
function planUnrouted(facts: Facts, live: readonly ReplicaSet[], draft: PlanDraft): void {
  const unhealthy = live.filter((replicaSet) => availableOf(replicaSet) < sizeOf(replicaSet));
  for (const replicaSet of unhealthy) scaleOld(facts, replicaSet, availableOf(replicaSet), draft);
  const staying = totalOf(facts.observed.replicaSets, (replicaSet) =>
    Math.min(draft.sizeAfter(replicaSet), availableOf(replicaSet)),
  );
  let spare = staying - (facts.desired - facts.unavailable);
  for (const replicaSet of live.filter((candidate) => !unhealthy.includes(candidate))) {
    if (spare <= 0) return;
    const reduction = Math.min(spare, sizeOf(replicaSet));
    const to = sparingLastServing(facts, replicaSet, sizeOf(replicaSet) - reduction, draft);
    if (to < sizeOf(replicaSet)) scaleOld(facts, replicaSet, to, draft);
    spare -= reduction;
  }
}

function planRouted(situation: Situation, live: readonly ReplicaSet[], draft: PlanDraft): void {
  const { facts } = situation;
  const limit = scaleDownDelayRevisionLimitOf(facts.canary);
  for (const [index, replicaSet] of live.entries()) {
    const obstacle = obstacleToLeaving(situation, replicaSet, draft);
    if (obstacle !== undefined) draft.waitFor('scale-down-waits', `pods of ${nameOf(replicaSet)} go once ${obstacle}`);
    else if (index >= limit || availableOf(replicaSet) === 0) scaleOld(facts, replicaSet, 0, draft);
    else leaveAfterDelay(facts, replicaSet, draft);
  }
}

function leaveAfterDelay(facts: Facts, replicaSet: ReplicaSet, draft: PlanDraft): void {
  const delay = canaryScaleDownDelaySecondsOf(facts.canary);
  const verdict = delayVerdict(replicaSet, delay, facts.now);
  if (verdict.kind === 'due') {
    scaleOld(facts, replicaSet, 0, draft);
    return;
  }
  draft.wakeAt(verdict.until);
  draft.waitFor('scale-down-waits', `pods of ${nameOf(replicaSet)} go at ${verdict.annotation}`);
  const annotations = changes(replicaSet, { [SCALE_DOWN_DEADLINE_ANNOTATION]: verdict.annotation });
  if (Object.keys(annotations).length === 0) return;
  const why = `scaled down at ${verdict.annotation}`;
  draft.act({ kind: 'patchReplicaSet', target: targetOf(replicaSet), patch: { metadata: { annotations } }, why });
}

/**
 * Old pods stay while any traffic may still reach them: after a promotion, until the routes are back at rest; when the
 * next update came before that, until the router knows that the stable Service was switched.
 */
function obstacleToLeaving(situation: Situation, old: ReplicaSet, draft: PlanDraft): string | undefined {
  const { facts, traffic, stableService } = situation;
  const selecting = serviceSelecting(facts, hashOf(old));
  if (selecting !== undefined) {
    draft.wakeAt(facts.now + FOREIGN_SERVICE_POLL_MS);
    return `Service ${selecting} selects another version`;
  }
  if (isPromoted(facts, facts.stableHash)) {
    const isAtRest = traffic.weight === 0 && traffic.inEffect;
    return isAtRest ? undefined : `the routes are at rest (canary weight ${traffic.weight} now)`;
  }
  const known = switchKnownSince(stableService, traffic.propagationMs) ?? Number.POSITIVE_INFINITY;
  if (stableService === undefined || known <= facts.now) return undefined;
  if (known < Number.POSITIVE_INFINITY) draft.wakeAt(known);
  return `the router knows which pods Service ${stableService.name} reaches`;
}

function scaleOld(facts: Facts, replicaSet: ReplicaSet, to: number, draft: PlanDraft): void {
  const wished = {
    [DESIRED_REPLICAS_ANNOTATION]: String(facts.desired),
    ...(to === 0 ? { [SCALE_DOWN_DEADLINE_ANNOTATION]: null } : {}),
  };
  scale(replicaSet, to, changes(replicaSet, wished), draft);
}
