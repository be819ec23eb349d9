import { KSTATUS_ANNOTATIONS, KSTATUS_LABELS, OBSERVED_GENERATION_ANNOTATION } from '../../api/keys.ts';
import type { Rollout } from '../../api/rollout.ts';
import { conditionOf } from './condition.ts';

/** Whether the status is about the newest spec. Controllers before 1.0 wrote a hash, which counts as observed. */
export function isObserved(rollout: Rollout): boolean {
  const observed = observedGeneration(rollout);
  if (observed === undefined) return (rollout.status?.observedGeneration ?? '') !== '';
  return observed >= (rollout.metadata.generation ?? 0);
}

/** The generation that the status is about; undefined when it does not tell. */
export function observedGeneration({ status }: Rollout): number | undefined {
  const written = String(status?.observedGeneration ?? '');
  if (written === '') return conditionOf(status?.conditions, 'Ready')?.observedGeneration;
  return /^\d+$/.test(written) ? Number(written) : undefined;
}

/**
 * What `status.observedGeneration` is to say; undefined: the field is left out. Decision 6 has the reasons.
 *
 * Argo Rollouts' clients want a decimal string and fail on a number; kstatus wants a number, and to it an object with a
 * string is never ready. So a Rollout that a tool with kstatus has applied has none, unless the annotation
 * `linnet.dev/observed-generation` says `string`, `integer` or `absent`.
 */
export function reportedGeneration({ metadata }: Rollout): number | string | undefined {
  const { annotations = {}, labels = {}, generation = 0 } = metadata;
  const isJudgedByKstatus =
    KSTATUS_LABELS.some((key) => labels[key] !== undefined) ||
    KSTATUS_ANNOTATIONS.some((key) => annotations[key] !== undefined);
  switch (annotations[OBSERVED_GENERATION_ANNOTATION]) {
    case 'string':
      return String(generation);
    case 'integer':
      return generation;
    case 'absent':
      return undefined;
    default:
      return isJudgedByKstatus ? undefined : String(generation);
  }
}
