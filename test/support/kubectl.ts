import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { fromLayer, LAYER_PACKAGE } from './kubectl-layer.ts';

const run = promisify(execFile);

const MIN_MINOR = 30;

/** A kubectl of at least 1.30, or in one line why there is none. */
export type KubectlSearch = { readonly path: string } | { readonly missing: string };

/** Looks on PATH, then in an npm package. */
export async function findKubectl(): Promise<KubectlSearch> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(folder, 'kubectl');
    if (await isRecentKubectl(candidate)) return { path: candidate };
  }
  const layer = await fromLayer('kubectl');
  if ('missing' in layer) return { missing: `kubectl ≥ 1.${MIN_MINOR} is not on PATH and ${layer.missing}` };
  if (await isRecentKubectl(layer.path)) return layer;
  return {
    missing: `kubectl ≥ 1.${MIN_MINOR} is not on PATH, and that of npm package ${LAYER_PACKAGE} does not run on this machine`,
  };
}

async function isRecentKubectl(path: string): Promise<boolean> {
  try {
    await access(path);
    const { stdout } = await run(path, ['version', '--client', '--output=json']);
    const version = JSON.parse(stdout) as { clientVersion: { major: string; minor: string } };
    return version.clientVersion.major === '1' && Number.parseInt(version.clientVersion.minor, 10) >= MIN_MINOR;
  } catch {
    return false;
  }
}

export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** kubectl against one server, with a home of its own for its caches. */
export class Kubectl {
  readonly #path: string;
  readonly #home: string;

  constructor(path: string, home: string) {
    this.#path = path;
    this.#home = home;
  }

  /** Writes the kubeconfig into a new folder. */
  static async create(path: string, kubeconfig: string): Promise<Kubectl> {
    const home = await mkdtemp(join(tmpdir(), 'linnet-kubectl-home-'));
    await writeFile(join(home, 'config'), kubeconfig);
    return new Kubectl(path, home);
  }

  /** Runs a command given as one line; quotes are not understood, so use an array for arguments with spaces. */
  async try(command: string | readonly string[], input = '', env: Record<string, string> = {}): Promise<KubectlResult> {
    const child = this.#spawn(command, env);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const status = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? -1));
    });
    return { stdout, stderr, status };
  }

  /** The lines that a command prints, as it prints them. Leaving the loop ends the command. */
  async *follow(command: string | readonly string[]): AsyncGenerator<string> {
    const child = this.#spawn(command, {});
    child.stdin.end();
    try {
      yield* createInterface({ input: child.stdout });
    } finally {
      child.kill();
    }
  }

  #spawn(command: string | readonly string[], env: Record<string, string>): ChildProcessWithoutNullStreams {
    return spawn(this.#path, typeof command === 'string' ? command.split(' ') : [...command], {
      env: { PATH: process.env['PATH'], HOME: this.#home, KUBECONFIG: join(this.#home, 'config'), ...env },
    });
  }

  /** As `try`, for a command that has to succeed: gives what it printed. */
  async run(command: string | readonly string[], input = '', env: Record<string, string> = {}): Promise<string> {
    const { stdout, stderr, status } = await this.try(command, input, env);
    if (status === 0) return stdout;
    throw new Error(`kubectl ${String(command)} ended with ${status}: ${stderr}${stdout}`);
  }

  async close(): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }
}
