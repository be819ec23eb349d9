import { JsonPathError } from './json-path-error.ts';
import type { Comparison, Item, JsonPath, Path, Step } from './syntax.ts';
import { COMPARISONS } from './syntax.ts';

/** Actions and filters nest no deeper than this in any sensible template; it bounds the recursion. */
const MAX_NESTING = 50;

/**
 * Reads a template in Kubernetes' JSONPath dialect, e.g. `{range .items[*]}{.metadata.name}{"\n"}{end}`.
 * @throws JsonPathError naming the position.
 */
export function parseJsonPath(source: string): JsonPath {
  return new Parser(source).parse();
}

/**
 * As `parseJsonPath`, but the braces and the leading dot may be missing: `a.b`, `.a.b`, `{a.b}` and `{.a.b}` mean the
 * same, as for kubectl's `-o custom-columns` and `--sort-by` and for printer columns of a CRD.
 */
export function parseRelaxedJsonPath(source: string): JsonPath {
  const inner = /^\{(.*)\}$/s.exec(source)?.[1] ?? source;
  const path = inner === '' || /^[.[$@]/.test(inner) ? inner : `.${inner}`;
  return parseJsonPath(`{${path}}`);
}

interface OpenRange {
  readonly path: Path;
  readonly body: Item[];
}

class Parser {
  readonly #source: string;
  #at = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): JsonPath {
    const root: Item[] = [];
    const open: OpenRange[] = [];
    const current = (): Item[] => open.at(-1)?.body ?? root;
    while (!this.#ended()) {
      const text = this.#match(/[^{]+/y);
      if (text !== '') current().push({ kind: 'text', text });
      else this.#action(current, open);
    }
    // As in kubectl, a missing `{end}` is at the end of the template.
    while (open.length > 0) this.#close(open, current);
    return { source: this.#source, items: root };
  }

  #action(current: () => Item[], open: OpenRange[]): void {
    const start = this.#at;
    this.#at += 1;
    this.#skipSpace();
    const word = this.#match(/(?:range|end)(?![\w-])/y);
    const path = this.#path('}');
    if (!this.#accept('}')) throw this.#error(this.#ended() ? 'unclosed action' : 'unexpected character');
    if (word === 'range') {
      open.push({ path, body: [] });
      if (open.length > MAX_NESTING) throw this.#error('too many nested ranges', start);
    } else if (word === 'end') {
      if (open.length === 0) throw this.#error('end without range', start);
      this.#close(open, current);
    } else {
      current().push({ kind: 'path', path });
    }
  }

  #close(open: OpenRange[], current: () => Item[]): void {
    const range = open.pop();
    if (range !== undefined) current().push({ kind: 'range', ...range });
  }

  /** Steps up to one of the characters of `end`, which is not consumed. */
  #path(end: string): Path {
    const steps: Step[] = [];
    for (;;) {
      this.#skipSpace();
      if (this.#ended() || end.includes(this.#peek())) return steps;
      // The root and the current object are the same, also within a filter.
      if (this.#accept('$') || this.#accept('@')) continue;
      steps.push(this.#step(end, steps.at(-1)));
    }
  }

  #step(end: string, previous: Step | undefined): Step {
    const character = this.#peek();
    if (character === '.') return this.#dot(end, previous);
    if (character === '[') return this.#bracket();
    if (character === '"' || character === "'") return { kind: 'literal', value: this.#quoted() };
    if (/[-+\d]/.test(character)) return { kind: 'literal', value: this.#number() };
    if (previous?.kind === 'recursive' && /[\p{L}_]/u.test(character))
      return { kind: 'field', name: this.#fieldName(end) };
    return this.#word();
  }

  #dot(end: string, previous: Step | undefined): Step {
    if (this.#accept('..')) {
      if (previous?.kind === 'recursive') throw this.#error('invalid multiple recursive descent', this.#at - 2);
      return { kind: 'recursive' };
    }
    this.#at += 1;
    const name = this.#fieldName(end);
    if (name === '*') return { kind: 'wildcard' };
    return { kind: 'field', name };
  }

  /** A field name runs up to white space or punctuation; a backslash takes the next character as it is. */
  #fieldName(end: string): string {
    const stops = end === '}' ? /(?:\\.|[^\s.,[\]$@{}\\])*/suy : /(?:\\.|[^\s.,[\]$@{}\\!<>=)])*/suy;
    return this.#match(stops).replaceAll(/\\(.)/gsu, '$1');
  }

  #word(): Step {
    const start = this.#at;
    const word = this.#match(/[\p{L}\p{N}_-]+/uy);
    if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
    throw this.#error(word === '' ? 'unrecognized character in action' : `unrecognized identifier ${word}`, start);
  }

  #number(): number {
    const start = this.#at;
    const text = this.#match(/[-+]?[\d.]+/y);
    const value = Number(text);
    if (text === '' || Number.isNaN(value)) throw this.#error(`cannot parse number ${text}`, start);
    return value;
  }

  #quoted(): string {
    const start = this.#at;
    const quote = this.#peek();
    const body = this.#match(quote === '"' ? /"(?:\\.|[^"\\\n])*"/suy : /'(?:\\.|[^'\\\n])*'/suy);
    if (body === '') throw this.#error('unterminated quoted string', start);
    return body.slice(1, -1).replaceAll(/\\(u[\dA-Fa-f]{4}|.)/gsu, (_whole, escape: string) => unescape(escape));
  }

  #bracket(): Step {
    const start = this.#at;
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) throw this.#error('too many nested filters');
    const step = this.#match(/\[\s*\?\s*\(/y) === '' ? this.#subscript(start) : this.#filter(start);
    this.#nesting -= 1;
    return step;
  }

  #subscript(start: number): Step {
    this.#at += 1;
    const branches: Step[] = [];
    do {
      this.#skipSpace();
      branches.push(this.#selector(start));
      this.#skipSpace();
    } while (this.#accept(','));
    if (!this.#accept(']')) throw this.#error(this.#ended() ? 'unterminated array' : 'invalid array index', start);
    const [only, ...more] = branches;
    return only !== undefined && more.length === 0 ? only : { kind: 'union', branches: branches.map((step) => [step]) };
  }

  #selector(start: number): Step {
    if (this.#accept('*')) return { kind: 'slice' };
    if (this.#peek() === '"' || this.#peek() === "'") return { kind: 'field', name: this.#quoted() };
    const match = /^([-+]?\d*)(?:(:)([-+]?\d*)(?::([-+]?\d*))?)?$/.exec(this.#match(/[-+\d:]+/y));
    if (match === null) throw this.#error(this.#ended() ? 'unterminated array' : 'invalid array index', start);
    const [, first = '', colon, end = '', step = ''] = match;
    if (colon === undefined) return { kind: 'index', index: this.#integer(first, start) };
    return {
      kind: 'slice',
      ...(first === '' ? {} : { start: this.#integer(first, start) }),
      ...(end === '' ? {} : { end: this.#integer(end, start) }),
      ...(step === '' ? {} : { step: this.#integer(step, start) }),
    };
  }

  #integer(text: string, start: number): number {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || !/\d/.test(text)) throw this.#error('invalid array index', start);
    return value;
  }

  #filter(start: number): Step {
    const left = this.#path('!<>=)');
    const operator = this.#comparison();
    const right = operator === undefined ? [] : this.#path(')');
    if (left.length === 0 && operator !== undefined && right.length === 0) throw this.#error('empty filter', start);
    if (this.#match(/\s*\)\s*\]/y) === '') throw this.#error('unterminated filter: expected )]', start);
    return operator === undefined ? { kind: 'exists', path: left } : { kind: 'compare', left, operator, right };
  }

  #comparison(): Comparison | undefined {
    if (this.#peek() === ')' || this.#ended()) return undefined;
    const operator = COMPARISONS.find((candidate) => this.#accept(candidate));
    if (operator === undefined || /[=<>!]/.test(this.#peek())) {
      throw this.#error('unrecognized filter operator, want one of == != <= >= < >');
    }
    return operator;
  }

  #ended(): boolean {
    return this.#at >= this.#source.length;
  }

  #peek(): string {
    return this.#source.charAt(this.#at);
  }

  #accept(text: string): boolean {
    const found = this.#source.startsWith(text, this.#at);
    if (found) this.#at += text.length;
    return found;
  }

  #skipSpace(): void {
    this.#match(/[ \t]+/y);
  }

  /** The text that a sticky pattern matches here, consumed; empty when it does not match. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }

  #error(reason: string, position = this.#at): JsonPathError {
    return new JsonPathError(`jsonpath ${JSON.stringify(this.#source)}, character ${position + 1}: ${reason}`);
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['a', '\u0007'],
]);

function unescape(escape: string): string {
  if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return ESCAPES.get(escape) ?? escape;
}
