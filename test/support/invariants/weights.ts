import type { TrafficWeights } from '../../../src/api/rollout-status.ts';

/**
 * I4, weights: what is written for a router is an integer from 0 to the maximum. The rest to the maximum goes to the
 * stable version, so the sum is the maximum and never 0 all over.
 */
export function validWeight(weight: string, max: number): readonly string[] {
  const isValid = /^\d+$/.test(weight) && Number(weight) <= max;
  return isValid ? [] : [`canary weight ${JSON.stringify(weight)} of ${max}`];
}

/** I4, of a status: the weights that it tells of add up to the maximum. */
export function validSplit({ canary, stable }: TrafficWeights, max = 100): readonly string[] {
  const sum = canary.weight + stable.weight;
  const isValid =
    sum === max && [canary.weight, stable.weight].every((weight) => Number.isInteger(weight) && weight >= 0);
  return isValid ? [] : [`weights ${canary.weight} and ${stable.weight} of ${max}`];
}
