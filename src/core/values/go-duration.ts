import { ValueError } from './value-error.ts';

const NANOS_PER_MS = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_MINUTE = 60n * NANOS_PER_SECOND;
const NANOS_PER_HOUR = 60n * NANOS_PER_MINUTE;

/** Both `µs` (U+00B5) and `μs` (U+03BC) are microseconds. */
const UNIT_NANOS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', NANOS_PER_MS],
  ['s', NANOS_PER_SECOND],
  ['m', NANOS_PER_MINUTE],
  ['h', NANOS_PER_HOUR],
]);

/** The range of Go's `time.Duration`, an int64 of nanoseconds: about ±292 years. */
const MAX_NANOS = 2n ** 63n - 1n;
const MIN_NANOS = -(2n ** 63n);

/**
 * Nanoseconds of a Go duration such as `1h2m3.5s`, `300ms` or `-1.5h`.
 * @throws ValueError with the reasons that Go's `time.ParseDuration` gives.
 */
export function parseDurationNanos(text: string): bigint {
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid(text);
  let nanos = 0n;
  while (rest !== '') {
    const match = /^(\d*)(?:\.(\d*))?([^\d.]*)/.exec(rest);
    const [whole, integer = '', fraction = '', unit = ''] = match ?? [];
    if (whole === undefined || (integer === '' && fraction === '')) throw invalid(text);
    if (unit === '') throw new ValueError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const unitNanos = UNIT_NANOS.get(unit);
    if (unitNanos === undefined) {
      throw new ValueError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    nanos +=
      BigInt(integer || '0') * unitNanos + (BigInt(fraction || '0') * unitNanos) / 10n ** BigInt(fraction.length);
    rest = rest.slice(whole.length);
  }
  const signed = negative ? -nanos : nanos;
  if (signed > MAX_NANOS || signed < MIN_NANOS) throw invalid(text);
  return signed;
}

function invalid(text: string): ValueError {
  return new ValueError(`time: invalid duration ${JSON.stringify(text)}`);
}

/**
 * Milliseconds (with a fraction when there is one) of a Go duration.
 * @throws ValueError as `parseDurationNanos`.
 */
export function parseDuration(text: string): number {
  return Number(parseDurationNanos(text)) / Number(NANOS_PER_MS);
}

/** A number of milliseconds as Go prints a `time.Duration`: `1h2m3.5s`, `300ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  return formatDurationNanos(BigInt(Math.round(milliseconds * Number(NANOS_PER_MS))));
}

/** A number of nanoseconds as Go prints a `time.Duration`. */
export function formatDurationNanos(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  return `${sign}${size < NANOS_PER_SECOND ? formatBelowSecond(size) : formatFromSecond(size)}`;
}

function formatBelowSecond(nanos: bigint): string {
  if (nanos < 1_000n) return `${nanos}ns`;
  if (nanos < NANOS_PER_MS) return `${decimal(nanos, 1_000n)}\u00b5s`;
  return `${decimal(nanos, NANOS_PER_MS)}ms`;
}

function formatFromSecond(nanos: bigint): string {
  const hours = nanos / NANOS_PER_HOUR;
  const minutes = (nanos % NANOS_PER_HOUR) / NANOS_PER_MINUTE;
  const seconds = `${decimal(nanos % NANOS_PER_MINUTE, NANOS_PER_SECOND)}s`;
  if (hours > 0n) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${minutes}m${seconds}` : seconds;
}

/** `value / unit` as an exact decimal without trailing zeros. */
function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
