import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';

/** Where text goes. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Size of the terminal; undefined when it is none. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
}

/** All that a command touches of the machine, so that a test can be the machine. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the user wants to stop. */
  readonly signal: AbortSignal;
  readStdin(): Promise<string>;
}
