import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../core/values/go-duration.ts';

const SECOND = 1000;

/** kubectl's `--request-timeout`: `30s`, `2m`, or a number of seconds; 0 is no limit of the user's. */
export function requestTimeout(text: string): number | undefined {
  if (/^\d{1,6}$/.test(text)) return text === '0' ? undefined : Number(text) * SECOND;
  const milliseconds = goDuration(text);
  return milliseconds === 0 ? undefined : milliseconds;
}

/** Milliseconds of a Go duration such as `1m30s`; not negative. */
export function goDuration(text: string): number {
  try {
    const milliseconds = parseDuration(text);
    if (milliseconds >= 0) return milliseconds;
  } catch {
    // Said below, for both.
  }
  throw new InvalidArgumentError('It is a duration such as 30s, 5m or 1h30m.');
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
