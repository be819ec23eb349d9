import { connect } from 'node:net';
import type { Container } from '../../api/core-types.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';

type Probe = NonNullable<Container['readinessProbe']>;

export interface ReadinessProberOptions {
  readonly container: Container;
  readonly address: string;
  readonly clock: Clock;
  /** Runs a command as the container would; true when it ended with 0. */
  readonly execute: (command: readonly string[], timeoutMs: number) => Promise<boolean>;
  readonly onChange: (ready: boolean) => void;
}

/** The kubelet's defaults. */
const DEFAULTS = { periodSeconds: 10, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 } as const;

/** Asks one container again and again whether it is ready, from its start to its end. */
export class ReadinessProber {
  readonly #options: ReadinessProberOptions;
  readonly #probe: Probe;
  #timer: Timer | undefined;
  #ready = false;
  #successes = 0;
  #failures = 0;
  #stopped = false;

  constructor(options: ReadinessProberOptions, probe: Probe) {
    this.#options = options;
    this.#probe = probe;
  }

  start(): void {
    this.#lookAfter((this.#probe.initialDelaySeconds ?? 0) * 1000);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #lookAfter(delayMs: number): void {
    this.#timer = this.#options.clock.schedule(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const timeoutMs = (this.#probe.timeoutSeconds ?? DEFAULTS.timeoutSeconds) * 1000;
    const good = await this.#ask(timeoutMs).catch(() => false);
    if (this.#stopped) return;
    this.#successes = good ? this.#successes + 1 : 0;
    this.#failures = good ? 0 : this.#failures + 1;
    const enough = good
      ? this.#successes >= (this.#probe.successThreshold ?? DEFAULTS.successThreshold)
      : this.#failures >= (this.#probe.failureThreshold ?? DEFAULTS.failureThreshold);
    if (enough && this.#ready !== good) {
      this.#ready = good;
      this.#options.onChange(good);
    }
    this.#lookAfter((this.#probe.periodSeconds ?? DEFAULTS.periodSeconds) * 1000);
  }

  async #ask(timeoutMs: number): Promise<boolean> {
    const { httpGet, tcpSocket, exec } = this.#probe;
    if (httpGet !== undefined) {
      const url = `http://${httpGet.host ?? this.#options.address}:${this.#portOf(httpGet.port)}${httpGet.path ?? '/'}`;
      const headers = (httpGet.httpHeaders ?? []).map(({ name, value }): [string, string] => [name, value]);
      const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      await response.body?.cancel();
      // The kubelet's rule: 200 to 399.
      return response.status >= 200 && response.status < 400;
    }
    if (tcpSocket !== undefined) {
      return canConnect(tcpSocket.host ?? this.#options.address, this.#portOf(tcpSocket.port), timeoutMs);
    }
    return exec === undefined || this.#options.execute(exec.command ?? [], timeoutMs);
  }

  #portOf(port: number | string): number {
    const named = this.#options.container.ports?.find(({ name }) => name === port);
    return named?.containerPort ?? Number(port);
  }
}

function canConnect(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (connected: boolean): void => {
      socket.destroy();
      resolve(connected);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
