const LETTER_OR_DIGIT = /^[\p{L}\p{Nd}]$/u;
const UNICODE_SPACE = /^[\u0085\p{Z}]$/u;
const FIRST_NON_ASCII = 0x80;

/** Whether a code point may stand in a name: a letter, a decimal digit, `_` or `$`. */
export function isIdentifierPart(point: number): boolean {
  if (point < FIRST_NON_ASCII) {
    return (
      (point >= 0x61 && point <= 0x7a) ||
      (point >= 0x41 && point <= 0x5a) ||
      (point >= 0x30 && point <= 0x39) ||
      point === 0x5f ||
      point === 0x24
    );
  }
  return LETTER_OR_DIGIT.test(String.fromCodePoint(point));
}

/** White space as Go's unicode.IsSpace sees it. */
export function isSpace(point: number): boolean {
  if (point < FIRST_NON_ASCII) return point === 0x20 || (point >= 0x09 && point <= 0x0d);
  return UNICODE_SPACE.test(String.fromCodePoint(point));
}
