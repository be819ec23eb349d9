import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../../src/cli/host.ts';
import { run } from '../../../src/cli/run.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import type { ApiServer } from '../../../src/simulator/api-server.ts';
import { type HttpApiServer, kubeconfigFor, serveHttp } from '../../../src/simulator/http-server.ts';
import type { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is still running. */
export interface RunningCli {
  readonly done: Promise<CliResult>;
  /** Resolves once standard output fulfils the condition. */
  printed(condition: (stdout: string) => boolean): Promise<void>;
  /** As Ctrl-C. */
  interrupt(): void;
}

const kubeconfigIn = (folder: string): string => join(folder, 'config');

/** The plugin against a simulator over HTTP, in this process. */
export class CliRunner {
  readonly #env: Readonly<Record<string, string>>;
  readonly #clock: VirtualClock;
  readonly #api: ApiServer;
  readonly #folder: string;
  #server: HttpApiServer;

  private constructor(api: ApiServer, clock: VirtualClock, server: HttpApiServer, folder: string) {
    this.#api = api;
    this.#clock = clock;
    this.#server = server;
    this.#folder = folder;
    this.#env = { KUBECONFIG: kubeconfigIn(folder) };
  }

  static async start(api: ApiServer, clock: VirtualClock): Promise<CliRunner> {
    const server = await serveHttp(api);
    const folder = await mkdtemp(join(tmpdir(), 'linnet-cli-'));
    await writeFile(kubeconfigIn(folder), kubeconfigFor(server.url));
    return new CliRunner(api, clock, server, folder);
  }

  async close(): Promise<void> {
    await this.#server.close();
    await rm(this.#folder, { recursive: true });
  }

  /** As a restart of the API server: all watches break, and it is back at the same address. */
  async restartServer(): Promise<void> {
    await this.#server.close();
    this.#server = await serveHttp(this.#api, { port: Number(new URL(this.#server.url).port) });
  }

  run(...args: readonly string[]): Promise<CliResult> {
    return this.start(...args).done;
  }

  start(...args: readonly string[]): RunningCli {
    const stop = new AbortController();
    const out = new Transcript();
    const err = new Transcript();
    const clock = this.#clock;
    const host: Host = {
      stdout: out,
      stderr: err,
      env: this.#env,
      // The cluster's calendar, so that ages are right; waiting takes real time.
      clock: { ...systemClock, now: () => clock.now() },
      random: Math.random,
      signal: stop.signal,
      readStdin: () => Promise.resolve(''),
    };
    return {
      done: run(args, host).then((exitCode) => ({ exitCode, stdout: out.text, stderr: err.text })),
      printed: (condition) => out.until(condition),
      interrupt: () => stop.abort(new Error('interrupted')),
    };
  }
}

class Transcript {
  readonly isTerminal = false;
  text = '';
  readonly #waiting: (() => void)[] = [];

  size(): undefined {
    return undefined;
  }

  write(text: string): void {
    this.text += text;
    for (const look of this.#waiting) look();
  }

  until(condition: (text: string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (condition(this.text)) resolve();
      };
      this.#waiting.push(look);
      look();
    });
  }
}
