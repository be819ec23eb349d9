/** Delimiters of PromQL string literals; the last one's literals are raw. */
const QUOTES = ['"', "'", '`'] as const;
type Quote = (typeof QUOTES)[number];

type Place = 'code' | 'comment' | Quote;

/**
 * A PromQL text that is written from the left and knows whether it stands inside a string literal, so that a value put
 * there cannot end the literal and become code.
 *
 * Values are inserted otherwise as they are, because Argo Rollouts does so: an argument may hold a whole selector, and
 * inside a literal its backslash escapes mean to PromQL what they always did. Only what would end the literal is
 * escaped: the delimiter, a line break, and a backslash at the end of the value.
 */
export class PromqlText {
  text = '';
  #place: Place = 'code';
  /** The last character was a backslash that escapes the next one. */
  #escaping = false;

  /** Appends a piece of the template. */
  append(piece: string): void {
    for (const character of piece) this.#step(character);
    this.text += piece;
  }

  /** Appends a value. False, and nothing is appended, when no escaping can keep it inside its literal. */
  insert(value: string): boolean {
    switch (this.#place) {
      case 'code':
      case 'comment':
        this.append(value);
        return true;
      case '`':
        if (value.includes('`')) return false;
        this.append(value);
        return true;
      default:
        // A backslash of the template that stands right before the value would eat the escaping of its first character.
        this.append(this.#escaping ? '\\' : '');
        this.append(escapeFor(value, this.#place));
        return true;
    }
  }

  #step(character: string): void {
    if (this.#place === 'code') {
      this.#place = character === '#' ? 'comment' : isQuote(character) ? character : 'code';
    } else if (this.#place === 'comment') {
      if (character === '\n') this.#place = 'code';
    } else if (this.#escaping) {
      this.#escaping = false;
    } else if (character === '\\' && this.#place !== '`') {
      this.#escaping = true;
    } else if (character === this.#place) {
      this.#place = 'code';
    }
  }
}

function isQuote(character: string): character is Quote {
  return QUOTES.some((quote) => quote === character);
}

function escapeFor(value: string, quote: Quote): string {
  return value.replace(/\\[^]|\\$|["'\n]/g, (match) => {
    if (match === '\\') return '\\\\';
    if (match === '\n' || match === '\\\n') return '\\n';
    return match === quote ? `\\${match}` : match;
  });
}
