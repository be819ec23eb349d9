import { EXIT, type ExitCode } from './exit-codes.ts';

/** Something to tell the user, instead of a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(message: string, { hint, exitCode = EXIT.failed }: { hint?: string; exitCode?: ExitCode } = {}) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}
