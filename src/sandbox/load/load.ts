import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Child, ProcessGroup } from '../process-group.ts';
import type { LoadWindow } from './load-window.ts';

export interface LoadOptions {
  readonly processes: ProcessGroup;
  readonly url: string;
  /** Value of the Host header. */
  readonly host: string;
  readonly perSecond: number;
  readonly onWindow?: (window: LoadWindow) => void;
}

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url));

/** The load generator's process and everything that it has seen. */
export class Load {
  readonly windows: LoadWindow[] = [];
  readonly #child: Child;
  readonly #lines: Promise<void>;

  constructor({ processes, url, host, perSecond, onWindow }: LoadOptions) {
    this.#child = processes.start([process.execPath, GENERATOR, url, host, String(perSecond)], { output: 'pipe' });
    this.#lines = this.#read(onWindow ?? (() => {}));
  }

  /** Ends the requests under way, then resolves with every window complete. */
  async stop(): Promise<void> {
    await this.#child.stop();
    await this.#lines;
  }

  async #read(onWindow: (window: LoadWindow) => void): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null) return;
    for await (const line of createInterface({ input: stdout })) {
      const window = JSON.parse(line) as LoadWindow;
      this.windows.push(window);
      onWindow(window);
    }
  }
}
