import type { ExitCode } from './exit-codes.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Host } from './host.ts';
import type { Paint } from './view/style.ts';

/** What every command gets. */
export interface CommandContext {
  readonly host: Host;
  readonly globals: GlobalOptions;
  /** For standard output. */
  readonly paint: Paint;
}

/** A command, ready to run. */
export type Work = (context: CommandContext) => Promise<ExitCode>;
