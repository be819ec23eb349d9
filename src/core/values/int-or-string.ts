import { parseDurationNanos } from './go-duration.ts';
import { ValueError } from './value-error.ts';

/** `intstr.IntOrString`: an absolute number, or a text that is usually a percentage. */
export type IntOrString = number | string;

export type Rounding = 'up' | 'down';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * The absolute number that `value` means for `total` things: `scaled('25%', 10, 'up')` is 3.
 *
 * A text without `%` is a percentage too (`'3'` means 3 %), because Argo Rollouts evaluates `maxSurge` and
 * `maxUnavailable` with `intstr.GetValueFromIntOrPercent`, which drops the sign without asking for it.
 * @throws ValueError when the text holds no integer.
 */
export function scaled(value: IntOrString, total: number, rounding: Rounding): number {
  if (typeof value === 'number') return value;
  const percent = percentOf(value);
  const exact = (percent * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

function percentOf(text: string): number {
  const digits = text.replaceAll('%', '');
  if (!/^[+-]?\d+$/.test(digits)) {
    throw new ValueError(`invalid value ${JSON.stringify(text)}: want an integer or a percentage such as "25%"`);
  }
  return Number(digits);
}

/**
 * Seconds that a `pause` step or a `scaleDownDelay` names: a number or a numeric text is seconds, anything else a Go
 * duration cut to whole seconds. -1 when it can be read as neither, which validation rejects.
 */
export function pauseDurationSeconds(duration: IntOrString): number {
  if (typeof duration === 'number') return duration;
  if (/^[+-]?\d+$/.test(duration)) {
    const seconds = Number(duration);
    return seconds >= INT32_MIN && seconds <= INT32_MAX ? seconds : -1;
  }
  try {
    return Number(parseDurationNanos(duration) / NANOS_PER_SECOND);
  } catch (error) {
    if (error instanceof ValueError) return -1;
    throw error;
  }
}
