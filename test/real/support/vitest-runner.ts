import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inNamespace } from '../../../src/sandbox/control-plane/network-namespace.ts';

const VITEST = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));
/** Where Vitest's JSON reporter writes to, and in the end the sum of what all runs counted. */
const COUNTS_VARIABLE = 'VITEST_JSON';
const COUNTS = ['numPassedTests', 'numFailedTests', 'numPendingTests', 'numTodoTests'] as const;

type Counts = Readonly<Record<(typeof COUNTS)[number], number>>;

/** Of Vitest's JSON report, as far as it is passed on. */
interface Report extends Counts {
  readonly testResults: readonly unknown[];
}

const NOTHING: Counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };

export interface VitestRun {
  readonly args: readonly string[];
  /** Not in a network namespace, although there may be one. */
  readonly outside?: boolean;
  /** What it prints comes in one piece when it is over, below this line; without a title as it is printed. */
  readonly title?: string;
}

/** Runs Vitest several times, each time in a network namespace of its own, and adds up what was counted. */
export class VitestRunner {
  readonly #env: NodeJS.ProcessEnv;
  readonly #hasNamespaces: boolean;
  readonly #folder = mkdtempSync(join(tmpdir(), 'linnet-real-'));
  readonly #running = new Set<ChildProcess>();
  #runs = 0;
  #counts = NOTHING;
  readonly #testResults: unknown[] = [];
  #failed = false;
  #stopped = false;

  constructor(env: NodeJS.ProcessEnv, hasNamespaces: boolean) {
    this.#env = env;
    this.#hasNamespaces = hasNamespaces;
    process.on('exit', () => rmSync(this.#folder, { recursive: true, force: true }));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.#stop(signal));
  }

  /** Whether any run failed. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Resolves when Vitest has ended, however it did. Runs nothing more after a signal. */
  async run({ args, outside = false, title }: VitestRun): Promise<void> {
    if (this.#stopped) return;
    this.#runs += 1;
    const file = join(this.#folder, `${this.#runs}.json`);
    const command = [process.execPath, VITEST, 'run', '--project', 'real', ...args];
    const status = await this.#spawn(this.#hasNamespaces && !outside ? inNamespace(command) : command, file, title);
    this.#failed ||= status !== 0;
    this.#count(file, status);
  }

  /** For whoever sums up suites. */
  writeCounts(): void {
    const file = this.#env[COUNTS_VARIABLE];
    if (file !== undefined) writeFileSync(file, JSON.stringify({ ...this.#counts, testResults: this.#testResults }));
  }

  #spawn([program = '', ...args]: readonly string[], counts: string, title: string | undefined): Promise<number> {
    const env = this.#env[COUNTS_VARIABLE] === undefined ? this.#env : { ...this.#env, [COUNTS_VARIABLE]: counts };
    const child = spawn(program, args, { stdio: title === undefined ? 'inherit' : ['inherit', 'pipe', 'pipe'], env });
    this.#running.add(child);
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
    return new Promise((resolve) => {
      child.on('error', (error) => {
        process.stderr.write(`real: ${error.message}\n`);
        resolve(1);
      });
      child.on('close', (code) => {
        this.#running.delete(child);
        if (title !== undefined) process.stdout.write(`\n── ${title}\n${Buffer.concat(printed).toString('utf8')}`);
        resolve(code ?? 1);
      });
    });
  }

  #count(file: string, status: number): void {
    // Whoever died before it could count is one failure, never silence.
    const counted: Partial<Report> = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Report)
      : { numFailedTests: status === 0 ? 0 : 1 };
    const sums = COUNTS.map((name) => [name, this.#counts[name] + (counted[name] ?? 0)]);
    this.#counts = Object.fromEntries(sums) as Counts;
    this.#testResults.push(...(counted.testResults ?? []));
  }

  #stop(signal: NodeJS.Signals): void {
    this.#stopped = true;
    this.#failed = true;
    // A terminal sends Ctrl-C to Vitest, too.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    for (const child of this.#running) child.kill(signal);
  }
}
