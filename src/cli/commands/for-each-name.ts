import { CliError } from '../cli-error.ts';
import { describeError } from '../describe-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';

/** Does the same with every name; one that fails does not keep the others from it. */
export async function forEachName(
  host: Host,
  names: readonly string[],
  act: (name: string) => Promise<string>,
): Promise<ExitCode> {
  if (names.length === 0) throw new CliError('which one? At least one name is needed');
  let exitCode: ExitCode = EXIT.ok;
  for (const name of names) {
    try {
      host.stdout.write(`${await act(name)}\n`);
    } catch (error) {
      host.stderr.write(describeError(error));
      exitCode = EXIT.failed;
    }
  }
  return exitCode;
}
