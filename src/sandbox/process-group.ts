import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** How a process ended: by itself with a status, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** File descriptor that both output streams go to; `pipe` gives `stdout` to the caller; absent: thrown away. */
  readonly output?: number | 'pipe';
  /** Shares the terminal with us instead of leading a process group of its own: for a command that a person asked for. */
  readonly foreground?: boolean;
}

/** One running program. */
export interface Child {
  readonly pid: number | undefined;
  readonly stdout: ChildProcess['stdout'];
  /** Resolves when the process has ended, or could not be started (code 127, as a shell says it). */
  readonly ended: Promise<ProcessEnd>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL to the whole process group when it still runs after `graceMs`. Resolves when it has ended. */
  stop(graceMs?: number): Promise<ProcessEnd>;
}

/** What a stop may take before it is enforced, and each step on the way down. */
const GRACE_MS = 3_000;
/** What shells say of a command that cannot be run. */
const CANNOT_RUN = 127;
/** From util-linux: has the kernel send a signal when the parent dies, even of SIGKILL. */
const SETPRIV = '/usr/bin/setpriv';

/**
 * Everything that has to end with this process. Children lead process groups of their own, so that Ctrl-C reaches this
 * process alone and the way down has an order: the last step deferred is the first to run.
 */
export class ProcessGroup {
  readonly #children = new Set<Child>();
  readonly #steps: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  constructor() {
    // Whatever ends this process: nothing stays.
    process.on('exit', this.#killAll);
  }

  /** Starts a program. A program that does not exist is an end with code 127, never an exception. */
  start(command: readonly string[], options: StartOptions = {}): Child {
    const [program = '', ...args] = boundToParent(command, options.foreground === true);
    const output = options.output ?? 'ignore';
    const started = spawn(program, args, {
      detached: options.foreground !== true,
      stdio: options.foreground === true ? 'inherit' : ['ignore', output, output === 'pipe' ? 'ignore' : output],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
    });
    const child = this.#watch(started, options.foreground === true);
    this.#children.add(child);
    void child.ended.then(() => this.#children.delete(child));
    return child;
  }

  /** Adds a step to the way down. It has three seconds; what it leaves running is killed at the end. */
  defer(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Walks the way down, once; every caller waits for the same walk. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const step of this.#steps.reverse()) await within(GRACE_MS, step());
    await Promise.all([...this.#children].map((child) => child.stop(0)));
    process.off('exit', this.#killAll);
  }

  #watch(started: ChildProcess, foreground: boolean): Child {
    const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
    started.once('error', () => resolve({ code: CANNOT_RUN, signal: null }));
    started.once('exit', (code, signal) => resolve({ code, signal }));
    const send = (signal: NodeJS.Signals, toGroup: boolean): void => {
      if (started.pid === undefined || started.exitCode !== null || started.signalCode !== null) return;
      try {
        process.kill(toGroup && !foreground ? -started.pid : started.pid, signal);
      } catch {
        // It ended in this moment.
      }
    };
    return {
      pid: started.pid,
      stdout: started.stdout,
      ended,
      signal: (signal) => send(signal, false),
      stop: async (graceMs = GRACE_MS) => {
        if (graceMs > 0) send('SIGTERM', false);
        const timer = setTimeout(() => send('SIGKILL', true), graceMs);
        const end = await ended;
        clearTimeout(timer);
        return end;
      },
    };
  }

  readonly #killAll = (): void => {
    for (const { pid } of this.#children) {
      if (pid === undefined) continue;
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // A foreground command has no group of its own, and one that has ended none at all.
      }
    }
  };
}

/** Asks the kernel to end the program with its parent, where the machine has the means. */
function boundToParent(command: readonly string[], foreground: boolean): readonly string[] {
  return foreground || !hasSetpriv() ? command : [SETPRIV, '--pdeathsig', 'TERM', '--', ...command];
}

let setprivFound: boolean | undefined;

function hasSetpriv(): boolean {
  if (setprivFound === undefined) {
    try {
      accessSync(SETPRIV, constants.X_OK);
      setprivFound = true;
    } catch {
      setprivFound = false;
    }
  }
  return setprivFound;
}

/** A step that hangs or fails must not keep the others from running. */
async function within(limitMs: number, step: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  await Promise.race([step.catch(() => {}), late]);
  clearTimeout(timer);
}
