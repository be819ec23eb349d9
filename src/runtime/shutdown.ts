/** The part of `process` that this needs. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: (signal: string) => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', listener: (signal: string) => void): unknown;
}

/** The process was asked to stop. */
class ShutdownRequested extends Error {
  override readonly name = 'ShutdownRequested';
  readonly code = 'shutdown' as const;
}

export interface Shutdown {
  /** Aborts with `ShutdownRequested` at the first signal. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

/** The first SIGTERM or SIGINT asks for an orderly end; the second calls `onSecond`, which ends the process at once. */
export function listenForShutdown(source: SignalSource, onSecond: (signal: string) => void): Shutdown {
  const controller = new AbortController();
  const listener = (signal: string): void => {
    if (controller.signal.aborted) {
      onSecond(signal);
    } else {
      controller.abort(new ShutdownRequested(`received ${signal}`));
    }
  };
  source.on('SIGTERM', listener);
  source.on('SIGINT', listener);
  return {
    signal: controller.signal,
    dispose() {
      source.off('SIGTERM', listener);
      source.off('SIGINT', listener);
    },
  };
}
