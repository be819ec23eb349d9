/** Go prints floats in scientific notation from this exponent on (`%v`). */
const LARGE_EXPONENT = 21;
/** … and below this one. */
const SMALL_EXPONENT = -4;

/**
 * A number as Go's `%v` prints it. JSON does not tell integers from floats, so that a whole number prints like an
 * integer (Go prints the float64 1000000 as `1e+06`, which nobody wants to read).
 */
export function formatGoNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= SMALL_EXPONENT && exponent < LARGE_EXPONENT) return plainDecimal(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** JavaScript prints every number of this range without an exponent. */
function plainDecimal(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
