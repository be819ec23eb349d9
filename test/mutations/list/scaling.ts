import type { Mutation } from '../mutation.ts';

const SCALING = 'scenario/failures/scaling.test.ts';
const ZERO = 'scenario/failures/scale-to-zero.test.ts';
const REGRESSIONS = 'scenario/world/regressions.test.ts';

/** How many pods there are. */
export const SCALING_MUTATIONS: readonly Mutation[] = [
  {
    id: 'scale-down-delay-ignored',
    hurts: 'connections of users are cut in the moment of the promotion, and nothing is left to roll back to',
    file: 'core/rollout/canary/scale-down-delay.ts',
    find: 'if (delaySeconds <= 0 || until <= now)',
    replace: 'if (delaySeconds >= 0 || until <= now)',
    caughtBy: {
      scenario: 'scenario/failures/traffic.test.ts',
      test: 'F42 long-lived connections at a promotion: the pods that traffic left stay alive to drain',
    },
  },
  {
    id: 'far-deadline-trusted',
    hurts: 'a garbled or far-off scale-down deadline keeps old pods for years',
    file: 'core/rollout/canary/scale-down-delay.ts',
    find: 'const until = notAhead(stored, latest);',
    replace: 'const until = stored ?? 0;',
    caughtBy: {
      scenario: 'scenario/failures/refusals.test.ts',
      test: 'F12 conflict while writing the scale-down deadline: it is never empty, mended when garbled, and counts anew',
    },
  },
  {
    id: 'aborted-pods-leave-before-router-let-go',
    hurts: 'after an abort the canary dies while a slow proxy still sends users to it',
    file: 'core/rollout/canary/aborted-canary.ts',
    find: 'const obstacle = obstacleToScaleDown(situation, draft);',
    replace: 'const obstacle = [obstacleToScaleDown(situation, draft)].find(() => false);',
    caughtBy: {
      scenario: 'scenario/failures/traffic.test.ts',
      test: 'F41 abort scale-down before the router let go: the delay begins when it has',
    },
  },
  {
    id: 'referenced-version-scaled-down',
    hurts: 'a Service of another team that still selects the old version loses all its pods',
    file: 'core/rollout/canary/service-state.ts',
    find: 'if (hash === undefined) return undefined;\n  return [...observed.services]',
    replace: 'if (hash !== undefined) return undefined;\n  return [...observed.services]',
    caughtBy: {
      scenario: 'scenario/failures/traffic.test.ts',
      test: 'F32 old hash still referenced: its pods stay as long as any Service selects them',
    },
  },
  {
    id: 'max-unavailable-exceeded',
    hurts: 'an update takes more pods away than the service can miss under load',
    file: 'core/rollout/canary/replicas.ts',
    find: 'const spare = pool - (desired - unavailable);',
    replace: 'const spare = pool - (desired - unavailable) + 1;',
    caughtBy: { world: 41 },
  },
  {
    id: 'max-surge-exceeded',
    hurts: 'an update opens more database connections than the quota that maxSurge stands for',
    file: 'core/rollout/canary/replicas.ts',
    find: 'const budget = Math.max(0, desired + surge - (canarySize + stable.size + others));',
    replace: 'const budget = Math.max(0, desired + surge + 1 - (canarySize + stable.size + others));',
    caughtBy: { scenario: SCALING, test: 'F48 maxSurge with steps: never more than 22 of 20 pods' },
  },
  {
    id: 'singleton-doubled',
    hurts: 'two pods of an application that must not run twice write to one volume',
    file: 'core/rollout/facts.ts',
    find: 'leaving: desired === 1 && allowed.surge === 0 ? countLeaving(observed) : 0,',
    replace: 'leaving: 0,',
    caughtBy: {
      scenario: SCALING,
      test: 'F49 maxSurge 0 singleton: never two pods, in update, abort, retry, restart and rollback',
    },
  },
  {
    id: 'autoscaler-overwritten',
    hurts: 'a manifest without spec.replicas brings forty pods down to one',
    file: 'core/rollout/plan-rollout.ts',
    find: 'return (Number.isInteger(sizedFor) && sizeOf(stable) > 0 ? sizedFor : sizeOf(stable)) || 1;',
    replace: 'return Number.isInteger(sizedFor) ? 1 : 1;',
    caughtBy: {
      scenario: SCALING,
      test: 'F55 replicas removed from the manifest at rest: the current number stays',
    },
  },
  {
    id: 'autoscaler-misled',
    hurts: 'the autoscaler divides the load by the pods of the new version alone, and scales without end',
    file: 'core/rollout/status.ts',
    find: 'HPAReplicas: pods.replicas,',
    replace: 'HPAReplicas: pods.updatedReplicas,',
    caughtBy: {
      scenario: SCALING,
      test: 'F46 HPA during scaleDownDelay: one write per ReplicaSet and change, and the phase stays Healthy',
    },
  },
  {
    id: 'paused-update-ignores-autoscaler',
    hurts: 'under rising load a paused release keeps the size that it had when it was paused',
    file: 'core/rollout/canary/scaling.ts',
    find: 'const asked = halted && !isForOtherDesired ? size : wanted.size;',
    replace: 'const asked = halted ? size : wanted.size;',
    caughtBy: {
      scenario: 'golden/stories.test.ts',
      test: 'scale-while-spec-paused > reads as approved and breaks no invariant',
    },
  },
  {
    id: 'restart-and-scale-down-at-once',
    hurts: 'a restart during a scale-down takes twice the pods that may be missing',
    file: 'core/rollout/restart.ts',
    find: 'const staying = totalOf(replicaSets, (replicaSet) => servingAfter(facts, replicaSet, draft));',
    replace: 'const staying = totalOf(replicaSets, ({ status }) => status?.availableReplicas ?? 0);',
    caughtBy: {
      scenario: REGRESSIONS,
      test: 'restart-during-scale-down (I3): A pass that scaled down and evicted for a restart spent maxUnavailable twice.',
    },
  },
  {
    id: 'last-pod-leaves-before-nodes-know',
    hurts: 'a small Rollout without a router is out of reach for two seconds at each update',
    file: 'core/rollout/canary/last-serving.ts',
    find: 'if (serving > 0) return to;',
    replace: 'return to;',
    caughtBy: {
      scenario: REGRESSIONS,
      test: 'last-pod-before-nodes-know (I1): Without a router the last old pod went as soon as a new one was ready, before nodes knew of that one.',
    },
  },
  {
    id: 'last-old-pod-leaves-with-the-switch',
    hurts: 'without a router, nodes send users to the last old pod for a second after it is gone',
    file: 'core/rollout/canary/old-replica-sets.ts',
    find: 'if (until === undefined || availableOf(old) === 0) return false;',
    replace: 'if (until === undefined || availableOf(old) >= 0) return false;',
    caughtBy: { world: 55 },
  },
  {
    id: 'paused-size-taken-for-reached',
    hurts: 'a release that is paused and scaled to 0 keeps pods for as long as the pause lasts',
    file: 'core/rollout/canary/scaling.ts',
    find: 'const hasCome = !halted || (wanted.isFinal && to === wanted.size);',
    replace: 'const hasCome = true;',
    caughtBy: {
      scenario: ZERO,
      test: 'F57 replicas to 0 and back while a person has paused and an older version is left, without one',
    },
  },
  {
    id: 'paused-at-rest-stays-down',
    hurts: 'a healthy release that is paused and scaled to 0 has no pods when it gets replicas again',
    file: 'core/rollout/canary/scaling.ts',
    find: 'if (course.aborted || isDone(facts, course)) return false;',
    replace: 'if (course.aborted) return false;',
    caughtBy: {
      scenario: ZERO,
      test: 'F57 replicas to 0 and back while a person has paused and nothing is updated: the pods are back',
    },
  },
  {
    id: 'promoted-without-pods',
    hurts: 'whoever scales a bad version to 0 makes it the stable one, and an abort has nothing to return to',
    file: 'core/rollout/canary/promotion.ts',
    find: 'return (metadata.generation ?? 1) > 1;',
    replace: 'return (metadata.generation ?? 1) > 1_000_000;',
    caughtBy: {
      scenario: ZERO,
      test: 'F57 replicas to 0 and back with a version that is never ready and no steps: the old one serves, and is what an abort returns to',
    },
  },
  {
    id: 'back-from-zero-asks-old-versions',
    hurts: 'a paused release that comes back from 0 replicas stays down while pods of an older version are left',
    file: 'core/rollout/canary/scaling.ts',
    find: 'const hasPods = (routed ? sizeOf(stable) : totalOf(observed.replicaSets, sizeOf)) > 0;',
    replace: 'const hasPods = totalOf(observed.replicaSets, sizeOf) > 0;',
    caughtBy: {
      scenario: ZERO,
      test: 'F57 replicas to 0 and back while a person has paused, and a death on the way down: the stable version has its pods',
    },
  },
  {
    id: 'switch-forgotten-by-restart',
    hurts: 'a restart takes the last pod of the version before while nodes still send everybody to it',
    file: 'core/rollout/restart.ts',
    find: 'return switchOpenUntil(stableService, propagationMs, facts.now) !== undefined;',
    replace: 'return false;',
    caughtBy: {
      scenario: REGRESSIONS,
      test: 'restart-as-a-service-is-switched (I1): A restart evicted the last pod of the version before in the moment in which the stable Service was switched away from it, while nodes still sent everything to it.',
    },
  },
  {
    id: 'deleted-pods-serve',
    hurts: 'a restart takes the last pod of a version while the news of the one before it is late',
    file: 'core/rollout/serving.ts',
    find: 'return Math.min(draft.sizeAfter(replicaSet), availableOf(replicaSet), servingPods(facts, replicaSet).length);',
    replace: 'return draft.sizeAfter(replicaSet) > 0 ? servingPods(facts, replicaSet).length : 0;',
    caughtBy: {
      scenario: REGRESSIONS,
      test: 'restart-counts-a-deleted-pod (I1): A restart evicted the last stable pod, because another one whose deletion had not been heard of seemed to serve.',
    },
  },
];
