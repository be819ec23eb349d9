import { mkdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EndpointSlice, Ingress, KubeObject, Service } from '../../api/core-types.ts';
import { Informer } from '../../kube/informer.ts';
import { ENDPOINT_SLICES, INGRESSES, type Resource, SERVICES } from '../../kube/resources.ts';
import type { KubeTransport } from '../../kube/transport.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { lastLines } from '../last-lines.ts';
import type { Child, ProcessGroup } from '../process-group.ts';
import { renderNginxConfig } from './render-config.ts';
import { acceptingWorkers } from './workers.ts';

export interface NginxIngressOptions {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly processes: ProcessGroup;
  /** Address and port to listen on. */
  readonly listen: string;
  /** Of its own: configuration, logs, temporary files. */
  readonly folder: string;
  readonly program: string;
}

/** A configuration that took effect. */
export interface NginxReload {
  /** Milliseconds since the epoch until which no worker knew this configuration. */
  readonly began: number;
  /** Milliseconds since the epoch from which no worker takes a request by an older configuration. */
  readonly at: number;
  /** What it was made of. */
  readonly ingresses: readonly Ingress[];
}

/** Changes that come in one burst become one reload. */
const DEBOUNCE_MS = 50;
/** nginx itself waits 100 ms between starting new workers and stopping old ones. */
const RELOAD_LIMIT_MS = 3_000;
const POLL_MS = 10;

/** An ingress controller: keeps a real nginx in step with Ingresses, Services and EndpointSlices. */
export class NginxIngress {
  readonly #options: NginxIngressOptions;
  readonly #ingresses: Informer<Ingress>;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<(reload: NginxReload) => void>();
  #nginx: Child | undefined;
  #text = '';
  #timer: Timer | undefined;
  #busy = false;

  constructor(options: NginxIngressOptions) {
    this.#options = options;
    const { transport, clock, random, logger } = options;
    const informer = <T extends KubeObject>(resource: Resource) =>
      new Informer<T>({ resource, transport, clock, random, logger });
    this.#ingresses = informer<Ingress>(INGRESSES);
    this.#services = informer<Service>(SERVICES);
    this.#slices = informer<EndpointSlice>(ENDPOINT_SLICES);
  }

  onReload(listener: (reload: NginxReload) => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves when nginx answers by what the cluster says now. */
  async start(): Promise<void> {
    const { folder, processes, program } = this.#options;
    mkdirSync(folder, { recursive: true });
    const informers = [this.#ingresses, this.#services, this.#slices];
    for (const informer of informers) void informer.run(this.#stop.signal);
    await Promise.all(informers.map(({ synced }) => synced));
    await this.#write(this.#render());
    const command = [program, '-c', this.#file(), '-e', join(folder, 'error.log'), '-p', folder];
    // Workers would otherwise change to a user who may not enter the sandbox's folder.
    const asRoot = process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
    this.#nginx = processes.start([...command, ...asRoot]);
    await this.#until(() => this.#serving().length > 0, 'did not start');
    const changed = { added: () => this.#soon(), updated: () => this.#soon(), deleted: () => this.#soon() };
    for (const informer of informers) informer.onChange(changed);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    await this.#nginx?.stop();
  }

  #soon(): void {
    if (this.#timer !== undefined || this.#stop.signal.aborted) return;
    this.#timer = this.#options.clock.schedule(DEBOUNCE_MS, () => {
      this.#timer = undefined;
      void this.#sync();
    });
  }

  async #sync(): Promise<void> {
    if (this.#busy) {
      this.#soon();
      return;
    }
    const text = this.#render();
    if (text === this.#text) return;
    this.#busy = true;
    try {
      const ingresses = this.#ingresses.store.list();
      const began = this.#options.clock.now();
      await this.#write(text);
      await this.#reload();
      const reload = { began, at: this.#options.clock.now(), ingresses };
      for (const listener of this.#listeners) listener(reload);
    } catch (error) {
      // Whatever nginx goes by now: it is told again.
      this.#text = '';
      if (!this.#stop.signal.aborted)
        this.#options.logger.error({ err: error }, 'nginx did not take its configuration');
    } finally {
      this.#busy = false;
      this.#soon();
    }
  }

  /** Done when the workers before it take no more requests. */
  async #reload(): Promise<void> {
    const before = new Set(this.#serving());
    this.#nginx?.signal('SIGHUP');
    await this.#until(() => {
      const now = this.#serving();
      return now.length > 0 && now.every((worker) => !before.has(worker));
    }, 'did not reload');
  }

  /** Process ids of the workers that accept connections; a worker that is shutting down says so in its title. */
  #serving(): readonly number[] {
    const { pid } = this.#nginx ?? {};
    return pid === undefined ? [] : acceptingWorkers(pid);
  }

  #render(): string {
    const { listen, folder } = this.#options;
    return renderNginxConfig(
      {
        ingresses: this.#ingresses.store.list(),
        services: this.#services.store.list(),
        endpointSlices: this.#slices.store.list(),
      },
      { listen, folder },
    );
  }

  #file(): string {
    return join(this.#options.folder, 'nginx.conf');
  }

  async #write(text: string): Promise<void> {
    const partial = `${this.#file()}.new`;
    await writeFile(partial, text);
    await rename(partial, this.#file());
    this.#text = text;
  }

  async #until(condition: () => boolean, problem: string): Promise<void> {
    const { clock, folder } = this.#options;
    const deadline = clock.monotonic() + RELOAD_LIMIT_MS;
    while (!condition()) {
      if (clock.monotonic() > deadline) {
        throw new Error(`nginx ${problem}; ${await lastLines(join(folder, 'error.log'))}`);
      }
      await clock.sleep(POLL_MS, this.#stop.signal);
    }
  }
}
