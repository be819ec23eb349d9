/** Letters and digits that form no bad words and are hard to confuse: the alphabet of Kubernetes' `rand.SafeEncodeString`. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Maps each character of an ASCII text into a 27-letter alphabet that is safe in names, as Kubernetes does with hashes. */
export function safeEncode(text: string): string {
  return Array.from(text, (character) => ALPHABET.charAt(character.charCodeAt(0) % ALPHABET.length)).join('');
}
