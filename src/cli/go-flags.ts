import type { Command } from 'commander';

const FLAG_WITH_VALUE = /^(-[A-Za-z]|--[A-Za-z][\w-]*)=(.*)$/s;
const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/**
 * Rewrites what users of kubectl type by the habits of Go's flags into what commander reads: `-w=false` becomes
 * `--no-watch`, `--full=true` becomes `--full`, `-o=json` becomes `-o json`. Nothing after `--` is touched.
 */
export function fromGoFlags(args: readonly string[], program: Command): string[] {
  const switches = switchesOf(program);
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  const rewritten = flags.flatMap((arg) => {
    const [, flag = '', value = ''] = FLAG_WITH_VALUE.exec(arg) ?? [];
    if (flag === '') return [arg];
    const known = switches.get(flag);
    if (known !== undefined && TRUE_WORDS.has(value)) return [known.on];
    if (known !== undefined && FALSE_WORDS.has(value)) return known.off === undefined ? [] : [known.off];
    return flag.startsWith('--') ? [arg] : [flag, value];
  });
  return end === -1 ? rewritten : [...rewritten, ...args.slice(end)];
}

interface Switch {
  readonly on: string;
  /** Undefined: leaving the flag out says it. */
  readonly off: string | undefined;
}

/** The flags without a value, of all commands: they mean the same wherever they occur. */
function switchesOf(program: Command): ReadonlyMap<string, Switch> {
  const options = allCommands(program).flatMap((command) => command.options);
  const negations = new Set(options.filter(({ negate }) => negate).map(({ long }) => long));
  const switches = new Map<string, Switch>();
  for (const option of options) {
    if (!option.isBoolean() || typeof option.long !== 'string') continue;
    const negation = `--no-${option.long.slice('--'.length)}`;
    const known: Switch = { on: option.long, off: negations.has(negation) ? negation : undefined };
    switches.set(option.long, known);
    if (typeof option.short === 'string') switches.set(option.short, known);
  }
  return switches;
}

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}
