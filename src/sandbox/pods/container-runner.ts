import type { Container, ContainerState } from '../../api/core-types.ts';
import { formatTimestamp } from '../../core/values/rfc3339.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { Child, ProcessEnd } from '../process-group.ts';
import type { Program } from './images.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** Pause before a container that ended is started again; the first restart is at once, as in the kubelet. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** The kubelet's: 10 s, doubled up to five minutes, forgotten after ten minutes of running. */
export const KUBELET_BACKOFF: Backoff = { baseMs: 10_000, maxMs: 300_000 };
const FORGET_CRASHES_MS = 600_000;

export interface ContainerRunnerOptions {
  readonly container: Container;
  /** Undefined: there is no such image. */
  readonly program: Program | undefined;
  /** Starts the process with the container's environment. */
  readonly start: (program: Program) => Child;
  readonly restartPolicy: RestartPolicy;
  readonly backoff: Backoff;
  readonly clock: Clock;
  /** After every change of `state`. */
  readonly onChange: () => void;
}

/** Status of a process that a signal ended, as shells and container runtimes tell it. */
const SIGNAL_BASE = 128;
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGTERM: 15 };

/** One container of a pod: its process, and what the kubelet does when that ends. */
export class ContainerRunner {
  readonly container: Container;
  state: ContainerState = { waiting: { reason: 'ContainerCreating' } };
  lastState: ContainerState = {};
  restartCount = 0;
  readonly #options: ContainerRunnerOptions;
  #child: Child | undefined;
  #startedAt = 0;
  #crashes = 0;
  #restart: Timer | undefined;
  #stopping = false;

  constructor(options: ContainerRunnerOptions) {
    this.#options = options;
    this.container = options.container;
  }

  get running(): boolean {
    return this.state.running !== undefined;
  }

  /** Has ended and will not run again. */
  get finished(): boolean {
    return this.state.terminated !== undefined && this.#restart === undefined;
  }

  get exitCode(): number | undefined {
    return this.state.terminated?.exitCode;
  }

  /** Starts the process. Without a program it waits for an image that never comes. */
  start(): void {
    const { program, clock } = this.#options;
    if (this.#stopping) return;
    this.#restart = undefined;
    if (program === undefined) {
      const message = `Back-off pulling image "${this.container.image ?? ''}": the sandbox knows no such image`;
      this.#become({ waiting: { reason: 'ImagePullBackOff', message } });
      return;
    }
    this.#startedAt = clock.now();
    const child = this.#options.start(program);
    this.#child = child;
    this.#become({ running: { startedAt: formatTimestamp(this.#startedAt) } });
    void child.ended.then((end) => this.#ended(end));
  }

  /** Says why the container cannot even be tried, e.g. because its environment names a Secret that is missing. */
  hold(reason: string, message: string): void {
    this.#become({ waiting: { reason, message } });
  }

  /** Asks the process to end, and enforces it after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#restart?.cancel();
    this.#restart = undefined;
    await this.#child?.stop(graceMs);
  }

  #ended(end: ProcessEnd): void {
    const { clock, restartPolicy } = this.#options;
    const exitCode = end.code ?? SIGNAL_BASE + (SIGNAL_NUMBERS[end.signal ?? ''] ?? 0);
    const terminated = {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt: formatTimestamp(this.#startedAt),
      finishedAt: formatTimestamp(clock.now()),
    };
    this.#child = undefined;
    const again = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
    if (!again || this.#stopping) {
      this.#become({ terminated });
      return;
    }
    this.lastState = { terminated };
    this.restartCount += 1;
    this.#startAgain();
  }

  #startAgain(): void {
    const { clock, backoff } = this.#options;
    if (clock.now() - this.#startedAt > FORGET_CRASHES_MS) this.#crashes = 0;
    const delayMs = this.#crashes === 0 ? 0 : Math.min(backoff.maxMs, backoff.baseMs * 2 ** (this.#crashes - 1));
    this.#crashes += 1;
    this.#restart = clock.schedule(delayMs, () => this.start());
    const message = `back-off ${delayMs / 1000}s restarting failed container=${this.container.name}`;
    this.#become({ waiting: { reason: 'CrashLoopBackOff', message } });
  }

  #become(state: ContainerState): void {
    this.state = state;
    this.#options.onChange();
  }
}
