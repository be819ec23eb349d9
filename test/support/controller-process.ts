import { type Assembly, type AssemblyOptions, assembleControllers } from '../../src/controllers/assemble.ts';
import type { KubeRequest } from '../../src/kube/transport.ts';
import type { ApiServer } from '../../src/simulator/api-server.ts';
import { InProcessTransport, type TransportHooks } from '../../src/simulator/in-process-transport.ts';
import type { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { MetricsRegistry } from '../../src/telemetry/metrics.ts';
import { ProcessClock } from './process-clock.ts';
import type { Writers } from './writers.ts';

/** A write that the server accepted. */
export interface SeenWrite {
  readonly at: number;
  /** Such as `PATCH rollouts/web/status`. */
  readonly text: string;
  readonly body: string;
}

export interface ProcessOptions {
  readonly name?: string;
  readonly server: ApiServer;
  readonly clock: VirtualClock;
  readonly writers?: Writers;
  readonly hooks?: TransportHooks;
  /** By how much the wall clock of its machine is ahead, milliseconds. */
  readonly skewMs?: number;
  /** All but what this class provides. */
  readonly assembly: Omit<AssemblyOptions, 'transport' | 'clock'>;
}

/** Longer than a pass may drain, and than the recorder flushes. */
const STOP_MS = 10_000;

/** One process of the controller: it can be stopped, be frozen, have a wrong clock, or die between two of its writes. */
export class ControllerProcess {
  /** Tells who writes: see `Writers`. */
  readonly name: string;
  /** The clock of the machine that it runs on. */
  readonly clock: ProcessClock;
  readonly assembly: Assembly;
  readonly metrics: MetricsRegistry;
  /** What it wrote, without Events and the lease. */
  readonly writes: SeenWrite[] = [];
  /** How it ended: `lost` when another process leads now. */
  readonly ended: Promise<'stopped' | 'lost'>;
  readonly #world: VirtualClock;
  readonly #stop = new AbortController();
  #diesAfter = Number.POSITIVE_INFINITY;
  #onDeath: () => void = () => {};
  #dead = false;
  #hasEnded = false;

  constructor({ name = 'controller', server, clock, writers, hooks = {}, skewMs, assembly }: ProcessOptions) {
    this.name = name;
    this.#world = clock;
    this.clock = new ProcessClock(clock, skewMs);
    this.metrics = assembly.metrics;
    const transport = new InProcessTransport(server, {
      clock: this.clock,
      userAgent: 'linnet-controller/test',
      hooks: writers?.announce(name, this.#mortal(hooks)) ?? this.#mortal(hooks),
    });
    this.assembly = assembleControllers({ ...assembly, transport, clock: this.clock });
    this.ended = this.assembly.manager.run(this.#stop.signal).finally(() => {
      this.#hasEnded = true;
    });
  }

  /** Whether it died, as `dieAfterWrite` or `kill` asked. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Dies right after the server has accepted that many writes in all, before it hears the answer. */
  dieAfterWrite(count: number, onDeath: () => void = () => {}): this {
    this.#diesAfter = count;
    this.#onDeath = onDeath;
    return this;
  }

  /** SIGKILL: nothing that it asks for reaches the server from now on, nothing that the server says reaches it. */
  kill(): void {
    this.#dead = true;
    if (this.clock.frozen) this.clock.thaw();
    this.#stop.abort(new Error('the process was killed'));
  }

  /** Ends it in an orderly way; what is dead is only buried. */
  async stop(): Promise<'stopped' | 'lost'> {
    this.#stop.abort(new Error('stopped by the test'));
    const limit = this.#world.now() + STOP_MS;
    await this.#world.settle();
    while (!this.#hasEnded && this.#world.now() < limit) await this.#world.advanceBy(Math.ceil(STOP_MS / 100));
    return this.ended;
  }

  #mortal(hooks: TransportHooks): TransportHooks {
    return {
      before: (request) => {
        if (this.#dead) throw new Error('the process is dead');
        return hooks.before?.(request);
      },
      after: (request, response) => {
        if (response.status < 300) this.#saw(request);
        return this.#receive(hooks.after?.(request, response));
      },
      event: (seen) => this.#receive(hooks.event?.(seen)),
    };
  }

  /** A frozen process reads what came over the network once it runs again. */
  #receive<T>(given: Promise<T> | T): Promise<T> | T {
    return given instanceof Promise || this.clock.frozen ? this.#receiveLater(given) : given;
  }

  async #receiveLater<T>(given: Promise<T> | T): Promise<T> {
    const message = await given;
    await this.clock.running();
    return message;
  }

  #saw({ method, path, body, priority }: KubeRequest): void {
    if (method === 'GET' || priority === 'lease' || path.endsWith('/events') || path.includes('/events/')) return;
    const text = `${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, '')}`;
    this.writes.push({ at: this.#world.now(), text, body: typeof body === 'string' ? body : '' });
    if (this.writes.length < this.#diesAfter) return;
    // Other writes may be under way when it dies.
    if (!this.#dead) this.#onDeath();
    this.#dead = true;
    throw new Error('the process died');
  }
}
