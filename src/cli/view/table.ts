import { charactersOf } from '../../core/expr/utf8.ts';
import type { Paint, Tone } from './style.ts';

/** A piece of text of one tone. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

export type Cell = string | Span | readonly Span[];

/** Blanks between columns, as kubectl and Argo Rollouts' plugin print them. */
const GAP = 2;

/** Columns aligned on their widest cell; the last one is not padded. */
export function formatTable(rows: readonly (readonly Cell[])[], paint: Paint): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    }
  }
  return rows.map((row) => `${formatRow(row, widths, paint)}\n`).join('');
}

function formatRow(row: readonly Cell[], widths: readonly number[], paint: Paint): string {
  return row
    .map((cell, column) => {
      const isLast = column === row.length - 1;
      const padding = isLast ? '' : ' '.repeat((widths[column] ?? 0) - widthOf(cell) + GAP);
      return `${paintCell(cell, paint)}${padding}`;
    })
    .join('');
}

export function paintCell(cell: Cell, paint: Paint): string {
  return spansOf(cell)
    .map(({ text, tone }) => paint(tone, text))
    .join('');
}

/** In characters: what is shown here has none of double width. */
function widthOf(cell: Cell): number {
  return spansOf(cell).reduce((sum, { text }) => sum + charactersOf(text).length, 0);
}

function spansOf(cell: Cell): readonly Span[] {
  if (typeof cell === 'string') return [{ text: cell }];
  return 'text' in cell ? [cell] : cell;
}
