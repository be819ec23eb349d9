import { Fault, MAX_DEPTH } from '../limits.ts';
import { charactersOf } from '../utf8.ts';
import type { CharTest } from './char-class.ts';
import { anyOf, equals, foldCase, namedClass, not, POSIX_CLASSES, range, unicodeClass } from './char-class.ts';

/** A Go regular expression as a tree. Greedy and lazy repetition are one, since only whether it matches is asked. */
export type Pattern =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  | { readonly kind: 'concat'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'either'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly inner: Pattern; readonly min: number; readonly max: number };

export type Assertion = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'wordBoundary' | 'noWordBoundary';

/** Largest count in `{n,m}`, as in Go. */
const MAX_REPEAT = 1000;

/** Reads RE2 syntax: no look-around and no back-references, so that matching can be linear. Throws Fault. */
export function parsePattern(source: string): Pattern {
  return new PatternParser(source).pattern();
}

type Flags = { readonly i: boolean; readonly m: boolean; readonly s: boolean };

const REPEAT = /\{(\d+)(?:(,)(\d*))?\}/y;
const GROUP = /\(\?(?:P?<([A-Za-z_]\w*)>|([imsU]*)(?:-([imsU]+))?([:)]))/y;
const HEX = /\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y;
const OCTAL = /\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/y;
const UNICODE = /\\[pP](?:\{(\^?)([A-Za-z_]+)\}|([A-Za-z]))/y;
const POSIX = /\[:(\^?)([a-z]+):\]/y;
const CONTROL: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
]);
const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ['A', 'textStart'],
  ['z', 'textEnd'],
  ['b', 'wordBoundary'],
  ['B', 'noWordBoundary'],
]);
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

class PatternParser {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #flags: Flags = { i: false, m: false, s: false };

  constructor(source: string) {
    this.#source = source;
  }

  pattern(): Pattern {
    const pattern = this.#alternatives();
    if (this.#at < this.#source.length) this.#fail('unexpected )');
    return pattern;
  }

  #fail(reason: string): never {
    throw new Fault(`error parsing regexp: ${reason}: \`${this.#source}\``);
  }

