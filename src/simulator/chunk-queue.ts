/** A queue of text chunks that a producer fills and one consumer iterates. Ending the iteration early calls `onClose`. */
export class ChunkQueue implements AsyncIterable<string> {
  readonly #chunks: string[] = [];
  readonly #onClose: () => void;
  #waiting: ((result: IteratorResult<string>) => void) | undefined;
  #ended = false;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  push(chunk: string): void {
    if (this.#ended) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#chunks.push(chunk);
    else waiting({ done: false, value: chunk });
  }

  /** Ends the iteration after what is queued. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onClose();
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return {
      next: () => this.#next(),
      return: () => {
        this.end();
        this.#chunks.length = 0;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #next(): Promise<IteratorResult<string>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
