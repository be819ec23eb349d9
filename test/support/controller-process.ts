import { type Assembly, type AssemblyOptions, assembleControllers } from '../../src/controllers/assemble.ts';
import type { KubeRequest } from '../../src/kube/transport.ts';
import type { ApiServer } from '../../src/simulator/api-server.ts';
import { InProcessTransport, type TransportHooks } from '../../src/simulator/in-process-transport.ts';
import type { VirtualClock } from '../../src/simulator/virtual-clock.ts';

/** A write that the server accepted. */
export interface SeenWrite {
  readonly at: number;
  /** Such as `PATCH rollouts/web/status`. */
  readonly text: string;
  readonly body: string;
}

export interface ProcessOptions {
  readonly server: ApiServer;
  readonly clock: VirtualClock;
  readonly hooks?: TransportHooks;
  /** All but what this class provides. */
  readonly assembly: Omit<AssemblyOptions, 'transport' | 'clock'>;
}

/** Longer than a pass may drain, and than the recorder flushes. */
const STOP_MS = 10_000;

/** One process of the controller: it can be stopped, or die between two of its writes. */
export class ControllerProcess {
  readonly assembly: Assembly;
  /** What it wrote, without Events and the lease. */
  readonly writes: SeenWrite[] = [];
  readonly #clock: VirtualClock;
  readonly #stop = new AbortController();
  readonly #running: Promise<'stopped' | 'lost'>;
  #diesAfter = Number.POSITIVE_INFINITY;
  #dead = false;
  #ended = false;

  constructor({ server, clock, hooks = {}, assembly }: ProcessOptions) {
    this.#clock = clock;
    const transport = new InProcessTransport(server, {
      clock,
      userAgent: 'linnet-controller/test',
      hooks: {
        ...hooks,
        before: (request) => {
          if (this.#dead) throw new Error('the process is dead');
          return hooks.before?.(request);
        },
        after: (request, response) => {
          if (response.status < 300) this.#saw(request);
          return hooks.after?.(request, response);
        },
      },
    });
    this.assembly = assembleControllers({ ...assembly, transport, clock });
    this.#running = this.assembly.manager.run(this.#stop.signal).finally(() => {
      this.#ended = true;
    });
  }

  /** Whether it died as `dieAfterWrite` asked. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Dies right after the server has accepted that many writes in all, before it hears the answer. */
  dieAfterWrite(count: number): this {
    this.#diesAfter = count;
    return this;
  }

  /** Ends it in an orderly way; what is dead is only buried. */
  async stop(): Promise<'stopped' | 'lost'> {
    this.#stop.abort(new Error('stopped by the test'));
    const limit = this.#clock.now() + STOP_MS;
    await this.#clock.settle();
    while (!this.#ended && this.#clock.now() < limit) await this.#clock.advanceBy(Math.ceil(STOP_MS / 100));
    return this.#running;
  }

  #saw({ method, path, body, priority }: KubeRequest): void {
    if (method === 'GET' || priority === 'lease' || path.endsWith('/events') || path.includes('/events/')) return;
    const text = `${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, '')}`;
    this.writes.push({ at: this.#clock.now(), text, body: typeof body === 'string' ? body : '' });
    if (this.writes.length < this.#diesAfter) return;
    this.#dead = true;
    throw new Error('the process died');
  }
}
