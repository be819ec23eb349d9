import { type LoadWindow, WINDOW_MS } from './load-window.ts';

/** Counts the requests of one window. */
export interface OpenWindow {
  answered(version: string, status: number, now: number): void;
  lost(reason: string): void;
  /** It counts where it is sent anew. */
  sentAgain(): void;
}

interface Counts {
  readonly answers: Map<string, number>;
  readonly firstFailures: Record<string, number>;
  lost: number;
  lostReason: string | undefined;
  underWay: number;
}

const SERVER_ERROR = 500;

/** Sorts requests into windows by the time at which they were sent, and gives out the windows that are complete. */
export class WindowCounter {
  readonly #open = new Map<number, Counts>();

  /** A request is sent at `now`, milliseconds since the epoch. One of the methods has to be called once. */
  sent(now: number): OpenWindow {
    const from = Math.floor(now / WINDOW_MS) * WINDOW_MS;
    const counts = this.#open.get(from) ?? newCounts();
    this.#open.set(from, counts);
    counts.underWay += 1;
    return {
      answered: (version, status, at) => {
        counts.underWay -= 1;
        const key = `${version} ${status}`;
        counts.answers.set(key, (counts.answers.get(key) ?? 0) + 1);
        if (status >= SERVER_ERROR) counts.firstFailures[version] ??= at;
      },
      lost: (reason) => {
        counts.underWay -= 1;
        counts.lost += 1;
        counts.lostReason = reason;
      },
      sentAgain: () => {
        counts.underWay -= 1;
      },
    };
  }

  get underWay(): number {
    return [...this.#open.values()].reduce((sum, counts) => sum + counts.underWay, 0);
  }

  /** Removes and gives the windows that are over at `now` and whose requests are all settled, oldest first. */
  takeComplete(now: number): readonly LoadWindow[] {
    const complete: LoadWindow[] = [];
    for (const [from, counts] of this.#open) {
      // Windows are given out in order, so that the last one seen is always the newest.
      if (from + WINDOW_MS > now || counts.underWay > 0) break;
      this.#open.delete(from);
      complete.push(windowOf(from, counts));
    }
    return complete;
  }
}

function newCounts(): Counts {
  return { answers: new Map(), firstFailures: {}, lost: 0, lostReason: undefined, underWay: 0 };
}

function windowOf(from: number, { answers, firstFailures, lost, lostReason }: Counts): LoadWindow {
  return {
    from,
    to: from + WINDOW_MS,
    answers: [...answers].map(([key, count]) => {
      const [version = '', status] = key.split(' ');
      return { version, status: Number(status), count };
    }),
    firstFailures,
    lost,
    ...(lostReason === undefined ? {} : { lostReason }),
  };
}
