import type { AnalysisRun } from '../../api/analysis.ts';
import type { Job, KubeObject, Pod, ReplicaSet } from '../../api/core-types.ts';
import type { Experiment } from '../../api/experiment.ts';
import { nameOf } from '../../api/object-name.ts';
import type { EpochMs } from '../../api/time.ts';
import { availableOf, sizeOf } from '../../core/rollout/replica-set.ts';
import { revisionOf } from '../../core/rollout/revision.ts';
import { ownedBy, type RolloutFamily } from './family.ts';
import { healthOfPhase, healthSpan } from './icon.ts';
import { isTroubled, lastValue, type MetricState, metricStates } from './metric-state.ts';
import { phaseOf } from './phase.ts';
import { podState } from './pod-state.ts';
import type { Span } from './table.ts';
import type { TreeNode } from './tree.ts';
import { scaleDownDelay, tagSpan, tagsOf } from './version-tags.ts';

/** The Rollout, its revisions from the newest on, and what belongs to each. */
export function rolloutTree(family: RolloutFamily, now: EpochMs): TreeNode {
  const { rollout } = family;
  const { phase } = phaseOf(rollout);
  const replicaSets = ownedBy(rollout, family.replicaSets);
  const experiments = ownedBy(rollout, family.experiments);
  const analysisRuns = ownedBy(rollout, family.analysisRuns);
  const revisions = [...new Set([...replicaSets, ...experiments, ...analysisRuns].map(revisionOf))];
  return {
    kind: 'Rollout',
    name: nameOf(rollout),
    status: healthSpan(healthOfPhase(phase), phase),
    createdAt: rollout.metadata.creationTimestamp,
    info: [],
    children: revisions
      .sort((one, other) => other - one)
      .map((revision) => {
        const isOfRevision = (object: KubeObject): boolean => revisionOf(object) === revision;
        return revisionNode(revision, [
          ...byAge(replicaSets.filter(isOfRevision)).map((object) => replicaSetNode(family, object, now)),
          ...byAge(experiments.filter(isOfRevision)).map((object) => experimentNode(family, object, now)),
          ...byAge(analysisRuns.filter(isOfRevision)).map((object) => analysisRunNode(family, object)),
        ]);
      }),
  };
}

function revisionNode(revision: number, children: readonly TreeNode[]): TreeNode {
  return { kind: 'Revision', name: `revision:${revision === 0 ? '?' : revision}`, info: [], children };
}

/** Oldest first; names decide between those of the same second, so that nothing jumps about between two looks. */
function byAge<T extends KubeObject>(objects: readonly T[]): T[] {
  const keyOf = (object: T): string => `${object.metadata.creationTimestamp ?? ''} ${nameOf(object)}`;
  return [...objects].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

function replicaSetNode(family: RolloutFamily, replicaSet: ReplicaSet, now: EpochMs): TreeNode {
  const word = replicaSetWord(replicaSet);
  const delay = scaleDownDelay(replicaSet, now);
  return {
    kind: 'ReplicaSet',
    name: nameOf(replicaSet),
    status: healthSpan(healthOfPhase(word), word),
    createdAt: replicaSet.metadata.creationTimestamp,
    info: [...tagsOf(family.rollout, replicaSet).map(tagSpan), ...(delay === undefined ? [] : [delay])],
    children: byAge(ownedBy(replicaSet, family.pods)).map(podNode),
  };
}

function replicaSetWord(replicaSet: ReplicaSet): string {
  const failed = replicaSet.status?.conditions?.some(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (failed === true) return 'Degraded';
  const wanted = sizeOf(replicaSet);
  if (wanted === 0) return 'ScaledDown';
  return availableOf(replicaSet) < wanted ? 'Progressing' : 'Healthy';
}

function podNode(pod: Pod): TreeNode {
  const { word, health, ready, containers, restarts } = podState(pod);
  const restarted: readonly Span[] = restarts === 0 ? [] : [{ text: `restarts:${restarts}`, tone: 'warning' }];
  return {
    kind: 'Pod',
    name: nameOf(pod),
    status: healthSpan(health, word),
    createdAt: pod.metadata.creationTimestamp,
    info: [{ text: `ready:${ready}/${containers}` }, ...restarted],
    children: [],
  };
}

function experimentNode(family: RolloutFamily, experiment: Experiment, now: EpochMs): TreeNode {
  const phase = experiment.status?.phase ?? 'Pending';
  return {
    kind: 'Experiment',
    name: nameOf(experiment),
    status: healthSpan(healthOfPhase(phase), phase),
    createdAt: experiment.metadata.creationTimestamp,
    info: [],
    children: [
      ...byAge(ownedBy(experiment, family.replicaSets)).map((object) => replicaSetNode(family, object, now)),
      ...byAge(ownedBy(experiment, family.analysisRuns)).map((object) => analysisRunNode(family, object)),
    ],
  };
}

function analysisRunNode(family: RolloutFamily, run: AnalysisRun): TreeNode {
  const phase = run.status?.phase ?? 'Pending';
  const metrics = metricStates(run);
  return {
    kind: 'AnalysisRun',
    name: nameOf(run),
    status: healthSpan(healthOfPhase(phase), phase),
    createdAt: run.metadata.creationTimestamp,
    info: measurementCounts(metrics),
    children: [...metrics.filter(isTroubled).map(metricNode), ...byAge(ownedBy(run, family.jobs)).map(jobNode)],
  };
}

/** E.g. `✔ 4,✖ 1`; an icon whose count is 0 is left out. */
function measurementCounts(metrics: readonly MetricState[]): readonly Span[] {
  const total = (count: (metric: MetricState) => number): number =>
    metrics.reduce((sum, metric) => sum + count(metric), 0);
  const counts = [
    healthSpan('healthy', String(total(({ successful }) => successful))),
    healthSpan('bad', String(total(({ failed }) => failed))),
    healthSpan('unknown', String(total(({ inconclusive }) => inconclusive))),
    healthSpan('warning', String(total(({ errors }) => errors))),
  ];
  return counts.filter(({ text }) => !text.endsWith(' 0'));
}

function metricNode(metric: MetricState): TreeNode {
  const { name, dryRun, condition, last } = metric;
  const phase = metric.phase === 'Running' ? (last?.phase ?? metric.phase) : metric.phase;
  return {
    kind: 'Metric',
    name,
    status: healthSpan(healthOfPhase(phase), phase),
    createdAt: last?.finishedAt,
    info: [{ text: `last: ${lastValue(metric)}` }, { text: ` ${condition}${dryRun ? ' (dry run)' : ''}` }],
    children: [],
  };
}

function jobNode(job: Job): TreeNode {
  const word = jobWord(job);
  return {
    kind: 'Job',
    name: nameOf(job),
    status: healthSpan(healthOfPhase(word), word),
    createdAt: job.metadata.creationTimestamp,
    info: [],
    children: [],
  };
}

function jobWord({ status }: Job): string {
  const has = (wanted: string): boolean =>
    (status?.conditions ?? []).some((condition) => condition.type === wanted && condition.status === 'True');
  if (has('Failed')) return 'Failed';
  if (has('Complete')) return 'Complete';
  return (status?.active ?? 0) > 0 ? 'Running' : 'Pending';
}
