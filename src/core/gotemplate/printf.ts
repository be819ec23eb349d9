import { goString } from '../values/go-json.ts';
import { formatGoNumber } from '../values/go-number.ts';
import { affordableText } from './budget.ts';
import { formatValue } from './format-value.ts';
import type { TemplateValue } from './template-value.ts';
import { entryOf, isList, isMap, isNil, sortedKeys, typeOf } from './template-value.ts';

/** `%`, flags, width, precision, verb. `*` takes a width or precision from the arguments. */
const DIRECTIVE = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(.|$)/gsu;
/** JavaScript formats at most so many digits after the point. */
const MAX_DIGITS = 100;
const DEFAULT_FLOAT_DIGITS = 6;

interface Directive {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
}

/** Go's `fmt.Sprintf`, with its notes on wrong use: `%!d(string=x)`, `%!v(MISSING)`, `%!(EXTRA int=1)`. */
export function sprintf(format: string, values: readonly TemplateValue[]): string {
  let next = 0;
  const result = format.replaceAll(
    DIRECTIVE,
    (_whole, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      const starred = (text: string | undefined): number | undefined => {
        if (text !== '*') return text === undefined ? undefined : Number(text);
        const value = values[next++];
        return typeof value === 'number' ? Math.trunc(value) : undefined;
      };
      const directive = directiveOf(flags, starred(width), starred(precision), verb);
      if (verb === '%') return '%';
      if (verb === '') return '%!(NOVERB)';
      if (next >= values.length) return `%!${verb}(MISSING)`;
      return formatDirective(directive, values[next++]);
    },
  );
  const extra = values.slice(next).map((value) => `${typeOf(value)}=${formatValue(value)}`);
  return extra.length === 0 ? result : `${result}%!(EXTRA ${extra.join(', ')})`;
}

function directiveOf(flags: string, width = 0, precision: number | undefined, verb: string): Directive {
  const minus = flags.includes('-') || width < 0;
  return {
    minus,
    plus: flags.includes('+'),
    sharp: flags.includes('#'),
    space: flags.includes(' '),
    zero: flags.includes('0') && !minus,
    width: affordableText(Math.abs(width)),
    precision: precision === undefined || precision < 0 ? undefined : affordableText(precision),
    verb,
  };
}

function formatDirective(directive: Directive, value: TemplateValue): string {
  const { verb } = directive;
  if (verb === 'T') return pad(directive, typeOf(value));
  if (verb === 'v') return pad(directive, directive.sharp ? goSyntax(value) : plainValue(directive, value));
  if (isList(value)) return `[${value.map((element) => formatDirective(directive, element)).join(' ')}]`;
  if (isMap(value)) {
    const entries = sortedKeys(value).map(
      (key) => `${formatDirective(directive, key)}:${formatDirective(directive, entryOf(value, key))}`,
    );
    return `map[${entries.join(' ')}]`;
  }
  const text = formatScalar(directive, value);
  return text ?? `%!${verb}(${isNil(value) ? '<nil>' : `${typeOf(value)}=${formatValue(value)}`})`;
}

/** Undefined when the verb does not fit the value. */
function formatScalar(directive: Directive, value: TemplateValue): string | undefined {
  if (typeof value === 'string') return formatText(directive, value);
  if (typeof value === 'boolean') return directive.verb === 't' ? pad(directive, String(value)) : undefined;
  if (typeof value === 'number') {
    return Number.isInteger(value) ? formatInteger(directive, value) : formatFloat(directive, value);
  }
  return directive.verb === 's' && !isNil(value) && typeof value !== 'function'
    ? pad(directive, formatValue(value))
    : undefined;
}

function plainValue(directive: Directive, value: TemplateValue): string {
  const text = formatValue(value);
  return typeof value === 'number' && directive.plus && value >= 0 ? `+${text}` : text;
}

function formatText(directive: Directive, value: string): string | undefined {
  switch (directive.verb) {
    case 's':
      return pad(directive, cut(directive, value));
    case 'q':
      return pad(directive, directive.sharp && !value.includes('`') ? `\`${value}\`` : quoteGo(cut(directive, value)));
    case 'x':
    case 'X': {
      const hex = Array.from(new TextEncoder().encode(value), (byte) => byte.toString(16).padStart(2, '0')).join('');
      return pad(directive, directive.verb === 'x' ? hex : hex.toUpperCase());
    }
    default:
      return undefined;
  }
}

