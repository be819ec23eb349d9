import { compareByBytes } from '../values/byte-order.ts';
import { integer, list, takes, text, texts } from './arguments.ts';
import { affordableText } from './budget.ts';
import { formatValue } from './format-value.ts';
import { quoteGo } from './printf.ts';
import { Refusal } from './template-error.ts';
import type { TemplateFunction } from './template-value.ts';
import { isNil } from './template-value.ts';

const ANY: readonly [number, number] = [0, Number.POSITIVE_INFINITY];
const ELLIPSIS = '...';
/** Sprig leaves texts alone that are to become shorter than this. */
const SHORTEST_ABBREVIATION = 4;

/** Sprig's functions on texts, without those that take regular expressions. */
export const STRING_FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['upper', takes(1, (value) => text(value).toUpperCase())],
  ['lower', takes(1, (value) => text(value).toLowerCase())],
  ['title', takes(1, (value) => changeInitials(text(value), (initial) => initial.toUpperCase()))],
  ['untitle', takes(1, (value) => changeInitials(text(value), (initial) => initial.toLowerCase()))],
  ['trim', takes(1, (value) => text(value).trim())],
  ['trimAll', takes(2, (characters, value) => trimAll(text(characters), text(value)))],
  ['trimPrefix', takes(2, (prefix, value) => withoutPrefix(text(prefix), text(value)))],
  ['trimSuffix', takes(2, (suffix, value) => withoutSuffix(text(suffix), text(value)))],
  ['hasPrefix', takes(2, (prefix, value) => text(value).startsWith(text(prefix)))],
  ['hasSuffix', takes(2, (suffix, value) => text(value).endsWith(text(suffix)))],
  ['contains', takes(2, (part, value) => text(value).includes(text(part)))],
  ['replace', takes(3, (from, to, value) => replaceAll(text(from), text(to), text(value)))],
  ['repeat', takes(2, (count, value) => repeat(integer(count), text(value)))],
  ['nospace', takes(1, (value) => text(value).replaceAll(/\s/g, ''))],
  ['trunc', takes(2, (length, value) => truncate(integer(length), text(value)))],
  ['abbrev', takes(2, (length, value) => abbreviate(integer(length), text(value)))],
  ['substr', takes(3, (start, end, value) => substring(integer(start), integer(end), text(value)))],
  [
    'initials',
    takes(1, (value) =>
      words(text(value))
        .map((word) => Array.from(word)[0])
        .join(''),
    ),
  ],
  ['indent', takes(2, (spaces, value) => indent(integer(spaces), text(value)))],
  ['nindent', takes(2, (spaces, value) => `\n${indent(integer(spaces), text(value))}`)],
  ['quote', takes(ANY, (...values) => present(values).map(quoteGo).join(' '))],
  [
    'squote',
    takes(ANY, (...values) =>
      present(values)
        .map((value) => `'${value}'`)
        .join(' '),
    ),
  ],
  ['cat', takes(ANY, (...values) => present(values).join(' '))],
  ['plural', takes(3, (one, many, count) => (integer(count) === 1 ? text(one) : text(many)))],
  ['camelcase', takes(1, (value) => caseParts(text(value)).map(capitalised).join(''))],
  ['snakecase', takes(1, (value) => caseParts(text(value)).join('_').toLowerCase())],
  ['kebabcase', takes(1, (value) => caseParts(text(value)).join('-').toLowerCase())],
  ['wrap', takes(2, (width, value) => wrap(integer(width), text(value)))],
  ['split', takes(2, (separator, value) => numbered(text(value).split(text(separator))))],
  ['splitList', takes(2, (separator, value) => text(value).split(text(separator)))],
  ['join', takes(2, (separator, values) => texts(values).join(text(separator)))],
  ['sortAlpha', takes(1, (values) => texts(values).toSorted(compareByBytes))],
  ['toString', takes(1, formatValue)],
  ['toStrings', takes(1, (values) => list(values).map(formatValue))],
  ['b64enc', takes(1, (value) => encodeBase64(text(value)))],
  ['b64dec', takes(1, (value) => decodeBase64(text(value)))],
]);

function present(values: readonly unknown[]): readonly string[] {
  return values.filter((value) => !isNil(value)).map(formatValue);
}

function words(value: string): readonly string[] {
  return value.split(/\s+/).filter((word) => word !== '');
}

function changeInitials(value: string, change: (initial: string) => string): string {
  return value.replaceAll(/(^|\s)(\S)/gu, (_whole, before: string, initial: string) => before + change(initial));
}

function trimAll(characters: string, value: string): string {
  const unwanted = new Set(characters);
  const units = Array.from(value);
  const start = units.findIndex((unit) => !unwanted.has(unit));
  const end = units.findLastIndex((unit) => !unwanted.has(unit));
  return start < 0 ? '' : units.slice(start, end + 1).join('');
}

function withoutPrefix(prefix: string, value: string): string {
  return value.startsWith(prefix) ? value.slice(prefix.length) : value;
}

function withoutSuffix(suffix: string, value: string): string {
  return suffix !== '' && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value;
}

function replaceAll(from: string, to: string, value: string): string {
  const occurrences = value.split(from).length - 1;
  affordableText(value.length + occurrences * (to.length - from.length));
  return value.replaceAll(from, () => to);
}

function repeat(count: number, value: string): string {
  const times = Math.max(0, count);
  affordableText(times * value.length);
  return value === '' ? '' : value.repeat(times);
}

/** A negative length keeps the end. */
function truncate(length: number, value: string): string {
  const units = Array.from(value);
  return (length < 0 ? units.slice(length) : units.slice(0, length)).join('');
}

function abbreviate(length: number, value: string): string {
  const units = Array.from(value);
  if (length < SHORTEST_ABBREVIATION || units.length <= length) return value;
  return units.slice(0, length - ELLIPSIS.length).join('') + ELLIPSIS;
}

/** A negative bound means the start or the end. */
function substring(start: number, end: number, value: string): string {
  const units = Array.from(value);
  return units.slice(Math.max(0, start), end < 0 ? units.length : end).join('');
}

function indent(spaces: number, value: string): string {
  const lines = value.split('\n');
  affordableText(value.length + lines.length * Math.max(0, spaces));
  return lines.map((line) => ' '.repeat(Math.max(0, spaces)) + line).join('\n');
}

/** Words of a text in any of camelCase, snake_case, kebab-case or prose. */
function caseParts(value: string): readonly string[] {
  return value
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[\s_-]+/)
    .filter((part) => part !== '');
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function wrap(width: number, value: string): string {
  const lines: string[] = [];
  for (const word of value.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= Math.max(1, width))
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

/** Sprig's `split` gives a map with the keys `_0`, `_1`, … */
function numbered(parts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(parts.map((part, i) => [`_${i}`, part]));
}

function encodeBase64(value: string): string {
  const bytes = new TextEncoder().encode(value);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function decodeBase64(value: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.length % 4 !== 0) throw new Refusal('illegal base64 data');
  return new TextDecoder().decode(Uint8Array.from(atob(value), (character) => character.charCodeAt(0)));
}
