import type { CanaryStatus, RolloutAnalysisRunStatus, RolloutStatus } from '../../api/rollout-status.ts';
import { formatLabelSelector } from '../values/labels.ts';
import { stepHash } from '../values/pod-template-hash.ts';
import type { Course } from './canary/course.ts';
import { recordReach } from './canary/service-state.ts';
import type { Situation } from './canary/situation.ts';
import { replicasInEffectSince } from './canary/steps.ts';
import { recordTraffic } from './canary/traffic-state.ts';
import { countPods } from './deadline.ts';
import { type Facts, isPromoted } from './facts.ts';
import { timestamp } from './moments.ts';
import { sizeOf } from './replica-set.ts';

/** The status after this pass without conditions, phase, message and duration. Whatever is not computed here is dropped. */
export function planStatus(
  situation: Situation,
  course: Course,
  run: RolloutAnalysisRunStatus | undefined,
  restartedAt: string | undefined,
): RolloutStatus {
  const { facts } = situation;
  const { status, rollout } = facts;
  const pods = countPods(facts);
  return compact({
    currentPodHash: facts.currentHash,
    currentStepHash: stepHash(facts.steps.length === 0 ? undefined : facts.canary.steps),
    currentStepIndex: course.stepIndex,
    stableRS: course.stableHash,
    ...pods,
    HPAReplicas: pods.replicas,
    selector: formatLabelSelector(rollout.spec.selector),
    collisionCount: status.collisionCount,
    abort: course.aborted || undefined,
    abortedAt: course.abortedAt === undefined || !course.aborted ? undefined : timestamp(course.abortedAt),
    promoteFull: course.promoteFull || undefined,
    pauseConditions: course.pauses.conditions.length === 0 ? undefined : course.pauses.conditions,
    controllerPause: course.pauses.controllerPause || undefined,
    restartedAt,
    canary: planCanaryStatus(situation, course, run),
    blueGreen: status.blueGreen === undefined ? undefined : {},
    alb: status.alb,
    albs: status.albs,
  });
}

function planCanaryStatus(
  situation: Situation,
  course: Course,
  run: RolloutAnalysisRunStatus | undefined,
): CanaryStatus {
  const { facts, traffic, canaryService, stableService } = situation;
  const isMoving = isUnderWay(situation, course);
  const since = facts.routed || !isMoving ? undefined : replicasInEffectSince(facts, course.weight);
  return compact({
    currentBackgroundAnalysisRunStatus: run,
    lostAnalysisRuns: course.lostRuns || undefined,
    abortedStepIndex: course.abortedStepIndex,
    weights: hasRoute(facts) ? recordTraffic(facts, traffic, canaryService, stableService) : undefined,
    reach: (facts.routed ? isMoving : isLeaving(situation)) ? planReach(situation) : undefined,
    replicasInEffectSince: since === undefined ? undefined : timestamp(since),
    stablePingPong: facts.status.canary?.stablePingPong,
  });
}

function hasRoute({ observed }: Facts): boolean {
  return observed.routers.some((router) => router.weight !== undefined);
}

/** Old pods that are still there wait until every node knows what the stable Service reaches. */
function isLeaving({ facts, stableService }: Situation): boolean {
  return stableService !== undefined && facts.others.some((old) => sizeOf(old) > 0);
}

/** At rest nobody asks since when pods are known, so their coming and going writes nothing. */
function planReach({ canaryService, stableService }: Situation): CanaryStatus['reach'] {
  const reach = compact({ canary: recordReach(canaryService), stable: recordReach(stableService) });
  return Object.keys(reach).length === 0 ? undefined : reach;
}

/** Whether an update goes on, or the routes and Services are not yet back at rest after one. */
export function isUnderWay({ facts, traffic, canaryService, stableService }: Situation, course: Course): boolean {
  if (!isPromoted(facts, course.stableHash)) return true;
  if (!facts.routed) return false;
  const isSwitched = [canaryService, stableService].every(
    (service) => service === undefined || service.selectedHash === facts.currentHash,
  );
  const isRouted = facts.observed.routers.every(({ weight, problem }) => weight !== undefined || problem !== undefined);
  return !isSwitched || !isRouted || traffic.weight !== 0 || !traffic.inEffect;
}

/** Without members that are undefined: what `exactOptionalPropertyTypes` and JSON mean by absent. */
type Compacted<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function compact<T extends object>(object: T): Compacted<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- exactly the undefined members are gone
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Compacted<T>;
}
