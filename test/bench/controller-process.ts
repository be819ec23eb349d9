import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** The release's bundle, made by `npm run build`; its first line says how Node runs it. */
const CONTROLLER = 'dist/controller.mjs';

/** Far above what a start takes; a bench that hangs says nothing. */
const START_TIMEOUT_MS = 60_000;
/** Fields 14 and 15 of /proc/PID/stat, counted from the third; a tick is 10 ms on every Linux that Node runs on. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const MS_PER_TICK = 10;
const KIBIBYTE = 1024;
const MEGABYTE = 1e6;

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
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const read = (field: string): number => {
      const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
      return (Number(kibibytes) * KIBIBYTE) / MEGABYTE;
    };
    return { now: read('VmRSS'), peak: read('VmHWM') };
  }

  /** CPU time so far, in milliseconds. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * MS_PER_TICK;
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
