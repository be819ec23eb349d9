import type { Command, Option } from 'commander';

/** A word that may come next. */
export interface Candidate {
  readonly word: string;
  readonly description?: string;
}

/** What the cluster or the kubeconfig knows. */
export type DynamicWords = 'rollouts' | 'analysisruns' | 'namespaces' | 'contexts' | 'containers';

/** Words that are known at once, and those to ask for. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly ask?: DynamicWords;
  /** Flags with a value that were typed before, by long name without dashes; they say where to ask. */
  readonly flags: ReadonlyMap<string, string>;
  /** Arguments of the command that were typed before. */
  readonly args: readonly string[];
}

const FLAG_VALUES: Readonly<Record<string, readonly string[] | DynamicWords>> = {
  namespace: 'namespaces',
  context: 'contexts',
  output: ['json', 'yaml', 'name', 'wide', 'jsonpath='],
  until: ['healthy', 'paused', 'step='],
  name: 'rollouts',
};

const ROLLOUT: readonly string[] = ['rollout'];
const SHELLS: readonly string[] = ['bash', 'zsh', 'fish', 'powershell', 'kubectl'];

/** What an argument of a command may be, by the command's name and the argument's place; the last place repeats. */
const ARGUMENTS: Readonly<Record<string, readonly (readonly string[] | DynamicWords)[]>> = {
  get: [ROLLOUT, 'rollouts'],
  list: [['rollouts'], []],
  status: ['rollouts', []],
  explain: ['rollouts', []],
  promote: ['rollouts', []],
  undo: ['rollouts', []],
  abort: ['rollouts'],
  pause: ['rollouts'],
  restart: ['rollouts'],
  retry: [ROLLOUT, 'rollouts'],
  terminate: [['analysisrun'], 'analysisruns'],
  image: ['rollouts', 'containers'],
  completion: [SHELLS, []],
};

/** What may stand at the place of the last of `words`, judged by those before it. */
export function completeWords(program: Command, words: readonly string[]): Completion {
  const typed = words.at(-1) ?? '';
  let command = program;
  let pending: Option | undefined;
  const flags = new Map<string, string>();
  const args: string[] = [];
  for (const word of words.slice(0, -1)) {
    const subcommand = command.commands.find((one) => one.name() === word);
    if (pending !== undefined) {
      flags.set(pending.name(), word);
      pending = undefined;
    } else if (word.startsWith('-')) {
      pending = flagAwaitingValue(program, command, word, flags);
    } else if (subcommand !== undefined && args.length === 0) {
      command = subcommand;
    } else {
      args.push(word);
    }
  }
  const known = { flags, args };
  if (pending !== undefined) return { ...known, ...wordsFor(FLAG_VALUES[pending.name()], typed) };
  if (typed.startsWith('-')) return { ...known, candidates: startingWith(typed, flagsOf(program, command)) };
  if (command.commands.length > 0) return { ...known, candidates: startingWith(typed, subcommandsOf(command)) };
  const places = ARGUMENTS[command.name()] ?? [];
  return { ...known, ...wordsFor(places[args.length] ?? places.at(-1), typed) };
}

/** A flag that takes the next word as its value; one that carries its value itself is noted. */
function flagAwaitingValue(
  program: Command,
  command: Command,
  word: string,
  flags: Map<string, string>,
): Option | undefined {
  const [name = '', value] = word.split('=', 2);
  const option = [...command.options, ...program.options].find(({ short, long }) => short === name || long === name);
  if (option === undefined || option.isBoolean()) return undefined;
  if (value === undefined) return option;
  flags.set(option.name(), value);
  return undefined;
}

function flagsOf(program: Command, command: Command): readonly Candidate[] {
  return [...new Set([...command.options, ...program.options])].flatMap(({ long, description, hidden }) =>
    hidden || typeof long !== 'string' ? [] : [{ word: long, description }],
  );
}

function subcommandsOf(command: Command): readonly Candidate[] {
  return command.commands.flatMap((one) =>
    one.name().startsWith('__') ? [] : [{ word: one.name(), description: one.description() }],
  );
}

function wordsFor(
  words: readonly string[] | DynamicWords | undefined,
  typed: string,
): Pick<Completion, 'candidates' | 'ask'> {
  if (typeof words === 'string') return { candidates: [], ask: words };
  return {
    candidates: startingWith(
      typed,
      (words ?? []).map((word) => ({ word })),
    ),
  };
}

function startingWith(typed: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(typed));
}
