import { drawScenario } from './draw.ts';
import type { Scenario } from './scenario.ts';
import { World, type WorldResult } from './world.ts';

export interface RunOptions {
  /** Tells what happened, which takes time; the violations are the same. */
  readonly narrate?: boolean;
}

export interface SeedResult extends WorldResult {
  readonly scenario: Scenario;
  /** Virtual time × Rollouts. */
  readonly rolloutHours: number;
}

/** Draws the world of a seed and plays it. The same seed has the same result, whatever happened before. */
export function runSeed(seed: number, options: RunOptions = {}): Promise<SeedResult> {
  return runScenario(drawScenario(seed), options);
}

export async function runScenario(scenario: Scenario, options: RunOptions = {}): Promise<SeedResult> {
  const result = await new World(scenario, options).play();
  const rolloutHours = (result.stats.virtualMs * scenario.rollouts.length) / 3_600_000;
  return { ...result, scenario, rolloutHours };
}
