import type { RolloutStatus } from '../../../api/rollout.ts';
import { planAnalysisRuns } from '../analysis-runs.ts';
import { planConditions } from '../conditions.ts';
import { countPods } from '../deadline.ts';
import type { PlanDraft } from '../draft.ts';
import { planDuration } from '../duration.ts';
import { rolloutPaused, rolloutResumed, trafficWeightUpdated } from '../events.ts';
import type { Facts } from '../facts.ts';
import { planHistory } from '../history.ts';
import { planRevision } from '../new-revision.ts';
import { planPhase } from '../phase.ts';
import { withReadiness } from '../readiness.ts';
import { planRestart } from '../restart.ts';
import type { Standing } from '../standing.ts';
import { isUnderWay, planStatus } from '../status.ts';
import { type Course, decideCourse } from './course.ts';
import { planOldReplicaSets } from './old-replica-sets.ts';
import { planScaling } from './scaling.ts';
import { planServices } from './services.ts';
import { assess, type Situation } from './situation.ts';
import { planWeight } from './weights.ts';

/** Plans a canary: decides where the update stands, then makes traffic, Services and pods follow. */
export function planCanary(facts: Facts, draft: PlanDraft): RolloutStatus {
  const situation = assess(facts);
  planRevision(facts, draft);
  const course = decideCourse(situation, draft);
  planWeight(situation, course, draft);
  silenceStrayRoutes(facts, draft);
  planServices(situation, course, draft);
  planScaling(situation, course, draft);
  planOldReplicaSets(situation, course, draft);
  planHistory(facts, draft);
  const run = planAnalysisRuns(situation, course, draft);
  const restartedAt = planRestart(situation, course, draft);
  const status = planStatus(situation, course, run, restartedAt);
  tellChanges(facts, course, status, draft);
  return withVerdict(situation, course, status, draft);
}

function withVerdict(situation: Situation, course: Course, status: RolloutStatus, draft: PlanDraft): RolloutStatus {
  const { facts } = situation;
  const standing: Standing = { facts, course, pods: countPods(facts), status };
  const conditions = planConditions(standing, draft);
  const phase = planPhase(standing, conditions, draft.waits, isUnderWay(situation, course));
  const finished = withDuration(facts, course, { ...status, conditions, ...phase }, draft);
  return withReadiness(facts.rollout, finished, facts.now);
}

function withDuration(facts: Facts, course: Course, status: RolloutStatus, draft: PlanDraft): RolloutStatus {
  const { duration, ended } = planDuration(facts, course.isNewUpdate, status);
  if (ended !== undefined) draft.endAttempt(ended);
  return duration === undefined ? status : { ...status, duration };
}

/** Without its router nobody would ever lower the weight again: the next version would get it at once. */
function silenceStrayRoutes({ observed }: Facts, draft: PlanDraft): void {
  for (const { name, uid, patch } of observed.strayRoutes ?? []) {
    draft.act({ kind: 'silenceRoute', target: { name, uid }, patch });
  }
}

/** Events for what the status says now and did not say before. */
function tellChanges(facts: Facts, course: Course, status: RolloutStatus, draft: PlanDraft): void {
  const before = facts.status;
  const wasPaused = (before.pauseConditions ?? []).length > 0;
  const [pause] = status.pauseConditions ?? [];
  if (pause !== undefined && !wasPaused) draft.tell(rolloutPaused(pause.reason));
  if (pause === undefined && wasPaused && !course.aborted) draft.tell(rolloutResumed());
  const from = before.canary?.weights?.canary.weight;
  const to = status.canary?.weights?.canary.weight;
  if (to !== undefined && from !== to) draft.tell(trafficWeightUpdated(from, to));
}
