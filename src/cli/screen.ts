import type { Output } from './host.ts';

const HOME = '\u001b[H';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_SCREEN = '\u001b[2J';
// oxlint-disable-next-line no-control-regex -- colours begin with this control character
const COLOUR = /\u001b\[[\d;]*m/y;
const RESET = '\u001b[0m';

/**
 * Shows one picture after the other. On a terminal each replaces the one before, in place and without flicker; elsewhere
 * each that differs is appended.
 */
export class Screen {
  readonly #output: Output;
  #shown: string | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  /** @param unchanging what of the picture matters when it is appended: ages change every second. */
  show(picture: string, unchanging: string = picture): void {
    const size = this.#output.size();
    if (size === undefined) {
      this.#append(picture, unchanging);
      return;
    }
    const start = this.#shown === undefined ? CLEAR_SCREEN : '';
    this.#shown = picture;
    this.#output.write(`${start}${HOME}${fit(picture, size)}${CLEAR_BELOW}`);
  }

  #append(picture: string, unchanging: string): void {
    if (this.#shown === unchanging) return;
    const separator = this.#shown === undefined ? '' : '\n';
    this.#shown = unchanging;
    this.#output.write(`${separator}${picture}`);
  }
}

/** A line that wrapped, or a picture that scrolled, would leave remains behind. */
function fit(picture: string, { columns, rows }: { readonly columns: number; readonly rows: number }): string {
  const lines = picture.trimEnd().split('\n');
  const room = Math.max(rows - 1, 1);
  const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
  return shown.map((line) => `${cut(line, columns)}${CLEAR_LINE_END}\n`).join('');
}

/** The first `columns` characters; colours take no room. */
function cut(line: string, columns: number): string {
  let room = columns;
  let position = 0;
  while (position < line.length) {
    COLOUR.lastIndex = position;
    const colour = COLOUR.exec(line);
    if (colour !== null) {
      position += colour[0].length;
      continue;
    }
    if (room === 0) return `${line.slice(0, position)}${RESET}`;
    position += (line.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
    room -= 1;
  }
  return line;
}
