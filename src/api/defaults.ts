import type { BlueGreenStrategy } from './blue-green.ts';
import type { CanaryStrategy } from './canary.ts';
import type { CanaryStep, PauseTimeoutAction, RolloutPause } from './canary-step.ts';
import type { RolloutSpec } from './rollout.ts';

/**
 * What an absent field means. The values are Argo Rollouts' (section 1 of its reference). They are asked for where they
 * are needed and never written into an object: what a user left out stays left out.
 */

const REPLICAS = 1;
const MIN_READY_SECONDS = 0;
const PROGRESS_DEADLINE_SECONDS = 600;
const REVISION_HISTORY_LIMIT = 10;
const RUN_HISTORY_LIMIT = 5;
const SCALE_DOWN_DELAY_SECONDS = 30;
const ABORT_SCALE_DOWN_DELAY_SECONDS = 30;
const MAX_TRAFFIC_WEIGHT = 100;
const SURGE_AND_UNAVAILABLE = '25%';

export function replicasOf(spec: RolloutSpec): number {
  return spec.replicas ?? REPLICAS;
}

export function minReadySecondsOf(spec: RolloutSpec): number {
  return spec.minReadySeconds ?? MIN_READY_SECONDS;
}

export function progressDeadlineSecondsOf(spec: RolloutSpec): number {
  return spec.progressDeadlineSeconds ?? PROGRESS_DEADLINE_SECONDS;
}

/** Counts old ReplicaSets only: the newest and the stable one are kept besides. */
export function revisionHistoryLimitOf(spec: RolloutSpec): number {
  return spec.revisionHistoryLimit ?? REVISION_HISTORY_LIMIT;
}

/** How many finished AnalysisRuns (and Experiments) are kept, by how they ended. */
export function runHistoryLimitsOf(spec: RolloutSpec): { readonly successful: number; readonly unsuccessful: number } {
  return {
    successful: spec.analysis?.successfulRunHistoryLimit ?? RUN_HISTORY_LIMIT,
    unsuccessful: spec.analysis?.unsuccessfulRunHistoryLimit ?? RUN_HISTORY_LIMIT,
  };
}

/** To be rounded up. */
export function maxSurgeOf(canary: CanaryStrategy): number | string {
  return canary.maxSurge ?? SURGE_AND_UNAVAILABLE;
}

/** To be rounded down. */
export function maxUnavailableOf(
  strategy: Pick<CanaryStrategy | BlueGreenStrategy, 'maxUnavailable'>,
): number | string {
  return strategy.maxUnavailable ?? SURGE_AND_UNAVAILABLE;
}

export function stepsOf(canary: CanaryStrategy): readonly CanaryStep[] {
  return canary.steps ?? [];
}

/** What counts as all of the traffic. */
export function maxTrafficWeightOf(canary: CanaryStrategy): number {
  return canary.trafficRouting?.maxTrafficWeight ?? MAX_TRAFFIC_WEIGHT;
}

/** Index of the step with which background analysis starts. */
export function startingStepOf(canary: CanaryStrategy): number {
  return canary.analysis?.startingStep ?? 0;
}

/** Seconds before the previous version is scaled down. Without traffic routing a canary knows no such delay: 0. */
export function canaryScaleDownDelaySecondsOf(canary: CanaryStrategy): number {
  return canary.trafficRouting === undefined ? 0 : (canary.scaleDownDelaySeconds ?? SCALE_DOWN_DELAY_SECONDS);
}

/** Seconds before an aborted canary is scaled down; undefined for never. Without traffic routing: at once. */
export function canaryAbortScaleDownDelaySecondsOf(canary: CanaryStrategy): number | undefined {
  return canary.trafficRouting === undefined ? 0 : abortDelay(canary.abortScaleDownDelaySeconds);
}

export function blueGreenScaleDownDelaySecondsOf(blueGreen: BlueGreenStrategy): number {
  return blueGreen.scaleDownDelaySeconds ?? SCALE_DOWN_DELAY_SECONDS;
}

/** Seconds before an aborted preview is scaled down; undefined for never. */
export function blueGreenAbortScaleDownDelaySecondsOf(blueGreen: BlueGreenStrategy): number | undefined {
  return abortDelay(blueGreen.abortScaleDownDelaySeconds);
}

/** In the spec 0 means never. */
function abortDelay(seconds: number | undefined): number | undefined {
  return seconds === 0 ? undefined : (seconds ?? ABORT_SCALE_DOWN_DELAY_SECONDS);
}

/** How many previous versions may wait in the scale-down delay. */
export function scaleDownDelayRevisionLimitOf(
  strategy: Pick<CanaryStrategy | BlueGreenStrategy, 'scaleDownDelayRevisionLimit'>,
): number {
  return strategy.scaleDownDelayRevisionLimit ?? Infinity;
}

export function autoPromotionEnabledOf(blueGreen: BlueGreenStrategy): boolean {
  return blueGreen.autoPromotionEnabled ?? true;
}

/** What happens when `pause.timeout` has passed before the step was verified. */
export function onPauseTimeoutOf(pause: RolloutPause): PauseTimeoutAction {
  return pause.onTimeout ?? 'hold';
}
