import type { AnalysisPhase } from '../../api/analysis.ts';
import type { EventIntent } from './plan.ts';

/**
 * Events of a Rollout with the reasons and texts of Argo Rollouts (7.1 of its reference), which its clients and
 * notification triggers match.
 */

const normal = (reason: string, message: string): EventIntent => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): EventIntent => ({ type: 'Warning', reason, message });

/** The order in which Argo Rollouts' own sequences show what one of our passes may do at once. */
const ORDER: readonly string[] = [
  'RolloutUpdated',
  'NewReplicaSetCreated',
  'RolloutNotCompleted',
  'SkipSteps',
  'RolloutStepCompleted',
  'RolloutPaused',
  'RolloutResumed',
  'SwitchService',
  'TrafficWeightUpdated',
  'ScalingReplicaSet',
  'AnalysisRun',
  'RolloutAborted',
  'RolloutCompleted',
  'CommandIgnored',
];

function rank(event: EventIntent): number {
  return ORDER.findIndex((reason) => event.reason.startsWith(reason));
}

export function inOrder(events: readonly EventIntent[]): readonly EventIntent[] {
  return events.toSorted((left, right) => rank(left) - rank(right));
}

export function rolloutUpdated(revision: number): EventIntent {
  return normal('RolloutUpdated', `Rollout updated to revision ${revision}`);
}

export function rolloutNotCompleted(revision: number, hash: string): EventIntent {
  return normal('RolloutNotCompleted', `Rollout not completed, started update to revision ${revision} (${hash})`);
}

export function newReplicaSetCreated(name: string, revision: number): EventIntent {
  return normal('NewReplicaSetCreated', `Created ReplicaSet ${name} (revision ${revision})`);
}

export function scalingReplicaSet(name: string, revision: number, from: number, to: number): EventIntent {
  const direction = to > from ? 'up' : 'down';
  return normal(
    'ScalingReplicaSet',
    `Scaled ${direction} ReplicaSet ${name} (revision ${revision}) from ${from} to ${to}`,
  );
}

/** `index` counts from 0. */
export function stepCompleted(index: number, total: number, step: string): EventIntent {
  return normal('RolloutStepCompleted', `Rollout step ${index + 1}/${total} completed (${step})`);
}

export function rolloutPaused(reason: string): EventIntent {
  return normal('RolloutPaused', `Rollout is paused (${reason})`);
}

export function rolloutResumed(): EventIntent {
  return normal('RolloutResumed', 'Rollout is resumed');
}

export function rolloutAborted(message: string): EventIntent {
  return warning('RolloutAborted', message);
}

export function rolloutCompleted(revision: number, hash: string, reason: string): EventIntent {
  return normal('RolloutCompleted', `Rollout completed update to revision ${revision} (${hash}): ${reason}`);
}

/** Not one of Argo Rollouts', which drops such commands silently. `command` is a field of the status. */
export function commandIgnored(command: 'abort' | 'promoteFull', why: string): EventIntent {
  return warning('CommandIgnored', `${command} was ignored: ${why}`);
}

export function skipSteps(reason: string): EventIntent {
  return normal('SkipSteps', reason);
}

export function switchService(service: string, from: string, to: string): EventIntent {
  return normal('SwitchService', `Switched selector for service '${service}' from '${from}' to '${to}'`);
}

/** @param from the weight recorded before; undefined when none was. */
export function trafficWeightUpdated(from: number | undefined, to: number): EventIntent {
  return normal('TrafficWeightUpdated', `Traffic weight updated ${from === undefined ? '' : `from ${from} `}to ${to}`);
}

/** @param type what the run is used for, e.g. `Background`. */
export function analysisRunChanged(
  type: string,
  name: string,
  phase: AnalysisPhase,
  previous: AnalysisPhase | undefined,
): EventIntent {
  const make = phase === 'Failed' || phase === 'Error' ? warning : normal;
  return make(
    `AnalysisRun${phase}`,
    `${type} Analysis Run '${name}' Status New: '${phase}' Previous: '${previous ?? 'NoPreviousStatus'}'`,
  );
}
