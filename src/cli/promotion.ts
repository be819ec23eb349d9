import { stepsOf } from '../api/defaults.ts';
import { nameOf } from '../api/object-name.ts';
import type { Rollout } from '../api/rollout.ts';
import { CliError } from './cli-error.ts';
import { isPromoted, isResuming } from './view/phase.ts';

/** How far `promote` goes. */
export type PromoteMode = 'next' | 'full' | 'skip-current-step' | 'skip-all-steps';

/** What a promotion writes. Both parts may be absent: then `message` says why there is nothing to do. */
export interface Promotion {
  /** Merged into `status`. */
  readonly status?: object;
  /** Merged into `spec`. */
  readonly spec?: object;
  /** Without the name of the Rollout. */
  readonly message: string;
}

const PROMOTED = 'promoted';
const UNPAUSE = { paused: false } as const;

/**
 * What `promote` writes, as Argo Rollouts' plugin (section 8 of its reference) with its hazards removed: a canary that
 * is only held by `spec.paused` skips no step, and neither does one that somebody else has just promoted.
 *
 * Throws `CliError` for what cannot be promoted this way.
 */
export function planPromotion(rollout: Rollout, mode: PromoteMode): Promotion {
  switch (mode) {
    case 'full':
      return promoteFully(rollout);
    case 'skip-current-step':
      return skipTo(rollout, (index, length) => Math.min(index + 1, length));
    case 'skip-all-steps':
      return skipTo(rollout, (_index, length) => length);
    case 'next':
      return promoteOnce(rollout);
  }
}

function promoteFully(rollout: Rollout): Promotion {
  const spec = rollout.spec.paused === true ? { spec: UNPAUSE } : {};
  if (!isPromoted(rollout)) return { ...spec, status: { promoteFull: true }, message: 'fully promoted' };
  return { ...spec, message: 'is fully promoted already' };
}

/** A step is left in a clean state: a pause that was begun must not count for the step after it. */
function skipTo(rollout: Rollout, indexAfter: (index: number, length: number) => number): Promotion {
  const canary = rollout.spec.strategy?.canary;
  if (canary === undefined) throw new CliError('cannot skip steps: only canary rollouts have steps');
  const { length } = stepsOf(canary);
  if (length === 0) throw new CliError('cannot skip steps: the rollout has no steps');
  refuseAborted(rollout);
  const index = rollout.status?.currentStepIndex ?? 0;
  return { status: atStep(indexAfter(index, length)), message: PROMOTED };
}

function atStep(index: number): object {
  return { pauseConditions: null, controllerPause: false, currentStepIndex: index };
}

function promoteOnce(rollout: Rollout): Promotion {
  refuseAborted(rollout);
  const { spec, status = {} } = rollout;
  const isPaused = (status.pauseConditions ?? []).length > 0;
  const unpaused = spec.paused === true ? { spec: UNPAUSE } : {};
  if (isPaused) {
    const resumed = isStepInconclusive(rollout)
      ? atStep((status.currentStepIndex ?? 0) + 1)
      : { pauseConditions: null };
    return { ...unpaused, status: resumed, message: PROMOTED };
  }
  if (spec.paused === true) return { ...unpaused, message: PROMOTED };
  if (isPromoted(rollout)) return { message: 'is fully promoted already' };
  if (isResuming(rollout)) return { message: 'is being promoted already' };
  return skipRunningStep(rollout);
}

/** Nothing pauses: the user does not want to wait for the step under way. */
function skipRunningStep(rollout: Rollout): Promotion {
  const canary = rollout.spec.strategy?.canary;
  const length = canary === undefined ? 0 : stepsOf(canary).length;
  const index = rollout.status?.currentStepIndex ?? 0;
  if (index >= length) return { message: 'has no step to promote: it waits for its pods' };
  return { status: atStep(index + 1), message: PROMOTED };
}

/** The step's own analysis could not tell; whoever promotes has decided, so it is not run again. */
function isStepInconclusive({ status }: Rollout): boolean {
  return status?.controllerPause === true && status.canary?.currentStepAnalysisRunStatus?.status === 'Inconclusive';
}

function refuseAborted(rollout: Rollout): void {
  if (rollout.status?.abort !== true || isPromoted(rollout)) return;
  const name = nameOf(rollout);
  throw new CliError(`rollout "${name}" is aborted: there is no step to promote`, {
    hint: `try again with \`kubectl linnet retry rollout ${name}\`, skip all judgement with \`promote ${name} --full\`, or go back with \`undo ${name}\``,
  });
}
