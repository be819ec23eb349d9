import { appendFileSync } from 'node:fs';
import { systemClock } from '../runtime/system-clock.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';

/** What the sandbox's own parts have to say: nothing for the user's screen, but there when something goes wrong. */
export function fileLogger(file: string): Logger {
  const write = (line: string): void => {
    try {
      appendFileSync(file, line);
    } catch {
      // On the way down the folder goes; what is said after that interests nobody.
    }
  };
  return createLogger({ clock: systemClock, level: 'info', format: 'text', write });
}
