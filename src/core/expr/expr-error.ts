import { charactersOf, runeCount } from './utf8.ts';

/** Where in a source something is. `line` and `column` count from 1 (columns in characters), `offset` from 0. */
export type Position = { readonly line: number; readonly column: number; readonly offset: number };

/**
 * The one error of the expression language: a source that does not parse, a name or type that does not fit, or an
 * evaluation that failed.
 *
 * `message` is one line, `reason (line:column)`. `reason` alone is what Argo Rollouts puts into a measurement.
 * `snippet` shows the source line with a caret below the place.
 */
export class ExprError extends Error {
  override readonly name = 'ExprError';
  readonly reason: string;
  readonly position: Position;
  readonly snippet: string;

  constructor(reason: string, source: string, offset: number) {
    const position = locate(source, offset);
    super(`${reason} (${position.line}:${position.column})`);
    this.reason = reason;
    this.position = position;
    this.snippet = pointAt(source, position);
  }

  /** Message and snippet, for people at a terminal. */
  describe(): string {
    return this.snippet === '' ? this.message : `${this.message}\n${this.snippet}`;
  }
}

function locate(source: string, offset: number): Position {
  const end = Math.min(offset, source.length);
  const lineStart = source.lastIndexOf('\n', end - 1) + 1;
  const line = source.slice(0, lineStart).split('\n').length;
  return { line, column: runeCount(source.slice(lineStart, end)) + 1, offset: end };
}

/** Longest line shown in a snippet; a longer one is cut around the caret. */
const SNIPPET_WIDTH = 120;

function pointAt(source: string, { line, column }: Position): string {
  const characters = charactersOf((source.split('\n')[line - 1] ?? '').replaceAll('\t', ' '));
  if (characters.length === 0) return '';
  const from = column > SNIPPET_WIDTH ? column - SNIPPET_WIDTH / 2 : 0;
  const shown = characters.slice(from, from + SNIPPET_WIDTH).join('');
  return ` | ${shown}\n | ${'.'.repeat(column - 1 - from)}^`;
}
