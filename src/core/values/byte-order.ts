/**
 * Compares two texts as Go does, by their UTF-8 bytes. JavaScript's `<` compares UTF-16 units, which sorts characters
 * beyond the basic plane before some within it.
 */
export function compareByBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = rank(left.charCodeAt(i)) - rank(right.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const BEYOND_BASIC_PLANE = 0x1_0000;

/** UTF-8 order equals code point order, in which surrogates (halves of characters beyond the plane) come last. */
function rank(unit: number): number {
  return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE ? unit + BEYOND_BASIC_PLANE : unit;
}
