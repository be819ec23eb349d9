/** Where in the input something is; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something that `lint` has to say. */
export interface Finding {
  readonly place: Place;
  /** `Rollout/web`; empty when the text could not even be read. */
  readonly object: string;
  /** E.g. `spec.strategy.canary.steps[2].setWeight`; empty for the whole object. */
  readonly field: string;
  /** What is wrong. */
  readonly reason: string;
  /** What to do, where the reason does not say it. */
  readonly remedy?: string;
  /** The text with a caret below the place, for expressions. */
  readonly snippet?: string;
}

/** As compilers write it, so that editors can jump to it. */
export function formatFinding({ place, object, field, reason, remedy, snippet }: Finding): string {
  const subject = [object, field].filter((part) => part !== '').join(' ');
  const head = `${place.file}:${place.line}:${place.column}: error: ${subject === '' ? '' : `${subject}: `}${reason}`;
  return [head, ...(snippet === undefined ? [] : [snippet]), ...(remedy === undefined ? [] : [`  ${remedy}`])]
    .map((line) => `${line}\n`)
    .join('');
}
