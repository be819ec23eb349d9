import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { failureReport } from './failure-report.ts';
import { runScenario } from './run-seed.ts';
import type { Scenario } from './scenario.ts';

/** Shortest schedules of failures that were found by worlds and mended since. */

interface Regression {
  /** The invariant that broke. */
  readonly breaks: string;
  readonly why: string;
  readonly scenario: Scenario;
}

const FOLDER = new URL('regressions/', import.meta.url);
const TIMEOUT_MS = 180_000;

const regressions = readdirSync(FOLDER).map((file) => {
  const regression = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Regression;
  return { name: file.replace('.json', ''), ...regression };
});

it.each(regressions.map(({ name, breaks, why, scenario }) => [`${name} (${breaks}): ${why}`, scenario] as const))(
  '%s',
  async (_title, scenario) => {
    const result = await runScenario(scenario);
    expect(result.violations.length === 0 ? '' : await failureReport(result, 0)).toBe('');
    expect(result.stats.writes).toBeGreaterThan(5);
  },
  TIMEOUT_MS,
);
