import { CliError } from './cli-error.ts';

/** How users write the kinds: singular, plural, short, with the group. */
const ROLLOUT_WORDS = ['rollout', 'rollouts', 'ro', 'rollout.argoproj.io', 'rollouts.argoproj.io'];
const ANALYSIS_RUN_WORDS = ['analysisrun', 'analysisruns', 'ar', 'analysisrun.argoproj.io', 'analysisruns.argoproj.io'];

export type Target = 'rollout' | 'analysisrun';

const WORDS: Readonly<Record<Target, readonly string[]>> = { rollout: ROLLOUT_WORDS, analysisrun: ANALYSIS_RUN_WORDS };

/** `web` or `rollout/web`, as kubectl's users write them. */
export function parseName(text: string, target: Target): string {
  const slash = text.indexOf('/');
  const kind = slash === -1 ? undefined : text.slice(0, slash);
  const name = text.slice(slash + 1);
  if (kind !== undefined && !isKindWord(kind, target)) {
    throw new CliError(`"${text}" is no ${target}: expected NAME or ${target}/NAME`);
  }
  if (name === '') throw new CliError(`"${text}" names no ${target}`);
  return name;
}

/** The names after a verb that takes `TYPE NAME…`; the type may also stand before each name, or be left out. */
export function parseTypedNames(words: readonly string[], target: Target): readonly string[] {
  const [first = '', ...others] = words;
  const names = isKindWord(first, target) ? others : words;
  return names.map((name) => parseName(name, target));
}

function isKindWord(word: string, target: Target): boolean {
  return WORDS[target].includes(word.toLowerCase());
}
