import { WORKLOAD_GENERATION_ANNOTATION } from '../../api/keys.ts';
import type { Rollout } from '../../api/rollout.ts';
import { isObserved } from '../../core/rollout/observed-generation.ts';

export interface PhaseAndMessage {
  readonly phase: 'Healthy' | 'Degraded' | 'Progressing' | 'Paused';
  readonly message: string;
}

/**
 * How a Rollout stands for a client: what the controller says, unless it has not seen the newest spec or order yet
 * (2.3 of the reference of Argo Rollouts).
 */
export function phaseOf(rollout: Rollout): PhaseAndMessage {
  const { status = {}, spec } = rollout;
  if (!isObserved(rollout)) return progressing('waiting for rollout spec update to be observed');
  if (isResuming(rollout)) return progressing('waiting for rollout to unpause');
  const workloadGeneration = rollout.metadata.annotations?.[WORKLOAD_GENERATION_ANNOTATION];
  if (spec.workloadRef !== undefined && (workloadGeneration ?? '') !== (status.workloadObservedGeneration ?? '')) {
    return progressing('waiting for rollout spec update to be observed for the reference workload');
  }
  const { phase } = status;
  if (phase === undefined) return progressing('the controller has not reported a phase yet');
  return { phase, message: status.message ?? '' };
}

function progressing(message: string): PhaseAndMessage {
  return { phase: 'Progressing', message };
}

/** A person has removed the pause, and the controller has not acted on it yet. */
export function isResuming({ status }: Rollout): boolean {
  return status?.controllerPause === true && (status.pauseConditions ?? []).length === 0;
}

/** Whether the newest version is the stable one, so that there is no update under way. */
export function isPromoted({ status }: Rollout): boolean {
  const stable = status?.stableRS ?? '';
  return stable !== '' && stable === status?.currentPodHash;
}