  #peek(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #accept(text: string): boolean {
    const found = this.#peek(text);
    if (found) this.#at += text.length;
    return found;
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  #point(): number {
    const point = this.#source.codePointAt(this.#at);
    if (point === undefined) return this.#fail('unexpected end');
    this.#at += point > 0xffff ? 2 : 1;
    return point;
  }

  #alternatives(): Pattern {
    const parts = [this.#sequence()];
    while (this.#accept('|')) parts.push(this.#sequence());
    return { kind: 'either', parts };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.#at < this.#source.length && !this.#peek('|') && !this.#peek(')')) {
      if (this.#accept('\\Q')) parts.push(...this.#quoted());
      else parts.push(this.#repetition(this.#atom()));
    }
    return { kind: 'concat', parts };
  }

  #quoted(): readonly Pattern[] {
    const end = this.#source.indexOf('\\E', this.#at);
    const text = this.#source.slice(this.#at, end < 0 ? this.#source.length : end);
    this.#at = end < 0 ? this.#source.length : end + 2;
    return charactersOf(text).map((char) => this.#char(equals(char.codePointAt(0) ?? 0)));
  }

  #repetition(inner: Pattern): Pattern {
    const bounds = this.#bounds();
    if (bounds === undefined) return inner;
    this.#accept('?');
    if (this.#bounds() !== undefined) this.#fail('invalid nested repetition operator');
    return { kind: 'repeat', inner, ...bounds };
  }

  #bounds(): { readonly min: number; readonly max: number } | undefined {
    if (this.#accept('*')) return { min: 0, max: Infinity };
    if (this.#accept('+')) return { min: 1, max: Infinity };
    if (this.#accept('?')) return { min: 0, max: 1 };
    const counted = this.#match(REPEAT);
    if (counted === undefined) return undefined;
    const [, low = '', comma, high = ''] = counted;
    const min = Number(low);
    const max = comma === undefined ? min : high === '' ? Infinity : Number(high);
    if (min > MAX_REPEAT || max < min || (max > MAX_REPEAT && max !== Infinity)) this.#fail('invalid repeat count');
    return { min, max };
  }

  #atom(): Pattern {
    if (this.#peek('(')) return this.#group();
    if (this.#peek('[')) return this.#char(this.#charClass());
    if (this.#peek('\\')) return this.#escape();
    if (this.#accept('.')) return { kind: 'char', test: this.#flags.s ? () => true : not(equals(0x0a)) };
    if (this.#accept('^')) return { kind: 'assert', assertion: this.#flags.m ? 'lineStart' : 'textStart' };
    if (this.#accept('$')) return { kind: 'assert', assertion: this.#flags.m ? 'lineEnd' : 'textEnd' };
    if (this.#bounds() !== undefined) this.#fail('missing argument to repetition operator');
    return this.#char(equals(this.#point()));
  }

  #char(test: CharTest): Pattern {
    return { kind: 'char', test: this.#flags.i ? foldCase(test) : test };
  }

  #group(): Pattern {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#fail('expression nests too deeply');
    const outer = this.#flags;
    if (this.#peek('(?')) {
      const found = this.#match(GROUP);
      if (found === undefined) this.#fail('look-around and unknown groups are not supported');
      const [, , on = '', off = '', end] = found;
      this.#flags = this.#changedFlags(on, off);
      // `(?i)` holds up to the end of the enclosing group.
      if (end === ')') {
        this.#depth -= 1;
        return { kind: 'concat', parts: [] };
      }
    } else {
      this.#accept('(');
    }
    const inner = this.#alternatives();
    if (!this.#accept(')')) this.#fail('missing closing )');
    this.#flags = outer;
    this.#depth -= 1;
    return inner;
  }

  #changedFlags(on: string, off: string): Flags {
    const flag = (name: 'i' | 'm' | 's') => (on.includes(name) || this.#flags[name]) && !off.includes(name);
    return { i: flag('i'), m: flag('m'), s: flag('s') };
  }

  #escape(): Pattern {
    const letter = this.#source.charAt(this.#at + 1);
    const assertion = ASSERTIONS.get(letter);
    if (assertion !== undefined) {
      this.#at += 2;
      return { kind: 'assert', assertion };
    }
    return this.#char(this.#escapedClass() ?? equals(this.#escapedPoint()));
  }

  /** `\d`, `\pL` and the like; undefined when the escape stands for one character. */
  #escapedClass(): CharTest | undefined {
    const perl = namedClass(this.#source.charAt(this.#at + 1));
    if (perl !== undefined) {
      this.#at += 2;
      return perl;
    }
    const negative = this.#source.charAt(this.#at + 1) === 'P';
    const found = this.#match(UNICODE);
    if (found === undefined) return undefined;
    const [, caret = '', long, short = ''] = found;
    const test = unicodeClass(long ?? short);
    if (test === undefined) return this.#fail(`unknown character class ${long ?? short}`);
    return negative === (caret === '') ? not(test) : test;
  }

  #escapedPoint(): number {
    const hex = this.#match(HEX);
    if (hex !== undefined) return this.#valid(Number.parseInt(hex[1] ?? hex[2] ?? '', 16));
    const octal = this.#match(OCTAL);
    if (octal !== undefined) return Number.parseInt(octal[1] ?? '', 8);
    this.#at += 1;
    if (this.#at >= this.#source.length) this.#fail('trailing backslash');
    const letter = this.#source.charAt(this.#at);
    const control = CONTROL.get(letter);
    if (control === undefined && !PUNCTUATION.test(letter)) {
      this.#fail(/[1-9]/.test(letter) ? 'back-references are not supported' : `invalid escape \\${letter}`);
    }
    const point = this.#point();
    return control ?? point;
  }

  #valid(point: number): number {
    return point > 0x10ffff ? this.#fail('invalid character') : point;
  }

  #charClass(): CharTest {
    this.#accept('[');
    const negative = this.#accept('^');
    const tests: CharTest[] = [];
    while (tests.length === 0 || !this.#peek(']')) {
      if (this.#at >= this.#source.length) this.#fail('missing closing ]');
      tests.push(this.#classItem());
    }
    this.#accept(']');
    const test = this.#flags.i ? foldCase(anyOf(tests)) : anyOf(tests);
    return negative ? not(test) : test;
  }

  #classItem(): CharTest {
    const posix = this.#match(POSIX);
    if (posix !== undefined) {
      const test = POSIX_CLASSES.get(posix[2] ?? '');
      if (test === undefined) return this.#fail(`unknown character class ${posix[2] ?? ''}`);
      return posix[1] === '' ? test : not(test);
    }
    const escaped = this.#peek('\\') ? this.#escapedClass() : undefined;
    if (escaped !== undefined) return escaped;
    const low = this.#classPoint();
    if (!this.#peek('-') || this.#source.startsWith('-]', this.#at)) return equals(low);
    this.#accept('-');
    const high = this.#classPoint();
    return high < low ? this.#fail('invalid character class range') : range(low, high);
  }

  #classPoint(): number {
    return this.#peek('\\') ? this.#escapedPoint() : this.#point();
  }
}
