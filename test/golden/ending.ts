import { TinyWorld, type WorldOptions } from '../support/tiny-world.ts';
import type { Script } from './scripts.ts';

/** Stories whose end depends on the second at which a command arrives. */
export const TIMED: ReadonlySet<string> = new Set([
  'abort-too-late',
  'v3-during-cutover',
  'rollback-during-cutover',
  'delay-zero-and-v3-during-cutover',
]);

/** Plays a story in a tiny world, in which `faults` go wrong. */
export function play(script: Script, faults: Partial<WorldOptions> = {}): TinyWorld {
  const world = new TinyWorld({ ...script.options, ...faults });
  script.play(world);
  return world;
}

/** Where a world came to, apart from when. */
export function ending(world: TinyWorld): object {
  const { phase, currentStepIndex, stableRS, currentPodHash, abort } = world.rollout.status ?? {};
  const sizes = [...world.replicaSets.values()].map((replicaSet) => replicaSet.spec?.replicas);
  const selectors = [...world.services.values()].map((service) => service.spec?.selector);
  const runs = [...world.analysisRuns.values()].map(({ status }) => status?.phase);
  return {
    phase,
    currentStepIndex,
    stableRS,
    currentPodHash,
    abort,
    sizes,
    selectors,
    runs,
    weight: world.routeWeight,
  };
}
