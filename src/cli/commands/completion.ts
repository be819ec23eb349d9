import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { COMPLETION_SCRIPTS } from '../completion-scripts.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** Prints the script that makes a shell ask `__complete` for words. */
export async function completion({ host }: CommandContext, shell: string): Promise<ExitCode> {
  const script = COMPLETION_SCRIPTS.get(shell);
  if (script === undefined) {
    throw new CliError(`no completion for "${shell}"`, {
      hint: `there is: ${[...COMPLETION_SCRIPTS.keys()].join(', ')}`,
    });
  }
  host.stdout.write(script);
  return EXIT.ok;
}
