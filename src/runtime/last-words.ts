import type { Logger } from '../telemetry/logger.ts';

/** The part of `process` that this needs. Unhandled rejections arrive as uncaught exceptions. */
export interface ExceptionSource {
  once(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  off(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
}

/**
 * An error that nobody caught ends the process: its state is unknown, and the next process starts from what the cluster
 * says. One line of the log, in its format and without secrets, says so before `onEnd`. Returns how to stop listening.
 */
export function logLastWords(source: ExceptionSource, logger: Logger, onEnd: () => void): () => void {
  const listener = (error: unknown): void => {
    // Errors with a code are logged without their stack elsewhere, where it says nothing; here it is all there is.
    const stack = error instanceof Error ? error.stack : undefined;
    logger.error({ err: error, stack }, 'an error that nobody caught: the process ends');
    onEnd();
  };
  source.once('uncaughtException', listener);
  return () => source.off('uncaughtException', listener);
}
