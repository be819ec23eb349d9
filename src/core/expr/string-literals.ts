import { SIMPLE_ESCAPES } from '../values/go-escapes.ts';
import { ExprError } from './expr-error.ts';
import { encodeUtf8 } from './utf8.ts';

/** A literal that was read: its value, and the offset just after it. */
type Read<T> = { readonly value: T; readonly end: number };

const MAX_CODE_POINT = 0x10ffff;
const REPLACEMENT = '\uFFFD';

/** Reads a literal in single or double quotes that starts at `at`. */
export function readString(source: string, at: number): Read<string> {
  let value = '';
  const end = scanQuoted(source, at, {
    text: (text) => {
      value += text;
    },
    code: (point, kind) => {
      if (kind === 'byte' || !isSurrogate(point)) value += String.fromCodePoint(point);
      else value += REPLACEMENT;
    },
    unicode: true,
  });
  return { value, end };
}

/** Reads a bytes literal (`b"…"`) that starts at `at`. Text is UTF-8; `\x` and octal escapes stand for one byte. */
export function readBytes(source: string, at: number): Read<Uint8Array> {
  const bytes: number[] = [];
  const end = scanQuoted(source, at + 1, {
    text: (text) => {
      for (const byte of encodeUtf8(text)) bytes.push(byte);
    },
    code: (point) => bytes.push(point),
    unicode: false,
  });
  return { value: Uint8Array.from(bytes), end };
}

/** Reads a literal in backticks, in which only a doubled backtick is special. */
export function readRawString(source: string, at: number): Read<string> {
  let close = source.indexOf('`', at + 1);
  while (close >= 0 && source.charAt(close + 1) === '`') close = source.indexOf('`', close + 2);
  if (close < 0) throw new ExprError('literal not terminated', source, source.length);
  return { value: source.slice(at + 1, close).replaceAll('``', '`'), end: close + 1 };
}

type Sink = {
  readonly text: (text: string) => void;
  readonly code: (point: number, kind: 'byte' | 'unicode') => void;
  /** Whether `\u` and `\U` are allowed. */
  readonly unicode: boolean;
};

function scanQuoted(source: string, quoteAt: number, sink: Sink): number {
  const quote = source.charAt(quoteAt);
  let at = quoteAt + 1;
  let plainFrom = at;
  for (;;) {
    const char = source.charAt(at);
    if (char === '' || char === '\n') throw new ExprError('literal not terminated', source, at);
    if (char !== quote && char !== '\\') {
      at += 1;
      continue;
    }
    if (at > plainFrom) sink.text(source.slice(plainFrom, at).replaceAll('\r', '\n'));
    if (char === quote) return at + 1;
    at = readEscape(source, at, quote, sink);
    plainFrom = at;
  }
}

/** Reads the escape whose backslash is at `at`; returns the offset just after it. */
function readEscape(source: string, at: number, quote: string, sink: Sink): number {
  const letter = source.charAt(at + 1);
  const simple = letter === quote ? quote : SIMPLE_ESCAPES.get(letter);
  if (simple !== undefined) {
    sink.text(simple);
    return at + 2;
  }
  const { digits, radix, end } = escapeDigits(source, at, letter);
  const byte = letter === 'x' || radix === 8;
  if (digits === undefined || (!byte && !sink.unicode)) {
    throw new ExprError('invalid char escape', source, at + 1);
  }
  const point = Number.parseInt(digits, radix);
  if (point > (byte ? 0xff : MAX_CODE_POINT)) throw new ExprError('invalid char escape', source, at + 1);
  sink.code(point, byte ? 'byte' : 'unicode');
  return end;
}

const NUMERIC_ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;

function escapeDigits(
  source: string,
  at: number,
  letter: string,
): { readonly digits: string | undefined; readonly radix: 8 | 16; readonly end: number } {
  NUMERIC_ESCAPE.lastIndex = at;
  const found = NUMERIC_ESCAPE.exec(source);
  const digits = found?.slice(1).find((group) => group !== undefined);
  return { digits, radix: letter >= '0' && letter <= '7' ? 8 : 16, end: NUMERIC_ESCAPE.lastIndex };
}

const isSurrogate = (point: number): boolean => point >= 0xd800 && point <= 0xdfff;
