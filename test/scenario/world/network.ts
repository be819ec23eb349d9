import type { KubeRequest, KubeResponse } from '../../../src/kube/transport.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import type { TransportHooks, WatchVerdict } from '../../../src/simulator/in-process-transport.ts';
import type { Random } from '../../../src/simulator/random.ts';
import { refusal } from '../../support/answers.ts';
import type { NetworkFault } from './scenario.ts';

/** `lose-lease` refuses only the lease's requests, of one process. */
type Fault = NetworkFault | 'api-away' | 'lose-lease';

interface Window {
  readonly fault: Fault;
  /** Name of the process that it concerns; undefined: all. */
  readonly process: string | undefined;
  readonly share: number;
  readonly random: Random;
}

/** Longest delay of a request or an event in the network, milliseconds. */
const MAX_DELAY_MS = 3_000;

/** What lies between the processes of the controller and the API server. */
export class Network {
  readonly #clock: Clock;
  readonly #windows = new Set<Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Breaks something; returns how it is mended. */
  open(fault: Fault, share: number, random: Random, process?: string): () => void {
    const window: Window = { fault, process, share, random };
    this.#windows.add(window);
    return () => this.#windows.delete(window);
  }

  /** The connections of one process. */
  hooksOf(process: string): TransportHooks {
    const held = new WeakMap<KubeRequest, string>();
    return {
      before: (request) => this.#before(process, request),
      after: () => {
        if (this.#strikes('lose-answers')) throw new Error('the connection was reset before the answer came');
      },
      event: ({ request, line }) => (this.#windows.size === 0 ? undefined : this.#event(request, line, held)),
    };
  }

  #before(process: string, request: KubeRequest): Promise<KubeResponse | void> | KubeResponse | void {
    if (this.#windows.size === 0) return undefined;
    if (this.#strikes('api-away')) throw new Error('connection refused');
    if (request.path.includes('/leases') && this.#strikes('lose-lease', process)) throw new Error('connection reset');
    if (this.#strikes('lose-requests')) throw new Error('the connection was reset');
    if (this.#strikes('server-error')) return refusal(500, 'InternalError', 'etcdserver: request timed out');
    if (this.#strikes('throttle')) return refusal(429, 'TooManyRequests', 'too many requests', { 'retry-after': '1' });
    const isGuarded = request.method === 'PATCH' || request.method === 'PUT';
    if (isGuarded && this.#strikes('conflict')) return refusal(409, 'Conflict', 'the object has been modified');
    return this.#delay('slow-requests');
  }

  #event(request: KubeRequest, line: string, held: WeakMap<KubeRequest, string>): Promise<WatchVerdict> | WatchVerdict {
    if (this.#strikes('api-away') || this.#strikes('break-watches')) return 'break';
    if (line.startsWith('{"type":"BOOKMARK"')) return undefined;
    if (this.#strikes('lose-events')) return 'drop';
    const late = held.get(request);
    held.delete(request);
    const lines = late === undefined ? [line] : [line, late];
    if (late === undefined && this.#strikes('reorder-events')) {
      held.set(request, line);
      return 'drop';
    }
    const all = this.#strikes('repeat-events') ? [...lines, ...lines] : lines;
    return this.#delay('delay-events')?.then(() => all) ?? all;
  }

  #delay(fault: Fault): Promise<void> | undefined {
    const window = this.#striking(fault);
    return window === undefined ? undefined : this.#clock.sleep(window.random() * MAX_DELAY_MS);
  }

  #strikes(fault: Fault, process?: string): boolean {
    return this.#striking(fault, process) !== undefined;
  }

  #striking(fault: Fault, process?: string): Window | undefined {
    for (const window of this.#windows) {
      const concerns = window.fault === fault && (window.process === undefined || window.process === process);
      if (concerns && window.random() < window.share) return window;
    }
    return undefined;
  }
}
