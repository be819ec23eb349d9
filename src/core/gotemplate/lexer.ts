import { SIMPLE_ESCAPES } from '../values/go-escapes.ts';
import type { Position } from './template-error.ts';
import { TemplateError } from './template-error.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'keyword'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'number'
  | 'string'
  | 'punctuation'
  | 'end';

/** A piece of a template. */
export interface Token {
  readonly kind: TokenKind;
  /** As in the source, except: the text between actions after trimming, the name of a field, the value of a string. */
  readonly text: string;
  readonly position: Position;
  /** Whether white space stands before it, which separates `.a .b` (two arguments) from `.a.b` (a chain). */
  readonly spaced: boolean;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'true',
  'false',
  'with',
]);

const SPACE = /[ \t\r\n]+/y;
const COMMENT = /\/\*[\s\S]*?\*\/(?=(?:[ \t\r\n]+-)?\}\})/y;
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y;
const FIELD = /\.[\p{L}_][\p{L}\p{N}_]*/uy;
const VARIABLE = /\$[\p{L}\p{N}_]*/uy;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;
const RAW_STRING = /`[^`]*`/y;
const STRING = /"(?:\\.|[^"\\\n])*"/uy;
const CHARACTER = /'(?:\\.[^']*|[^'\\\n])'/uy;
const PUNCTUATION = /:=|[=|,().]/y;
const OPEN_AND_TRIM = /\{\{-(?=[ \t\r\n])/y;
const TRIM_AND_CLOSE = /[ \t\r\n]+-\}\}/y;

/**
 * Splits a Go template into tokens.
 * @throws TemplateError at an unclosed action, comment or string and at a character that fits nowhere.
 */
export function tokenize(name: string, source: string): readonly Token[] {
  return new Lexer(name, source).run();
}

class Lexer {
  readonly #name: string;
  readonly #source: string;
  readonly #tokens: Token[] = [];
  readonly #lineStarts: readonly number[];
  #at = 0;
  #trimNext = false;

  constructor(name: string, source: string) {
    this.#name = name;
    this.#source = source;
    this.#lineStarts = [0, ...Array.from(source.matchAll(/\n/g), (match) => match.index + 1)];
  }

  run(): readonly Token[] {
    while (this.#at < this.#source.length) {
      this.#text();
      if (this.#at < this.#source.length) this.#action();
    }
    this.#push('end', '', this.#at, false);
    return this.#tokens;
  }

  #text(): void {
    const start = this.#at;
    const found = this.#source.indexOf('{{', start);
    const end = found < 0 ? this.#source.length : found;
    this.#at = end;
    const opensTrimmed = found >= 0 && this.#looksAt(OPEN_AND_TRIM);
    let text = this.#source.slice(start, end);
    if (this.#trimNext) text = text.replace(/^[ \t\r\n]+/, '');
    if (opensTrimmed) text = text.replace(/[ \t\r\n]+$/, '');
    this.#trimNext = false;
    if (text !== '') this.#push('text', text, start, false);
  }

  #action(): void {
    const start = this.#at;
    this.#at += this.#looksAt(OPEN_AND_TRIM) ? '{{-'.length : '{{'.length;
    let spaced = this.#match(SPACE) !== undefined;
    if (this.#source.startsWith('/*', this.#at)) {
      if (this.#match(COMMENT) === undefined)
        throw this.#error('unclosed comment, or one that shares its action', start);
      this.#close();
      return;
    }
    this.#push('open', '{{', start, false);
    while (!this.#close()) {
      if (this.#at >= this.#source.length) throw this.#error('unclosed action', start);
      if (this.#match(SPACE) !== undefined) spaced = true;
      else {
        this.#token(spaced);
        spaced = false;
      }
    }
    this.#push('close', '}}', this.#at, false);
  }

  /** Consumes the end of an action, if it is here. */
  #close(): boolean {
    this.#trimNext = this.#match(TRIM_AND_CLOSE) !== undefined;
    if (this.#trimNext) return true;
    const closed = this.#source.startsWith('}}', this.#at);
    if (closed) this.#at += '}}'.length;
    return closed;
  }

  #token(spaced: boolean): void {
    const start = this.#at;
    const push = (kind: TokenKind, text: string): void => this.#push(kind, text, start, spaced);
    let text: string | undefined;
    if ((text = this.#match(NUMBER)) !== undefined) push('number', this.#separated(text));
    else if ((text = this.#match(FIELD)) !== undefined) push('field', text.slice(1));
    else if ((text = this.#match(VARIABLE)) !== undefined) push('variable', text);
    else if ((text = this.#match(WORD)) !== undefined) push(KEYWORDS.has(text) ? 'keyword' : 'identifier', text);
    else if ((text = this.#match(RAW_STRING)) !== undefined) push('string', text.slice(1, -1).replaceAll('\r', ''));
    else if ((text = this.#match(STRING)) !== undefined) push('string', this.#unquote(text, start));
    else if ((text = this.#match(CHARACTER)) !== undefined) push('number', this.#codePoint(text, start));
    else if ((text = this.#match(PUNCTUATION)) !== undefined) push('punctuation', text);
    else throw this.#unlexable();
  }

  #separated(number: string): string {
    if (/[\p{L}\p{N}_]/u.test(this.#source.charAt(this.#at))) throw this.#error('bad number syntax', this.#at);
    return number;
  }

  #unlexable(): TemplateError {
    const character = this.#source.charAt(this.#at);
    if (character === '"' || character === '`') return this.#error('unterminated quoted string', this.#at);
    if (character === "'") return this.#error('unterminated or malformed character constant', this.#at);
    return this.#error(`unexpected ${JSON.stringify(character)} in an action`, this.#at);
  }

  #unquote(quoted: string, start: number): string {
    const value = unescapeGo(quoted.slice(1, -1));
    if (value === undefined) throw this.#error(`invalid escape in ${quoted}`, start);
    return value;
  }

  #codePoint(quoted: string, start: number): string {
    const characters = Array.from(unescapeGo(quoted.slice(1, -1)) ?? '');
    if (characters.length !== 1) throw this.#error(`malformed character constant ${quoted}`, start);
    return String(characters[0]?.codePointAt(0));
  }

  #looksAt(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#source);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0];
    if (text !== undefined) this.#at += text.length;
    return text;
  }

  #push(kind: TokenKind, text: string, offset: number, spaced: boolean): void {
    this.#tokens.push({ kind, text, position: this.#positionOf(offset), spaced });
  }

  #positionOf(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  #error(reason: string, offset: number): TemplateError {
    return new TemplateError(this.#name, this.#positionOf(offset), reason);
  }
}

/** Go's own, and both quotes: a template's literal may stand in either. */
const ESCAPES: ReadonlyMap<string, string> = new Map([...SIMPLE_ESCAPES, ["'", "'"], ['"', '"']]);
const MAX_CODE_POINT = 0x10ffff;

/** The value of a Go string literal's body; undefined when it has an escape that Go does not know. */
function unescapeGo(body: string): string | undefined {
  let valid = true;
  const value = body.replaceAll(
    /\\(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|([0-7]{3})|(.?))/gsu,
    (_whole, x?: string, u?: string, long?: string, octal?: string, simple?: string) => {
      const hex = x ?? u ?? long;
      const code = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16);
      const text = Number.isNaN(code) ? ESCAPES.get(simple ?? '') : codePoint(code);
      valid &&= text !== undefined;
      return text ?? '';
    },
  );
  return valid ? value : undefined;
}

function codePoint(code: number): string | undefined {
  return code <= MAX_CODE_POINT ? String.fromCodePoint(code) : undefined;
}
