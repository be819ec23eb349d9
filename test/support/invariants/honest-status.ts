import type { Rollout } from '../../../src/api/rollout.ts';

/**
 * I8, honest status: it is never about a generation that does not exist yet; Healthy is said only of an update that is
 * over; every other phase says why.
 */
export function honestStatus({ metadata, status = {} }: Rollout): readonly string[] {
  const { observedGeneration, phase, message = '', stableRS, currentPodHash, conditions = [] } = status;
  const complaints: string[] = [];
  if (Number(observedGeneration ?? 0) > (metadata.generation ?? 0))
    complaints.push(`observedGeneration ${observedGeneration} of ${metadata.generation}`);
  if (phase === 'Healthy' && stableRS !== currentPodHash)
    complaints.push(`Healthy with ${stableRS} stable and ${currentPodHash} the newest version`);
  if (phase === 'Healthy' && status.abort === true) complaints.push('Healthy and aborted');
  if (phase !== undefined && phase !== 'Healthy' && message === '') complaints.push(`${phase} without a reason`);
  const nameless = conditions.find(({ reason }) => reason === '');
  if (nameless !== undefined) complaints.push(`condition ${nameless.type} without a reason`);
  return complaints;
}
