import { compareByBytes } from './byte-order.ts';
import type { Requirement } from './labels.ts';
import { isInteger } from './labels.ts';
import { ValueError } from './value-error.ts';

/** Longest label value, and longest name part of a label key. */
const MAX_NAME_LENGTH = 63;
/** Longest DNS subdomain before the slash of a label key. */
const MAX_PREFIX_LENGTH = 253;
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const TOKEN = /\s*(==|!=|[=!,()<>]|[^\s=!,()<>]+)/y;

/**
 * Reads a selector as it stands in `?labelSelector=` and `kubectl -l`: `app=web,tier in (a,b),!legacy,size>3`.
 * The requirements come sorted by key; an empty text has none.
 * @throws ValueError naming the position and what was expected there.
 */
export function parseSelector(text: string): readonly Requirement[] {
  return new SelectorParser(text).parse().toSorted((left, right) => compareByBytes(left.key, right.key));
}

interface Token {
  /** Empty at the end. */
  readonly text: string;
  readonly position: number;
}

class SelectorParser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokensOf(source);
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    while (this.#peek().text !== '') {
      requirements.push(this.#requirement());
      if (this.#peek().text === '') break;
      this.#expect(',', "',' or the end");
      if (this.#peek().text === '') throw this.#unexpected('a label key');
    }
    return requirements;
  }

  #requirement(): Requirement {
    if (this.#accept('!')) return { key: this.#key(), operator: '!' };
    const key = this.#key();
    const operator = this.#peek().text;
    switch (operator) {
      case '':
      case ',':
        return { key, operator: 'exists' };
      case '=':
      case '==':
      case '!=':
        this.#take();
        return { key, operator: operator === '!=' ? '!=' : '=', values: [this.#value()] };
      case '>':
      case '<':
        this.#take();
        return { key, operator, bound: this.#integer() };
      case 'in':
      case 'notin':
        this.#take();
        return { key, operator, values: this.#values() };
      default:
        throw this.#unexpected("one of =, ==, !=, in, notin, <, > or ','");
    }
  }

  #key(): string {
    const key = this.#word('a label key');
    if (isLabelKey(key)) return key;
    throw this.#error(`${JSON.stringify(key)} is not a valid label key`, this.#previous());
  }

  /** A value may be missing: `key=` selects the empty value. */
  #value(): string {
    if (isDelimiter(this.#peek().text)) return '';
    const value = this.#word('a label value');
    if (value.length <= MAX_NAME_LENGTH && NAME.test(value)) return value;
    throw this.#error(`${JSON.stringify(value)} is not a valid label value`, this.#previous());
  }

  #integer(): number {
    const text = this.#word('an integer');
    if (isInteger(text)) return Number(text);
    throw this.#error(`${JSON.stringify(text)} is not an integer`, this.#previous());
  }

  #values(): readonly string[] {
    this.#expect('(', "'('");
    const values = [this.#value()];
    while (this.#accept(',')) values.push(this.#value());
    this.#expect(')', "',' or ')'");
    return values;
  }

  #word(wanted: string): string {
    const token = this.#peek();
    if (token.text === '' || /^[=!,()<>]/.test(token.text)) throw this.#unexpected(wanted);
    return this.#take().text;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { text: '', position: this.#source.length };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #previous(): Token | undefined {
    return this.#tokens[this.#next - 1];
  }

  #accept(text: string): boolean {
    const found = this.#peek().text === text;
    if (found) this.#next += 1;
    return found;
  }

  #expect(text: string, wanted: string): void {
    if (!this.#accept(text)) throw this.#unexpected(wanted);
  }

  #unexpected(wanted: string): ValueError {
    const token = this.#peek();
    const found = token.text === '' ? 'the end' : JSON.stringify(token.text);
    return this.#error(`found ${found}, expected ${wanted}`, token);
  }

  #error(reason: string, token: Token | undefined): ValueError {
    const position = (token?.position ?? 0) + 1;
    return new ValueError(`invalid selector ${JSON.stringify(this.#source)}, character ${position}: ${reason}`);
  }
}

function tokensOf(source: string): readonly Token[] {
  const trimmed = source.trimEnd();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    const text = match?.[1];
    if (text === undefined) break;
    tokens.push({ text, position: TOKEN.lastIndex - text.length });
  }
  return tokens;
}

function isDelimiter(text: string): boolean {
  return text === '' || text === ',' || text === ')';
}

/** Whether a text can be the key of a label: an optional DNS subdomain and a slash, then a name of at most 63 characters. */
function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (name.length > MAX_NAME_LENGTH || !NAME.test(name)) return false;
  return prefix === undefined || (prefix.length <= MAX_PREFIX_LENGTH && PREFIX.test(prefix));
}
