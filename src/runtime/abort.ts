import type { Clock } from './clock.ts';

/** A signal that follows an outer one and, optionally, a deadline. Call `dispose` when the work is over. */
export interface ScopedAbort {
  readonly signal: AbortSignal;
  /** True when the deadline, not the outer signal, was the cause. */
  timedOut(): boolean;
  abort(reason: unknown): void;
  dispose(): void;
}

/**
 * Like `AbortSignal.any` with `AbortSignal.timeout`, but on our clock and without leaving anything behind on a
 * long-lived outer signal.
 */
export function scopedAbort(clock: Clock, outer: AbortSignal | undefined, timeoutMs?: number): ScopedAbort {
  const controller = new AbortController();
  let expired = false;
  const follow = (): void => controller.abort(outer?.reason);
  if (outer?.aborted === true) {
    follow();
  } else {
    outer?.addEventListener('abort', follow, { once: true });
  }
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.schedule(timeoutMs, () => {
          expired = !controller.signal.aborted;
          controller.abort(new Error(`no answer within ${timeoutMs} ms`));
        });
  return {
    signal: controller.signal,
    timedOut: () => expired,
    abort: (reason) => controller.abort(reason),
    dispose() {
      timer?.cancel();
      outer?.removeEventListener('abort', follow);
    },
  };
}

/** Why a signal aborted, as something that can be thrown. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

/** Resolves as `promise` does; rejects with the signal's reason when it aborts first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => reject(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
