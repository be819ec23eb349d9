import type { Entry, Scenario } from './scenario.ts';

/** Whether a scenario still fails in the way that is looked for. */
export type Fails = (scenario: Scenario) => Promise<boolean>;

/** Enough to get from thirty entries to the few that matter. */
const MAX_TRIALS = 60;
/** A world of days takes half a minute: whoever waits for a report gets what was found so far. */
const MAX_MS = 180_000;

/**
 * Makes a failing scenario as short as it gets: without whole Rollouts, then without entries, by delta debugging (Zeller:
 * half of them, then quarters, … then single ones). Entries keep their ids, by which they draw, so what is left happens
 * as before. No trial begins when `maxTrials` were made, or three minutes have passed.
 */
export async function shrink(scenario: Scenario, fails: Fails, maxTrials = MAX_TRIALS): Promise<Scenario> {
  const trials = { left: maxTrials };
  const end = performance.now() + MAX_MS;
  const attempt: Fails = async (candidate) => {
    if (trials.left === 0 || performance.now() > end) return false;
    trials.left -= 1;
    return fails(candidate);
  };
  return withFewerEntries(await withFewerRollouts(scenario, attempt), attempt);
}

async function withFewerRollouts(scenario: Scenario, fails: Fails): Promise<Scenario> {
  let current = scenario;
  for (const { name } of scenario.rollouts) {
    if (current.rollouts.length === 1) break;
    const candidate = {
      ...current,
      rollouts: current.rollouts.filter((plan) => plan.name !== name),
      entries: current.entries.filter(({ does }) => !('rollout' in does) || does.rollout !== name),
    };
    if (await fails(candidate)) current = candidate;
  }
  return current;
}

async function withFewerEntries(scenario: Scenario, fails: Fails): Promise<Scenario> {
  let { entries } = scenario;
  for (let size = Math.ceil(entries.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < entries.length; ) {
      const rest: readonly Entry[] = [...entries.slice(0, from), ...entries.slice(from + size)];
      if (await fails({ ...scenario, entries: rest })) entries = rest;
      else from += size;
    }
  }
  return { ...scenario, entries };
}
