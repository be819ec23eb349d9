import { coloured, renderScreen, type Scene } from './screen.ts';

/** Where the demo tells what happens. */
export interface LiveView {
  /** Something happened. `at`: seconds since the start. */
  tell(at: number, text: string): void;
  /** The state changed; drawn where there is a screen. */
  show(scene: Scene): void;
  /** Gives the terminal back. */
  end(): void;
}

/** The part of a terminal that this needs. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const TO_LINE_START = '\r';
const CLEAR_LINE = '\u001B[K';
const CLEAR_DOWN = '\u001B[J';
const DEFAULT_COLUMNS = 80;

/** One screen, redrawn in place; plain lines where there is no terminal, or one that must not be coloured. */
export function liveViewOn(terminal: Terminal, env: Readonly<Record<string, string | undefined>>): LiveView {
  const isPlain = terminal.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return isPlain ? new PlainLines(terminal) : new RedrawnScreen(terminal);
}

class PlainLines implements LiveView {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  tell(at: number, text: string): void {
    this.#terminal.write(`${at.toFixed(1).padStart(6)} s  ${text}\n`);
  }

  show(): void {}

  end(): void {}
}

class RedrawnScreen implements LiveView {
  readonly #terminal: Terminal;
  #height = 0;
  #hidden = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The log is part of every scene. */
  tell(): void {}

  show(scene: Scene): void {
    const lines = renderScreen(scene, this.#terminal.columns ?? DEFAULT_COLUMNS, coloured);
    const up = this.#height > 1 ? `\u001B[${this.#height - 1}A` : '';
    const hide = this.#hidden ? '' : HIDE_CURSOR;
    this.#hidden = true;
    const text = lines.map((line) => `${line}${CLEAR_LINE}`).join('\n');
    this.#terminal.write(`${hide}${up}${TO_LINE_START}${text}${CLEAR_DOWN}`);
    this.#height = lines.length;
  }

  end(): void {
    if (this.#hidden) this.#terminal.write(`\n${SHOW_CURSOR}`);
    this.#hidden = false;
    this.#height = 0;
  }
}
