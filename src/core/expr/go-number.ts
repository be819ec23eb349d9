import { isInt64 } from './values.ts';

/** Go's `%v` writes exponents below the first and from the second bound on. */
const SMALLEST_PLAIN = 1e-4;
const PLAIN_BOUND = 1e6;

/** A float as Go's `%v` prints it: shortest digits that round-trip, exponents of at least two digits. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const magnitude = Math.abs(value);
  if (magnitude >= SMALLEST_PLAIN && magnitude < PLAIN_BOUND) return String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}

const INTEGER = /^[+-]?\d+$/;

/** An int from decimal text as Go's strconv reads it; undefined when it is none or does not fit 64 bits. */
export function parseInteger(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text.replace('+', ''));
  return isInt64(value) ? value : undefined;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** A float from text as Go's strconv reads it, without hexadecimal floats; undefined when it is none or too large. */
export function parseFloat64(text: string): number | undefined {
  const special = SPECIAL.exec(text);
  if (special !== null) {
    if (special[2] !== undefined) return special[1] === '-' ? -Infinity : Infinity;
    return special[1] === '' ? NaN : undefined;
  }
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
