import type { Facts } from '../facts.ts';

/**
 * The weight that the steps ask for at `index`: the nearest `setWeight` at or before it, 0 before the first one, and
 * all traffic once the steps are done (or when there are none).
 */
export function weightAtStep(facts: Facts, index: number | undefined): number {
  return index === undefined || index >= facts.steps.length ? facts.maxWeight : lastWeightUpTo(facts, index);
}

/** The nearest `setWeight` at or before `index`; 0 when there is none. */
export function lastWeightUpTo(facts: Facts, index: number): number {
  return facts.steps.slice(0, index + 1).findLast((step) => step.setWeight !== undefined)?.setWeight ?? 0;
}
