import { ProcessGroup } from './process-group.ts';

/** Exit statuses: those of a shell for Ctrl-C and SIGTERM, 1 for any failure. */
const EXIT = { failed: 1, SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `main` with a group of processes and ends this process with the status that it gives. However that comes about
 * (a signal, an error that nobody caught), the group's way down is walked first; a second signal skips it.
 */
export async function runToEnd(name: string, main: (processes: ProcessGroup) => Promise<number>): Promise<never> {
  const processes = new ProcessGroup();
  const end = Promise.withResolvers<number>();
  const fail = (error: unknown): void => {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    end.resolve(EXIT.failed);
  };
  let asked = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (asked) process.exit(EXIT[signal]);
      asked = true;
      end.resolve(EXIT[signal]);
    });
  }
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  main(processes).then(end.resolve, fail);
  const status = await end.promise;
  await processes.close();
  process.exit(status);
}