function cut({ precision }: Directive, value: string): string {
  return precision === undefined ? value : Array.from(value).slice(0, precision).join('');
}

const RADIX: ReadonlyMap<string, number> = new Map([
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['x', 16],
  ['X', 16],
]);
const PREFIX: ReadonlyMap<string, string> = new Map([
  ['b', '0b'],
  ['o', '0'],
  ['O', '0o'],
  ['x', '0x'],
  ['X', '0X'],
]);

function formatInteger(directive: Directive, value: number): string | undefined {
  const { verb } = directive;
  const radix = RADIX.get(verb);
  if (radix !== undefined) {
    const digits = Math.abs(value)
      .toString(radix)
      .padStart(directive.precision ?? 0, '0');
    const prefix = directive.sharp || verb === 'O' ? (PREFIX.get(verb) ?? '') : '';
    return padNumber(directive, signOf(directive, value), prefix + (verb === 'X' ? digits.toUpperCase() : digits));
  }
  if (verb === 'U') return pad(directive, `U+${value.toString(16).toUpperCase().padStart(4, '0')}`);
  if (verb === 'c') return pad(directive, characterOf(value));
  if (verb === 'q') return pad(directive, `'${characterOf(value)}'`);
  return formatFloat(directive, value);
}

function characterOf(code: number): string {
  const REPLACEMENT = '\ufffd';
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : REPLACEMENT;
}

function formatFloat(directive: Directive, value: number): string | undefined {
  const digits = Math.min(directive.precision ?? DEFAULT_FLOAT_DIGITS, MAX_DIGITS);
  const size = Math.abs(value);
  switch (directive.verb) {
    case 'f':
    case 'F':
      return padNumber(directive, signOf(directive, value), size.toFixed(digits));
    case 'e':
      return padNumber(directive, signOf(directive, value), exponential(size, digits));
    case 'E':
      return padNumber(directive, signOf(directive, value), exponential(size, digits).toUpperCase());
    case 'g':
      return padNumber(directive, signOf(directive, value), shortest(size, directive.precision));
    case 'G':
      return padNumber(directive, signOf(directive, value), shortest(size, directive.precision).toUpperCase());
    default:
      return undefined;
  }
}

/** Go writes at least two digits of the exponent. */
function exponential(value: number, digits: number): string {
  return value.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
}

function shortest(value: number, precision: number | undefined): string {
  return formatGoNumber(
    precision === undefined ? value : Number(value.toPrecision(Math.max(1, Math.min(precision, MAX_DIGITS)))),
  );
}

function signOf({ plus, space }: Directive, value: number): string {
  if (value < 0 || Object.is(value, -0)) return '-';
  if (plus) return '+';
  return space ? ' ' : '';
}

function padNumber(directive: Directive, sign: string, digits: string): string {
  const missing = directive.width - sign.length - digits.length;
  if (directive.zero && missing > 0) return `${sign}${'0'.repeat(missing)}${digits}`;
  return pad({ ...directive, zero: false }, `${sign}${digits}`);
}

function pad({ minus, zero, width }: Directive, text: string): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
}

/** A text as a Go string literal. */
export function quoteGo(text: string): string {
  return JSON.stringify(text)
    .replaceAll(/\\u00([01][\da-f])/g, String.raw`\x$1`)
    .replaceAll('\u007f', String.raw`\x7f`)
    .replaceAll(/[\u2028\u2029\u00ad\ufeff]/g, (character) => goEscape(character));
}

function goEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `%#v`. */
function goSyntax(value: TemplateValue): string {
  if (typeof value === 'string') return quoteGo(value);
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isMap(value)) {
    return `map[string]interface {}{${sortedKeys(value)
      .map((key) => `${goString(key)}:${goSyntax(entryOf(value, key))}`)
      .join(', ')}}`;
  }
  return formatValue(value);
}
