const DECIMAL = /^(0|[1-9]\d*)$/;

/**
 * Orders two resource versions of one resource: negative when `a` is older. `undefined` when either is not a decimal
 * number, which Kubernetes allowed until KEP-5504 made them comparable; then only equality means something.
 */
export function compareResourceVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (a === undefined || b === undefined || !DECIMAL.test(a) || !DECIMAL.test(b)) {
    return undefined;
  }
  if (a.length !== b.length) {
    return a.length - b.length;
  }
  return a < b ? -1 : Number(a > b);
}
