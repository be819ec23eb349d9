import { rename, writeFile } from 'node:fs/promises';
import type { EndpointSlice, KubeObject, Pod } from '../../api/core-types.ts';
import { Informer } from '../../kube/informer.ts';
import { ENDPOINT_SLICES, PODS, type Resource } from '../../kube/resources.ts';
import type { KubeTransport } from '../../kube/transport.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { scrapeTargets } from './scrape-targets.ts';

export interface TargetFileOptions {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly file: string;
}

const DEBOUNCE_MS = 50;

/**
 * Keeps a file for Prometheus' `file_sd_configs` in step with the cluster. (Debian builds Prometheus without Kubernetes'
 * service discovery.)
 */
export class TargetFile {
  readonly #options: TargetFileOptions;
  readonly #slices: Informer<EndpointSlice>;
  readonly #pods: Informer<Pod>;
  readonly #stop = new AbortController();
  #timer: Timer | undefined;
  #text = '';

  constructor(options: TargetFileOptions) {
    this.#options = options;
    const { transport, clock, random, logger } = options;
    const informer = <T extends KubeObject>(resource: Resource) =>
      new Informer<T>({ resource, transport, clock, random, logger });
    this.#slices = informer<EndpointSlice>(ENDPOINT_SLICES);
    this.#pods = informer<Pod>(PODS);
  }

  /** Resolves when the file is there. */
  async start(): Promise<void> {
    const informers = [this.#slices, this.#pods];
    for (const informer of informers) void informer.run(this.#stop.signal);
    await Promise.all(informers.map(({ synced }) => synced));
    await this.#write();
    const changed = { added: () => this.#soon(), updated: () => this.#soon(), deleted: () => this.#soon() };
    for (const informer of informers) informer.onChange(changed);
  }

  stop(): void {
    this.#stop.abort();
    this.#timer?.cancel();
  }

  #soon(): void {
    if (this.#timer !== undefined || this.#stop.signal.aborted) return;
    this.#timer = this.#options.clock.schedule(DEBOUNCE_MS, () => {
      this.#timer = undefined;
      this.#write().catch((error: unknown) => this.#options.logger.error({ err: error }, 'cannot write targets'));
    });
  }

  async #write(): Promise<void> {
    const { file } = this.#options;
    const text = JSON.stringify(scrapeTargets(this.#slices.store.list(), this.#pods.store.list()), null, 2);
    if (text === this.#text) return;
    this.#text = text;
    const partial = `${file}.new`;
    await writeFile(partial, text);
    await rename(partial, file);
  }
}
