import type { LoadWindow } from '../load/load-window.ts';
import type { LiveView } from './live-view.ts';
import { countByVersion, countLost, countRequests } from './measurements.ts';
import type { Release } from './release-watch.ts';

/** What the narrator looks at whenever it draws. */
export interface Sources {
  release(): Release | undefined;
  weight(): number;
  windows(): readonly LoadWindow[];
}

const REDRAW_MS = 250;
/** Windows that "now" consists of: two seconds. */
const RECENT_WINDOWS = 8;

/** Tells the story to whoever watches: what happened, line by line, and how things stand. */
export class Narrator {
  readonly #view: LiveView;
  readonly #started = performance.now();
  readonly #log: string[] = [];
  #title = 'starting';
  #sources: Sources | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(view: LiveView) {
    this.#view = view;
  }

  /** Begins to draw. */
  watch(sources: Sources): void {
    this.#sources = sources;
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  chapter(title: string): void {
    this.#title = title;
    this.tell(title);
  }

  tell(text: string): void {
    const seconds = this.elapsedSeconds;
    this.#log.push(`${seconds.toFixed(1).padStart(5)} s  ${text}`);
    this.#view.tell(seconds, text);
    this.#draw();
  }

  /** Draws a last time and gives the terminal back. */
  end(): void {
    clearInterval(this.#timer);
    this.#draw();
    this.#view.end();
  }

  get elapsedSeconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #draw(): void {
    const windows = this.#sources?.windows() ?? [];
    this.#view.show({
      elapsedSeconds: this.elapsedSeconds,
      title: this.#title,
      release: this.#sources?.release(),
      weight: this.#sources?.weight() ?? 0,
      recent: countByVersion(windows.slice(-RECENT_WINDOWS)),
      total: { requests: countRequests(windows), lost: countLost(windows) },
      log: this.#log,
    });
  }
}
