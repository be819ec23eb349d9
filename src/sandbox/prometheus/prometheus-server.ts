import { closeSync, mkdirSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Clock } from '../../runtime/clock.ts';
import { lastLines } from '../last-lines.ts';
import type { Child, ProcessGroup } from '../process-group.ts';

export interface PrometheusServerOptions {
  readonly clock: Clock;
  readonly processes: ProcessGroup;
  /** Says what to scrape, in the form of `file_sd_configs`; its name ends in `.json`. */
  readonly targetFile: string;
  /** Address and port to listen on. */
  readonly listen: string;
  /** Of its own: configuration, log and samples. */
  readonly folder: string;
  readonly program: string;
}

const START_LIMIT_MS = 20_000;
const POLL_MS = 100;

/** A real Prometheus that scrapes what a file says once a second. */
export class PrometheusServer {
  readonly url: string;
  readonly #options: PrometheusServerOptions;
  #child: Child | undefined;

  constructor(options: PrometheusServerOptions) {
    this.#options = options;
    this.url = `http://${options.listen}`;
  }

  /** Resolves when it answers queries. */
  async start(): Promise<void> {
    const { folder, listen, processes, program, targetFile } = this.#options;
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'prometheus.yml');
    await writeFile(file, stringify(configuration(targetFile)));
    const output = openSync(join(folder, 'prometheus.log'), 'a');
    const command = [
      program,
      `--config.file=${file}`,
      `--web.listen-address=${listen}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=1h',
      // New pods count within a second or two instead of five to ten.
      '--scrape.discovery-reload-interval=1s',
      '--log.level=warn',
    ];
    this.#child = processes.start(command, { output });
    closeSync(output);
    await this.#untilReady(this.#child);
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  async #untilReady(child: Child): Promise<void> {
    const { clock, folder } = this.#options;
    let ended = false;
    void child.ended.then(() => {
      ended = true;
    });
    const deadline = clock.monotonic() + START_LIMIT_MS;
    while (!(await answers(`${this.url}/-/ready`))) {
      if (ended || clock.monotonic() > deadline) {
        throw new Error(`Prometheus did not start; ${await lastLines(join(folder, 'prometheus.log'))}`);
      }
      await clock.sleep(POLL_MS);
    }
  }
}

function configuration(targetFile: string): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'pods', file_sd_configs: [{ files: [targetFile] }] }],
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
