/** A source of randomness: each call gives a number in [0, 1). Injected, so that a run can be repeated. */
export type Random = () => number;

/** The alphabet of generated names: without vowels and look-alikes, as apimachinery's `rand.String`. */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const HEX = '0123456789abcdef';
const GOLDEN_GAMMA = 0x6d2b79f5;

/** A generator that gives the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + GOLDEN_GAMMA) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A random UUID in the form of version 4. */
export function randomUid(random: Random): string {
  const digit = (template: string): string => {
    if (template === 'x') return HEX.charAt(Math.floor(random() * 16));
    return HEX.charAt(8 + Math.floor(random() * 4));
  };
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, digit);
}

/** The suffix that the API server appends to `generateName`. */
export function randomSuffix(random: Random, length = 5): string {
  return Array.from({ length }, () => SAFE_ALPHABET.charAt(Math.floor(random() * SAFE_ALPHABET.length))).join('');
}
