import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTATION_VARIABLE, type Mutation } from './mutation.ts';

/** How a run of tests with one mutation ended. */
export interface TrialResult {
  /** Full name of the test that found it; undefined: it escaped. */
  readonly caughtBy: string | undefined;
  /** What happened, in a line: the test's complaint, or why a failure does not count. */
  readonly detail: string;
}

/** Of vitest's JSON report, as far as it is read. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * How a scenario says no: an expectation, a state that was not reached in its time, a controller that does not come to
 * rest. Whatever else ends a test, such as a TypeError, says nothing about the net.
 */
const VERDICTS: readonly RegExp[] = [
  /^AssertionError: /,
  /^Error: status: /,
  /^Error: the condition did not hold within /,
  /^Error: more than \d+ timers at one moment/,
  /^Error: no rest:/,
  /^Error: not over after \d+ deaths/,
  /^Error: seed \d+\n/,
];

const VITEST = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');

/** Runs the tests of a file whose full names match, with the mutation, up to the first that fails. */
export async function tryMutation({ id }: Mutation, scenario: string, name: RegExp): Promise<TrialResult> {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-mutation-'));
  const report = join(folder, 'report.json');
  try {
    const output = await vitest(id, [
      '--reporter=json',
      `--outputFile=${report}`,
      '--bail=1',
      '-t',
      name.source,
      `test/${scenario}`,
    ]);
    return resultOf(readReport(report), output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Resolves to what it printed, whatever its exit status. */
async function vitest(mutation: string, args: readonly string[]): Promise<string> {
  const { VITEST_JSON: _, ...env } = process.env;
  const child = spawn(process.execPath, [VITEST, 'run', '--project=fast', ...args], {
    env: { ...env, [MUTATION_VARIABLE]: mutation, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return output;
}

function readReport(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

function resultOf(report: Report | undefined, output: string): TrialResult {
  const escaped = (detail: string): TrialResult => ({ caughtBy: undefined, detail });
  if (report === undefined) return escaped(`vitest reported nothing: ${lastLine(output)}`);
  const ran = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== 'skipped');
  const broken = report.testResults.find(({ message }) => message !== '');
  if (ran.length === 0)
    return escaped(
      broken === undefined ? 'no test has this name' : `the file does not load: ${firstLine(broken.message)}`,
    );
  const failed = ran.find(({ status }) => status === 'failed');
  if (failed === undefined) return escaped(`${ran.length} ${ran.length === 1 ? 'test' : 'tests'} passed`);
  const [complaint = ''] = failed.failureMessages;
  const counts = VERDICTS.some((verdict) => verdict.test(complaint));
  return counts
    ? { caughtBy: failed.fullName, detail: firstLine(complaint) }
    : escaped(`the test broke: ${firstLine(complaint)}`);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
