import { BEGINNING, type TinyCluster } from './tiny-cluster.ts';

/** Writes down what happens, for people. */
export class Storyteller {
  readonly #cluster: TinyCluster;
  readonly #lines: string[] = [];
  #lastClock = '';

  constructor(cluster: TinyCluster) {
    this.#cluster = cluster;
  }

  /** Something from outside: a new paragraph. */
  say(text: string): void {
    this.#lines.push('', `${this.clock()} ${text}`);
  }

  /** What the controller does. */
  tell(text: string): void {
    const clock = this.clock();
    if (clock !== this.#lastClock) this.#lines.push(clock);
    this.#lastClock = clock;
    this.#lines.push(text);
  }

  comment(text: string): void {
    this.#lines.push('', `-- ${text}`);
  }

  /** Minutes and seconds since the beginning. */
  clock(): string {
    const total = Math.round((this.#cluster.now - BEGINNING) / 1000);
    return `${String(Math.floor(total / 60)).padStart(3, '0')}:${String(total % 60).padStart(2, '0')}`;
  }

  /** Hashes read as images, e.g. `web-<v1>`. */
  readable(text: string): string {
    let readable = text;
    for (const [hash, version] of this.#cluster.versions) readable = readable.replaceAll(hash, `<${version}>`);
    return readable;
  }

  text(): string {
    return `${this.readable(this.#lines.join('\n')).trim()}\n`;
  }
}
