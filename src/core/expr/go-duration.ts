import { isInt64 } from './values.ts';

export const NANOSECONDS = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
} as const;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ...Object.entries(NANOSECONDS),
  ['\u00b5s', NANOSECONDS.us],
  ['\u03bcs', NANOSECONDS.us],
]);

const PART = /(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;

/** Nanoseconds of a text such as `1h30m` or `-1.5s`, as Go's time.ParseDuration reads it; undefined when it is none. */
export function parseDuration(text: string): bigint | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0n;
  if (unsigned === '') return undefined;
  let total = 0n;
  PART.lastIndex = 0;
  while (PART.lastIndex < unsigned.length) {
    const part = PART.exec(unsigned);
    if (part === null) return undefined;
    const [, whole = '0', fraction = '', bare = '', unitName = ''] = part;
    const unit = UNITS.get(unitName) ?? 0n;
    const decimals = fraction + bare;
    total += BigInt(whole) * unit + (BigInt(decimals === '' ? 0 : decimals) * unit) / 10n ** BigInt(decimals.length);
    if (!isInt64(total)) return undefined;
  }
  return text.startsWith('-') ? -total : total;
}

/** A duration as Go's String prints it: `1h0m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < NANOSECONDS.us) return `${sign}${size}ns`;
  if (size < NANOSECONDS.ms) return `${sign}${decimal(size, NANOSECONDS.us)}\u00b5s`;
  if (size < NANOSECONDS.s) return `${sign}${decimal(size, NANOSECONDS.ms)}ms`;
  const hours = size / NANOSECONDS.h;
  const minutes = (size % NANOSECONDS.h) / NANOSECONDS.m;
  const seconds = `${decimal(size % NANOSECONDS.m, NANOSECONDS.s)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** `size / unit` with exactly the decimals that it needs; `unit` is a power of ten. */
function decimal(size: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(size % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(size / unit) : `${size / unit}.${fraction}`;
}
