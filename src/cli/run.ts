import { CommanderError } from 'commander';
import type { CommandContext, Work } from './command-context.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { GlobalOptions } from './global-options.ts';
import { fromGoFlags } from './go-flags.ts';
import type { Host } from './host.ts';
import { createProgram } from './program.ts';
import { paintFor } from './view/style.ts';

interface GlobalFlags {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly requestTimeout?: number;
  readonly v: number;
  readonly color: boolean;
}

/** Runs one command line to its end. Never rejects: what went wrong is on standard error. */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  let work: Work | undefined;
  const program = createProgram((asked) => {
    work = asked;
  });
  program.configureOutput({
    writeOut: (text) => host.stdout.write(text),
    writeErr: (text) => host.stderr.write(text),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(fromGoFlags(args, program), { from: 'user' });
    return work === undefined ? EXIT.ok : await work(contextOf(program.opts<GlobalFlags>(), host));
  } catch (error) {
    return report(error, host);
  }
}

function contextOf(flags: GlobalFlags, host: Host): CommandContext {
  return { host, globals: globalsOf(flags), paint: paintFor(host.stdout.isTerminal, host.env, !flags.color) };
}

function globalsOf({ namespace, context, kubeconfig, requestTimeout, v }: GlobalFlags): GlobalOptions {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(context === undefined ? {} : { context }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(requestTimeout === undefined ? {} : { requestTimeoutMs: requestTimeout }),
    verbosity: v,
  };
}

async function report(error: unknown, host: Host): Promise<ExitCode> {
  // Commander has already said what is wrong, or printed the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.failed;
  if (host.signal.aborted) return EXIT.interrupted;
  const [{ describeError }, { CliError }] = await Promise.all([
    import('./describe-error.ts'),
    import('./cli-error.ts'),
  ]);
  host.stderr.write(describeError(error));
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}
