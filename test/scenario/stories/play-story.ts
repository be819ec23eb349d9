import type { ReplicaSet, Service } from '../../../src/api/core-types.ts';
import { REVISION_ANNOTATION } from '../../../src/api/keys.ts';
import { deepEqual } from '../../../src/core/values/deep-equal.ts';
import { STORIES } from '../../golden/scripts.ts';
import { ClusterStage, type Fault } from './cluster-stage.ts';

/** What a story came to, apart from when and from names that the server makes up. */
export interface Outcome {
  readonly end: object;
  /** Reasons of the Events that tell what became of the Rollout, sorted. */
  readonly events: readonly string[];
  readonly violations: readonly string[];
  /** Writes of the controller. */
  readonly writes: number;
}

/** Told with the status that they are about. */
const OF_STATUS =
  /^(RolloutUpdated|NewReplicaSetCreated|RolloutNotCompleted|SkipSteps|RolloutStepCompleted|RolloutPaused|RolloutAborted|RolloutCompleted|CommandIgnored|AnalysisRun)/;

/** Plays a story with the real controllers. */
export async function playStory(name: string, fault?: Fault): Promise<Outcome> {
  const script = STORIES[name];
  if (script === undefined) throw new Error(`there is no story ${name}`);
  const stage = new ClusterStage(script.options, fault);
  await stage.play(script);
  return {
    end: endOf(stage),
    events: stage.cluster
      .reasons('web')
      .filter((reason) => OF_STATUS.test(reason))
      .toSorted(),
    violations: stage.violations,
    writes: stage.writes,
  };
}

function endOf({ cluster, rollout, dataPlane }: ClusterStage): object {
  const { phase, currentStepIndex, stableRS, currentPodHash, abort } = rollout.status ?? {};
  const replicaSets = cluster.stored<ReplicaSet>('apps/replicasets').map(({ metadata, spec }) => ({
    revision: metadata.annotations?.[REVISION_ANNOTATION],
    image: spec?.template?.spec?.containers[0]?.image,
    replicas: spec?.replicas,
  }));
  return {
    phase,
    currentStepIndex,
    stableRS,
    currentPodHash,
    abort,
    replicaSets: replicaSets.toSorted((left, right) => Number(left.revision) - Number(right.revision)),
    pods: cluster.stored('/pods').length,
    selectors: cluster.stored<Service>('/services').map(({ metadata, spec }) => [metadata.name, spec?.selector]),
    weight: dataPlane.weights.at(-1),
    runs: cluster
      .runs()
      .map(({ status }) => status?.phase ?? '')
      .toSorted(),
  };
}

/** What a fault changed besides the time; undefined when nothing. */
export function difference(calm: Outcome, disturbed: Outcome): string | undefined {
  if (disturbed.violations.length > 0) return disturbed.violations.join('\n');
  if (!deepEqual(disturbed.end, calm.end))
    return `it ended as ${JSON.stringify(disturbed.end)} and not as ${JSON.stringify(calm.end)}`;
  const twice = disturbed.events.filter(
    (reason, index) => index >= 0 && count(disturbed, reason) > count(calm, reason),
  );
  return twice.length === 0 ? undefined : `told more than once: ${[...new Set(twice)].join(', ')}`;
}

function count({ events }: Outcome, reason: string): number {
  return events.filter((each) => each === reason).length;
}
