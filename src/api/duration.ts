/** Go's duration grammar: `1h30m`, `.5s`, `-2m`, `0`. The micro sign comes in two code points. */
const GO_DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;

/** Whether Go's `time.ParseDuration` would read this text. */
export function isDuration(text: string): boolean {
  return GO_DURATION.test(text);
}

/**
 * Whether this is a time that a step can wait: a number of seconds, such a number as text, or a Go duration, and not
 * negative. Zero waits for nothing, and Argo Rollouts accepts it.
 */
export function isWaitingTime(value: number | string): boolean {
  if (typeof value === 'number') return value >= 0;
  return !value.startsWith('-') && (/^\+?\d+$/.test(value) || isDuration(value));
}
