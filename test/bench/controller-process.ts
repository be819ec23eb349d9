import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cpuMsOf, memoryOf } from './process-usage.ts';

/** The release's bundle, made by `npm run build`; its first line says how Node runs it. */
const CONTROLLER = 'dist/controller.mjs';

/** Far above what a start takes; a bench that hangs says nothing. */
const START_TIMEOUT_MS = 60_000;

export interface ControllerChoice {
  readonly kubeconfig: string;
  readonly leaderElect?: boolean;
  /** Lets preparations go faster than the default rate limit allows. */
  readonly unlimited?: boolean;
  readonly flags?: readonly string[];
}

interface LogLine {
  readonly msg: string;
  readonly metricsPort?: number;
}

/** The controller as a process of its own, started from the bundle. */
export class ControllerProcess {
  /** When the process was asked for, by `performance.now()`. */
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #lines: LogLine[] = [];
  readonly #waiting = new Set<() => void>();

  constructor({ kubeconfig, leaderElect = false, unlimited = false, flags = [] }: ControllerChoice) {
    const args = [
      `--kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      '--metricsport=0',
      '--healthzPort=0',
      `--leader-elect=${leaderElect}`,
      '--egress-allow=127.0.0.0/8',
      ...(unlimited ? ['--qps=5000', '--burst=5000'] : []),
      ...flags,
    ];
    this.startedAt = performance.now();
    this.#child = spawn(CONTROLLER, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    process.once('exit', this.#kill);
    const { stderr } = this.#child;
    if (stderr === null) throw new Error('the controller has no standard error');
    createInterface({ input: stderr }).on('line', (text) => {
      this.#lines.push(text.startsWith('{') ? (JSON.parse(text) as LogLine) : { msg: text });
      for (const look of this.#waiting) look();
    });
    this.#child.once('exit', () => {
      for (const look of this.#waiting) look();
    });
  }

  /** Resolves with the first line that says `message`; rejects when the process ends before. */
  async logged(message: string): Promise<LogLine> {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = (): void => {
      const line = this.#lines.find(({ msg }) => msg === message);
      if (line !== undefined) resolve(line);
      else if (this.#child.exitCode !== null) reject(new Error(`the controller ended: ${this.#lines.at(-1)?.msg}`));
    };
    const timer = setTimeout(() => reject(new Error(`the controller never said "${message}"`)), START_TIMEOUT_MS);
    this.#waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  /** Values of a metric, by its labels as they are written. */
  async metric(name: string): Promise<ReadonlyMap<string, number>> {
    const { metricsPort } = await this.logged('listening');
    const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    const samples = (await response.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
    return new Map(
      samples.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  }

  /** Resident memory in MB (10⁶ bytes): now, and at its highest. */
  memory(): { readonly now: number; readonly peak: number } {
    return memoryOf(this.#child.pid);
  }

  /** CPU time so far, in milliseconds. */
  cpuMs(): number {
    return cpuMsOf(this.#child.pid);
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  readonly #kill = (): void => {
    this.#child.kill('SIGKILL');
  };
}
