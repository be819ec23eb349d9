import { CelError } from './cel-error.ts';

export type Token =
  | { readonly kind: 'identifier' | 'operator' | 'string' | 'end'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: bigint | number; readonly text: string; readonly at: number };

const BLANK = /(?:[ \t\r\n\f]|\/\/[^\n]*)*/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0x[0-9a-fA-F]+|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|\d+/y;
const OPERATOR = /\.\?|&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()[\]{}]/y;
/** Longest quotes first, so that `"""` is not an empty string. */
const QUOTES = ['"""', "'''", '"', "'"];

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** @throws CelError at the first character that fits nowhere. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = endOf(BLANK, source, 0);
  while (at < source.length) {
    const { token, end } = readToken(source, at);
    tokens.push(token);
    at = endOf(BLANK, source, end);
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length });
  return tokens;
}

function endOf(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(source)?.[0].length ?? 0);
}

function readToken(source: string, at: number): { readonly token: Token; readonly end: number } {
  const prefix = /(?:[rR](?=['"]))?/y;
  prefix.lastIndex = at;
  const raw = (prefix.exec(source)?.[0].length ?? 0) > 0;
  const start = raw ? at + 1 : at;
  const quote = QUOTES.find((candidate) => source.startsWith(candidate, start));
  if (quote !== undefined) return readString(source, at, start + quote.length, quote, raw);
  if (/[bB]['"]/y.test(source.slice(at, at + 2))) {
    throw new CelError('bytes literals are not supported by the simulator', source, at);
  }
  const number = source.slice(at, endOf(NUMBER, source, at));
  if (number !== '') return readNumber(source, at, number);
  const identifier = source.slice(at, endOf(IDENTIFIER, source, at));
  if (identifier !== '') {
    return { token: { kind: 'identifier', text: identifier, at }, end: at + identifier.length };
  }
  const operator = source.slice(at, endOf(OPERATOR, source, at));
  if (operator === '')
    throw new CelError(`Syntax error: token recognition error at: '${source.charAt(at)}'`, source, at);
  return { token: { kind: 'operator', text: operator, at }, end: at + operator.length };
}

function readNumber(source: string, at: number, text: string): { readonly token: Token; readonly end: number } {
  const end = at + text.length;
  if (/[uU]/.test(source.charAt(end))) {
    throw new CelError('unsigned integers are not supported by the simulator', source, at);
  }
  const isInteger = /^(0x[0-9a-fA-F]+|\d+)$/.test(text);
  return { token: { kind: 'number', value: isInteger ? BigInt(text) : Number(text), text, at }, end };
}

function readString(
  source: string,
  at: number,
  start: number,
  quote: string,
  raw: boolean,
): { readonly token: Token; readonly end: number } {
  let text = '';
  let next = start;
  while (!source.startsWith(quote, next)) {
    const char = source.charAt(next);
    if (char === '' || (char === '\n' && quote.length === 1)) {
      throw new CelError('Syntax error: string is not closed', source, at);
    }
    if (char === '\\' && !raw) {
      const escape = readEscape(source, next);
      text += escape.text;
      next = escape.end;
    } else {
      text += char;
      next++;
    }
  }
  return { token: { kind: 'string', text, at }, end: next + quote.length };
}

function readEscape(source: string, at: number): { readonly text: string; readonly end: number } {
  const letter = source.charAt(at + 1);
  const named = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (named !== undefined) return { text: named, end: at + 2 };
  if ('\\\'"`?'.includes(letter) && letter !== '') return { text: letter, end: at + 2 };
  const coded = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2}))/y;
  coded.lastIndex = at;
  const match = coded.exec(source);
  if (match === null) throw new CelError('Syntax error: unknown escape sequence', source, at);
  const [whole, short, long, hex, octal] = match;
  const code = octal === undefined ? Number.parseInt(short ?? long ?? hex ?? '', 16) : Number.parseInt(octal, 8);
  if (code > 0x10ffff) throw new CelError('Syntax error: no such character', source, at);
  return { text: String.fromCodePoint(code), end: at + whole.length };
}
