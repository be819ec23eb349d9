import { ValueError } from './value-error.ts';

/** How a quantity was written, which decides how Kubernetes prints it. */
type QuantityFormat = 'decimalSI' | 'binarySI' | 'decimalExponent';

/** A `resource.Quantity`: an exact number of billionths. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** The text as it was written, where Kubernetes prints it unchanged. */
  readonly literal?: string;
}

const NANO_DIGITS = 9;
const NANOS = 10n ** 9n;
/** Kubernetes caps binary quantities at the largest int64. */
const MAX_BINARY_NANOS = (2n ** 63n - 1n) * NANOS;
/** Digits of a decimal number that certainly fit into Go's int64 fast path (`maxInt64Factors`). */
const FAST_PATH_DIGITS = 18;
/** The same bound for binary suffixes, which multiply by up to 2^60. */
const FAST_PATH_BINARY_DIGITS = 15;
/** Beyond it lies no quantity that anybody means; it bounds the work of parsing. */
const MAX_EXPONENT = 100;

const DECIMAL_EXPONENTS: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const DECIMAL_SUFFIXES: ReadonlyMap<number, string> = new Map(
  Array.from(DECIMAL_EXPONENTS, ([suffix, exponent]) => [exponent, suffix]),
);
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const PATTERN = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))([numkMGTPE]?|[KMGTPE]i|[eE][+-]?\d+)$/;

/**
 * Reads a Kubernetes quantity (`100m`, `1.5Gi`, `1e3`, or a plain number). A fraction finer than a billionth is rounded
 * away from zero, as Kubernetes does.
 * @throws ValueError when the text is no quantity.
 */
export function parseQuantity(value: string | number): Quantity {
  const text = String(value).trim();
  const match = PATTERN.exec(text);
  if (match === null) {
    throw new ValueError(
      `invalid quantity ${JSON.stringify(text)}: want a number with an optional suffix such as "500m" or "1.5Gi"`,
    );
  }
  const negative = match[1] === '-';
  const integer = (match[2] ?? '').replace(/^0+/, '') || '0';
  const fraction = match[3] ?? match[4] ?? '';
  const suffix = match[5] ?? '';
  const number: Digits = { negative, integer, fraction };
  const power = BINARY_SUFFIXES.indexOf(suffix);
  if (power > 0) return binaryQuantity(text, number, power);
  const exponent = DECIMAL_EXPONENTS.get(suffix);
  if (exponent !== undefined) return decimalQuantity(text, number, exponent, 'decimalSI');
  return decimalQuantity(text, number, boundedExponent(text, suffix), 'decimalExponent');
}

interface Digits {
  readonly negative: boolean;
  /** Without leading zeros. */
  readonly integer: string;
  readonly fraction: string;
}

function boundedExponent(text: string, suffix: string): number {
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > MAX_EXPONENT) {
    throw new ValueError(`invalid quantity ${JSON.stringify(text)}: the exponent is beyond ±${MAX_EXPONENT}`);
  }
  return exponent;
}

function binaryQuantity(text: string, number: Digits, power: number): Quantity {
  const { negative, integer, fraction } = number;
  const unscaled = BigInt(integer + fraction) * 1024n ** BigInt(power);
  const exact = atNanoScale(unscaled, -fraction.length);
  const nanos = exact > MAX_BINARY_NANOS ? MAX_BINARY_NANOS : exact;
  const spareDigits = FAST_PATH_BINARY_DIGITS - integer.length - power * 3 - 1;
  const keepsText = fraction === '' && spareDigits >= 0 && BigInt(integer) % 8n !== 0n;
  return quantity(
    negative,
    nanos,
    nanos > 0n && nanos < NANOS ? 'decimalSI' : 'binarySI',
    keepsText ? text : undefined,
  );
}

function decimalQuantity(text: string, number: Digits, exponent: number, format: QuantityFormat): Quantity {
  const { negative, integer, fraction } = number;
  const digits = integer + fraction;
  const scale = exponent - fraction.length;
  const fastPath = digits.length <= FAST_PATH_DIGITS && scale >= -NANO_DIGITS;
  const keepsText = fastPath && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
  return quantity(negative, atNanoScale(BigInt(digits), scale), format, keepsText ? text : undefined);
}

function quantity(negative: boolean, nanos: bigint, format: QuantityFormat, literal: string | undefined): Quantity {
  const signed = negative ? -nanos : nanos;
  return literal === undefined ? { nanos: signed, format } : { nanos: signed, format, literal };
}

/** `unscaled × 10^scale` in billionths, rounded up. */
function atNanoScale(unscaled: bigint, scale: number): bigint {
  const shift = scale + NANO_DIGITS;
  if (shift >= 0) return unscaled * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (unscaled + divisor - 1n) / divisor;
}

/** Negative, zero or positive as `left` is less than, equal to or greater than `right`, however they are written. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  if (left.nanos === right.nanos) return 0;
  return left.nanos < right.nanos ? -1 : 1;
}

/** The form in which Kubernetes prints a quantity: `1000m` becomes `1`, `1.5Gi` becomes `1536Mi`. */
export function formatQuantity({ nanos, format, literal }: Quantity): string {
  if (literal !== undefined) return literal;
  if (nanos === 0n) return '0';
  if (format === 'decimalExponent') return formatDecimal(nanos, (exponent) => (exponent === 0 ? '' : `e${exponent}`));
  const size = nanos < 0n ? -nanos : nanos;
  const prefersBinary = format === 'binarySI' && size >= 1024n * NANOS && size % NANOS === 0n;
  return prefersBinary
    ? formatBinary(nanos / NANOS)
    : formatDecimal(nanos, (exponent) => DECIMAL_SUFFIXES.get(exponent));
}

/** `formatQuantity(parseQuantity(value))`. */
export function canonicalQuantity(value: string | number): string {
  return formatQuantity(parseQuantity(value));
}

/** The largest exponent divisible by three for which the mantissa stays an integer and a suffix exists. */
function formatDecimal(nanos: bigint, suffixOf: (exponent: number) => string | undefined): string {
  let mantissa = nanos;
  let exponent = -NANO_DIGITS;
  while (mantissa % 1000n === 0n && suffixOf(exponent + 3) !== undefined) {
    mantissa /= 1000n;
    exponent += 3;
  }
  return `${mantissa}${suffixOf(exponent) ?? ''}`;
}

function formatBinary(units: bigint): string {
  let mantissa = units;
  let power = 0;
  while (mantissa % 1024n === 0n && power + 1 < BINARY_SUFFIXES.length) {
    mantissa /= 1024n;
    power += 1;
  }
  return `${mantissa}${BINARY_SUFFIXES[power]}`;
}
