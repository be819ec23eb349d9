import type { Rollout } from '../../../src/api/rollout.ts';

/**
 * Liveness: when nothing goes wrong any more, every Rollout comes to Healthy, to Degraded with a reason, or to Paused with
 * a reason. One that was scaled to 0 in the middle of an update has no pods to judge and waits, saying so. Undefined when
 * it has arrived, otherwise how it stands.
 */
export function unsettled({ metadata, spec, status = {} }: Rollout): string | undefined {
  const { phase, message = '', observedGeneration } = status;
  const stands = `${metadata.name} is ${phase}: ${message}`;
  if (observedGeneration !== String(metadata.generation))
    return `${stands} (generation ${observedGeneration} of ${metadata.generation})`;
  if (phase === 'Healthy') return undefined;
  if (phase === 'Degraded' || phase === 'Paused') return message === '' ? stands : undefined;
  return spec.replicas === 0 && message !== '' ? undefined : stands;
}
