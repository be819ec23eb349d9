import { styleText } from 'node:util';

/** What a piece of text expresses; colours follow from it. */
export type Tone = 'good' | 'bad' | 'warning' | 'busy' | 'paused' | 'muted' | 'strong' | 'accent';

/** Makes text look like its tone, or leaves it alone. */
export type Paint = (tone: Tone | undefined, text: string) => string;

const FORMATS = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  busy: 'cyan',
  paused: 'blue',
  muted: 'gray',
  strong: 'bold',
  accent: 'magenta',
} as const satisfies Record<Tone, string>;

export const plain: Paint = (_tone, text) => text;

export const coloured: Paint = (tone, text) =>
  tone === undefined || text === '' ? text : styleText(FORMATS[tone], text, { validateStream: false });

/**
 * Colours are for people at a terminal: not for files and pipes, and not where `NO_COLOR` (https://no-color.org) or a
 * dumb terminal says no.
 */
export function paintFor(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
  noColor: boolean,
): Paint {
  const refused = noColor || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return isTerminal && !refused ? coloured : plain;
}
