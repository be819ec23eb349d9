import { isIdentifierPart, isSpace } from './characters.ts';
import { ExprError } from './expr-error.ts';
import { MAX_SOURCE_LENGTH } from './limits.ts';
import { KEYWORDS } from './operators.ts';
import { readBytes, readRawString, readString } from './string-literals.ts';

export type TokenKind = 'identifier' | 'number' | 'string' | 'bytes' | 'operator' | 'bracket' | 'end';

export type Token = {
  readonly kind: TokenKind;
  /** The text, or for strings and bytes the value that the literal stands for. */
  readonly value: string;
  readonly bytes?: Uint8Array;
  readonly at: number;
};

/** Splits `source` into tokens, the last of kind `end`. Throws ExprError at the first character that fits nowhere. */
export function tokenize(source: string): readonly Token[] {
  if (source.length > MAX_SOURCE_LENGTH) {
    throw new ExprError(`expression is longer than ${MAX_SOURCE_LENGTH} characters`, source, 0);
  }
  const tokens: Token[] = [];
  let at = skipBlank(source, 0);
  while (at < source.length) {
    at = skipBlank(source, readToken(source, at, tokens));
  }
  tokens.push({ kind: 'end', value: '', at: Math.max(0, source.length - 1) });
  return tokens;
}

/** Appends the token (two for a named pointer such as `#acc`) that starts at `at`; returns where it ends. */
function readToken(source: string, at: number, tokens: Token[]): number {
  const char = source.charAt(at);
  if (char === '"' || char === "'") {
    const { value, end } = readString(source, at);
    tokens.push({ kind: 'string', value, at });
    return end;
  }
  if (char === '`') {
    const { value, end } = readRawString(source, at);
    tokens.push({ kind: 'string', value, at });
    return end;
  }
  if ((char === 'b' || char === 'B') && /['"]/.test(source.charAt(at + 1))) {
    const { value, end } = readBytes(source, at);
    tokens.push({ kind: 'bytes', value: '', bytes: value, at });
    return end;
  }
  if (isDigit(char) || (char === '.' && isDigit(source.charAt(at + 1)))) {
    const end = endOfNumber(source, at);
    tokens.push({ kind: 'number', value: source.slice(at, end), at });
    return end;
  }
  if (char === '#') return readPointer(source, at, tokens);
  if ('([{)]}'.includes(char)) {
    tokens.push({ kind: 'bracket', value: char, at });
    return at + 1;
  }
  const operator = operatorAt(source, at);
  if (operator !== '') {
    tokens.push({ kind: 'operator', value: operator, at });
    return at + operator.length;
  }
  const end = endOfWord(source, at);
  if (end === at) {
    const point = source.codePointAt(at) ?? 0;
    const code = point.toString(16).toUpperCase().padStart(4, '0');
    throw new ExprError(`unrecognized character: U+${code} '${String.fromCodePoint(point)}'`, source, at);
  }
  const word = source.slice(at, end);
  tokens.push({ kind: KEYWORDS.has(word) ? 'operator' : 'identifier', value: word, at });
  return end;
}

/** `#`, `#acc`, `#index`: the name must touch the sign, and may even be a keyword. */
function readPointer(source: string, at: number, tokens: Token[]): number {
  tokens.push({ kind: 'operator', value: '#', at });
  const end = endOfWord(source, at + 1);
  if (end > at + 1) tokens.push({ kind: 'identifier', value: source.slice(at + 1, end), at: at + 1 });
  return end;
}

/** Which second characters lengthen an operator that begins with the first. */
const SECOND: ReadonlyMap<string, string> = new Map([
  ['|', '|'],
  [':', ':'],
  ['?', '.?'],
  ['.', '.'],
  ['&', '&'],
  ['!', '='],
  ['=', '='],
  ['*', '*'],
  ['<', '='],
  ['>', '='],
]);

function operatorAt(source: string, at: number): string {
  const char = source.charAt(at);
  const seconds = SECOND.get(char);
  if (seconds === undefined) return ',;%+-^/'.includes(char) ? char : '';
  const second = source.charAt(at + 1);
  return second !== '' && seconds.includes(second) ? char + second : char;
}

/** Skips white space, line comments and block comments. */
function skipBlank(source: string, from: number): number {
  let at = from;
  for (;;) {
    if (source.startsWith('//', at)) {
      const end = source.indexOf('\n', at);
      at = end < 0 ? source.length : end + 1;
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      if (end < 0) throw new ExprError('unclosed comment', source, source.length);
      at = end + 2;
    } else if (at < source.length && isSpace(source.charCodeAt(at))) {
      at += 1;
    } else {
      return at;
    }
  }
}

const isDigit = (char: string): boolean => char >= '0' && char <= '9';

/** Sticky, so that a number is found where it starts without copying the rest of the source. */
const NUMBER = /0[xX][0-9a-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.(?!\.)[0-9_]*)?(?:[eE][+-]?[0-9_]*)?/y;

function endOfNumber(source: string, at: number): number {
  NUMBER.lastIndex = at;
  NUMBER.test(source);
  const end = NUMBER.lastIndex;
  const next = source.codePointAt(end);
  if (next !== undefined && isIdentifierPart(next)) {
    throw new ExprError(`bad number syntax: "${source.slice(at, end)}${String.fromCodePoint(next)}"`, source, end);
  }
  return end;
}

function endOfWord(source: string, from: number): number {
  let at = from;
  for (let point = source.codePointAt(at); point !== undefined && isIdentifierPart(point); ) {
    at += point > 0xffff ? 2 : 1;
    point = source.codePointAt(at);
  }
  return at;
}
