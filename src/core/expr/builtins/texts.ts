import { decodeBase64, encodeBase64 } from '../base64.ts';
import { isSpace } from '../characters.ts';
import { Fault } from '../limits.ts';
import { BOOL, INT, listOf, STRING } from '../types.ts';
import { byteOffset, charactersOf, decodeUtf8, encodeUtf8, runeCount } from '../utf8.ts';
import type { ExprValue } from '../values.ts';
import type { Arguments, Builtin } from './builtin.ts';
import { ARRAY, INTEGER, TEXT } from './builtin.ts';

/** Go's limit on `repeat` in expr v1.17. */
const MAX_REPEAT = 1_000_000;

const made = (args: Arguments, text: string): string => {
  args.budget.allocate(text.length);
  return text;
};

const onText = (change: (text: string) => string): Builtin => ({
  params: [TEXT],
  required: 1,
  result: STRING,
  call: (args) => made(args, change(args.text(0))),
});

/** `trimPrefix` and `trimSuffix` remove one space when they are told nothing else, as in expr. */
const trimmer = (cut: (text: string, affix: string) => string): Builtin => ({
  params: [TEXT, TEXT],
  required: 1,
  result: STRING,
  call: (args) => cut(args.text(0), args.optionalText(1) ?? ' '),
});

const onTwoTexts = (result: Builtin['result'], compute: (text: string, part: string) => ExprValue): Builtin => ({
  params: [TEXT, TEXT],
  required: 2,
  result,
  call: (args) => compute(args.text(0), args.text(1)),
});

const splitter = (keepSeparator: boolean): Builtin => ({
  params: [TEXT, TEXT, INTEGER],
  required: 2,
  result: listOf(STRING),
  call: (args) => {
    const limit = args.values.length > 2 ? args.count(2) : -1;
    const parts = split(args.text(0), args.text(1), limit, keepSeparator);
    args.budget.allocate(parts.length);
    return parts;
  },
});

/** Go's SplitN: at most `limit` parts, all of them when it is negative, none when it is 0. */
function split(text: string, separator: string, limit: number, keepSeparator: boolean): readonly string[] {
  if (limit === 0) return [];
  const all = separator === '' ? charactersOf(text) : text.split(separator);
  const joined = limit > 0 && all.length > limit;
  const parts = joined ? [...all.slice(0, limit - 1), all.slice(limit - 1).join(separator)] : all;
  return keepSeparator ? parts.map((part, index) => (index < parts.length - 1 ? part + separator : part)) : parts;
}

/** Go maps each character by itself to one character, so that `ß` and a final sigma stay what they are. */
function mapCase(text: string, map: (char: string) => string): string {
  return charactersOf(text)
    .map((char) => (runeCount(map(char)) === 1 ? map(char) : char))
    .join('');
}

function trimSet(text: string, isCut: (point: number) => boolean): string {
  const points = charactersOf(text);
  const keeps = (char: string) => !isCut(char.codePointAt(0) ?? 0);
  const from = points.findIndex(keeps);
  return from < 0 ? '' : points.slice(from, points.findLastIndex(keeps) + 1).join('');
}

function trim(args: Arguments): string {
  const cut = args.optionalText(1);
  if (cut === undefined) return trimSet(args.text(0), isSpace);
  const points = new Set(charactersOf(cut).map((char) => char.codePointAt(0)));
  return trimSet(args.text(0), (point) => points.has(point));
}

/** Go's Replace: an empty `old` matches before every character and at the end; a negative limit means no limit. */
function replace(args: Arguments): string {
  const [text, old, fresh] = [args.text(0), args.text(1), args.text(2)];
  const limit = args.values.length > 3 ? args.count(3) : -1;
  const parts = old === '' ? ['', ...charactersOf(text)] : text.split(old);
  const found = old === '' ? parts.length : parts.length - 1;
  const replaced = limit < 0 ? found : Math.min(limit, found);
  args.budget.allocate(text.length + replaced * fresh.length);
  if (old === '') return replaceGaps(charactersOf(text), fresh, replaced);
  return parts.map((part, index) => (index === 0 ? part : (index <= replaced ? fresh : old) + part)).join('');
}

const replaceGaps = (characters: readonly string[], fresh: string, replaced: number): string =>
  [...characters, ''].map((char, index) => (index < replaced ? fresh : '') + char).join('');

function repeat(args: Arguments): string {
  const [text, count] = [args.text(0), args.count(1)];
  if (count < 0) throw new Fault(`invalid argument for repeat (expected a positive integer, got ${count})`);
  if (count > MAX_REPEAT) throw new Fault('memory budget exceeded');
  args.budget.allocate(text.length * count);
  return text.repeat(count);
}

function join(args: Arguments): string {
  const glue = args.optionalText(1) ?? '';
  const parts = args.list(0).map((part) => (typeof part === 'string' ? part : args.wrong(part, 'string')));
  args.budget.allocate(parts.reduce((total, part) => total + part.length + glue.length, 0));
  return parts.join(glue);
}

function fromBase64(args: Arguments): string {
  const bytes = decodeBase64(args.text(0));
  if (bytes === undefined) throw new Fault('illegal base64 data');
  return made(args, decodeUtf8(bytes));
}

export const TEXTS = {
  trim: { params: [TEXT, TEXT], required: 1, result: STRING, call: trim },
  trimPrefix: trimmer((text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  trimSuffix: trimmer((text, suffix) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text)),
  upper: onText((text) => mapCase(text, (char) => char.toUpperCase())),
  lower: onText((text) => mapCase(text, (char) => char.toLowerCase())),
  split: splitter(false),
  splitAfter: splitter(true),
  replace: { params: [TEXT, TEXT, TEXT, INTEGER], required: 3, result: STRING, call: replace },
  repeat: { params: [TEXT, INTEGER], required: 2, result: STRING, call: repeat },
  join: { params: [ARRAY, TEXT], required: 1, result: STRING, call: join },
  indexOf: onTwoTexts(INT, (text, part) => BigInt(byteOffset(text, text.indexOf(part)))),
  lastIndexOf: onTwoTexts(INT, (text, part) => BigInt(byteOffset(text, text.lastIndexOf(part)))),
  hasPrefix: onTwoTexts(BOOL, (text, prefix) => text.startsWith(prefix)),
  hasSuffix: onTwoTexts(BOOL, (text, suffix) => text.endsWith(suffix)),
  toBase64: onText((text) => encodeBase64(encodeUtf8(text))),
  fromBase64: { params: [TEXT], required: 1, result: STRING, call: fromBase64 },
} as const satisfies Record<string, Builtin>;
