/** `npm run test:mutations`: puts one bug after the other into the sources and shows that the net finds it. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MUTATIONS } from './list.ts';
import type { Mutation } from './mutation.ts';
import { type TrialResult, tryMutation } from './trial.ts';

const USAGE = `npm run test:mutations                          all mutations
npm run test:mutations -- --only=ID[,ID]        some of them
npm run test:mutations -- --workers=N           as many at a time (default 2)`;

const WORLDS = 'scenario/world/world.test.ts';

interface Finding extends TrialResult {
  readonly mutation: Mutation;
  readonly seconds: number;
}

/** A world that does not find it any more, because worlds are drawn in another way, is no loss while another does. */
async function attempt(mutation: Mutation): Promise<TrialResult> {
  const { caughtBy } = mutation;
  if (!('world' in caughtBy)) return tryMutation(mutation, caughtBy.scenario, exactly(caughtBy.test));
  const first = await tryMutation(mutation, WORLDS, exactly(`a world drawn from a seed > seed ${caughtBy.world}`));
  return first.caughtBy === undefined ? tryMutation(mutation, WORLDS, /a world drawn from a seed > seed \d+$/) : first;
}

function exactly(name: string): RegExp {
  return new RegExp(`^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

async function findAll(mutations: readonly Mutation[], workers: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const queue = [...mutations];
  const work = async (): Promise<void> => {
    for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
      const started = performance.now();
      const result = await attempt(mutation);
      const finding = { ...result, mutation, seconds: (performance.now() - started) / 1000 };
      findings.push(finding);
      print(`${String(findings.length).padStart(3)}/${mutations.length}  ${lineOf(finding)}`);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return findings;
}

function lineOf({ mutation, caughtBy, detail, seconds }: Finding): string {
  const time = `${seconds.toFixed(1).padStart(5)} s`;
  return caughtBy === undefined
    ? `ESCAPED  ${mutation.id.padEnd(WIDTH)}  ${time}  ${detail}; it would mean: ${mutation.hurts}`
    : `caught   ${mutation.id.padEnd(WIDTH)}  ${time}  ${caughtBy}`;
}

const WIDTH = Math.max(...MUTATIONS.map(({ id }) => id.length));

/** For `.ci/run`, which adds up what all suites counted and names what failed, as Vitest's JSON reporter has it. */
function count(caught: number, escaped: readonly Finding[]): void {
  const { VITEST_JSON } = process.env;
  if (VITEST_JSON === undefined) return;
  const assertionResults = escaped.map((finding) => ({ fullName: lineOf(finding), status: 'failed' }));
  const counts = { numPassedTests: caught, numFailedTests: escaped.length, testResults: [{ assertionResults }] };
  writeFileSync(VITEST_JSON, JSON.stringify(counts));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      workers: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return;
  }
  const wanted = values.only?.split(',');
  const unknown = wanted?.filter((id) => !MUTATIONS.some((mutation) => mutation.id === id)) ?? [];
  if (unknown.length > 0) throw new Error(`there is no mutation ${unknown.join(', ')}\n${USAGE}`);
  const mutations = MUTATIONS.filter(({ id }) => wanted?.includes(id) ?? true);
  const started = performance.now();
  const findings = await findAll(mutations, Number(values.workers));
  const escaped = findings.filter(({ caughtBy }) => caughtBy === undefined);
  const byWorlds = findings.filter(({ mutation, caughtBy }) => caughtBy !== undefined && 'world' in mutation.caughtBy);
  count(findings.length - escaped.length, escaped);
  print(`\n${byWorlds.length} of them by the random mode, in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  for (const finding of escaped) print(lineOf(finding));
  print(`${findings.length - escaped.length} caught, ${escaped.length} escaped`);
  process.exitCode = escaped.length === 0 ? 0 : 1;
}

await main();
