import { INVARIANTS } from '../../support/invariants/table.ts';
import { moment } from './narrative.ts';
import { runScenario, type SeedResult } from './run-seed.ts';
import type { Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';

const MAX_VIOLATIONS = 5;

/**
 * All that somebody needs who looks into a failure: seed, shortest schedule, what happened last, how to see it again.
 *
 * @param maxTrials how often the world may be played to shorten its schedule.
 */
export async function failureReport(failed: SeedResult, maxTrials?: number): Promise<string> {
  const [first] = failed.violations;
  if (first === undefined) return `seed ${failed.scenario.seed} did not fail`;
  const fails = async (scenario: Scenario): Promise<boolean> => {
    const { violations } = await runScenario(scenario);
    return violations.some(({ invariant }) => invariant === first.invariant);
  };
  const shortest = await shrink(failed.scenario, fails, maxTrials);
  const { violations, narrative } = await runScenario(shortest, { narrate: true });
  const { entries, ...world } = shortest;
  return [
    `seed ${shortest.seed} breaks ${first.invariant} (${INVARIANTS[first.invariant].title})`,
    ...violations.slice(0, MAX_VIOLATIONS).map(({ invariant, at, text }) => `  ${invariant} at ${moment(at)}: ${text}`),
    '',
    'the world:',
    JSON.stringify(world),
    `the shortest schedule that still fails (${entries.length} of ${failed.scenario.entries.length} entries):`,
    ...entries.map((entry) => `  ${JSON.stringify(entry)}`),
    '',
    'what happened last:',
    ...narrative.map((line) => `  ${line}`),
    '',
    `again: npm run test:soak -- --seed ${shortest.seed}`,
  ].join('\n');
}
