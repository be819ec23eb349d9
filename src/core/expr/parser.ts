import type { ComparisonNode, MapEntry, Node, PredicateName } from './ast.ts';
import { isPredicateName, PREDICATES } from './ast.ts';
import { isBuiltinName } from './builtins/index.ts';
import { ExprError } from './expr-error.ts';
import type { Token, TokenKind } from './lexer.ts';
import { tokenize } from './lexer.ts';
import { MAX_DEPTH, MAX_NODES } from './limits.ts';
import { parseNumber } from './number-literal.ts';
import {
  binaryPower,
  isNegatable,
  isOrder,
  isPlainBinary,
  isRightAssociative,
  isUnary,
  KEYWORDS,
  unaryPower,
} from './operators.ts';

/** Parses a whole source. Throws ExprError at the first token that does not fit. */
export function parse(source: string): Node {
  return new Parser(source).program();
}

/** A Pratt parser: a cursor over the tokens and the counters that bound the tree. */
class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #cursor = 0;
  #nodes = 0;
  #depth = 0;
  /** How many predicates enclose the cursor; `#` and a leading `.` mean something only inside one. */
  #predicates = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  program(): Node {
    const node = this.#sequence();
    if (this.#token.kind !== 'end') this.#unexpected();
    return node;
  }

  // The cursor

  get #token(): Token {
    return this.#tokens[this.#cursor] ?? { kind: 'end', value: '', at: this.#source.length };
  }

  #next(): Token {
    const token = this.#token;
    this.#cursor += 1;
    return token;
  }

  #is(kind: TokenKind, value: string): boolean {
    const token = this.#token;
    return token.kind === kind && token.value === value;
  }

  /** Moves on when the current token is the given one, and says whether it was. */
  #accept(kind: TokenKind, value: string): boolean {
    const found = this.#is(kind, value);
    if (found) this.#cursor += 1;
    return found;
  }

  #expect(kind: TokenKind, value: string): void {
    if (!this.#accept(kind, value)) this.#unexpected();
  }

  #expectName(): Token {
    if (this.#token.kind !== 'identifier') this.#unexpected();
    return this.#next();
  }

  #unexpected(): never {
    const { kind, value, at } = this.#token;
    this.#fail(kind === 'end' ? 'unexpected end of expression' : `unexpected token ${kind} "${value}"`, at);
  }

  #fail(reason: string, at: number): never {
    throw new ExprError(reason, this.#source, at);
  }

  /** Counts a node on its way into the tree. */
  #node(node: Node): Node {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) this.#fail(`expression exceeds ${MAX_NODES} nodes`, node.at);
    return node;
  }

  #nested(read: () => Node): Node {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#fail(`expression is nested deeper than ${MAX_DEPTH} levels`, this.#token.at);
    const node = read();
    this.#depth -= 1;
    return node;
  }

  // Statements

  /** `a; b; c`, with an optional semicolon at the very end. */
  #sequence(): Node {
    const first = this.#expression(0);
    const nodes = [first];
    while (this.#accept('operator', ';')) {
      if (this.#token.kind === 'end') break;
      nodes.push(this.#expression(0));
    }
    return nodes.length === 1 ? first : this.#node({ kind: 'sequence', at: first.at, nodes });
  }

  #expression(minimum: number): Node {
    return this.#nested(() => {
      if (minimum === 0 && this.#accept('operator', 'let')) return this.#letBinding();
      if (minimum === 0 && this.#accept('operator', 'if')) return this.#ifElse();
      const node = this.#operators(this.#primary(), minimum);
      return minimum === 0 ? this.#ternary(node) : node;
    });
  }

  #letBinding(): Node {
    const { value: name, at } = this.#expectName();
    this.#expect('operator', '=');
    const value = this.#expression(0);
    this.#expect('operator', ';');
    return this.#node({ kind: 'let', at, name, value, body: this.#sequence() });
  }

  #ifElse(): Node {
    const condition = this.#expression(0);
    const consequence = this.#block();
    this.#expect('operator', 'else');
    const alternative = this.#accept('operator', 'if') ? this.#nested(() => this.#ifElse()) : this.#block();
    return this.#node({ kind: 'conditional', at: condition.at, condition, consequence, alternative });
  }

  #block(): Node {
    this.#expect('bracket', '{');
    const node = this.#sequence();
    this.#expect('bracket', '}');
    return node;
  }

  #ternary(first: Node): Node {
    let condition = first;
    while (this.#is('operator', '?')) {
      const { at } = this.#next();
      const consequence = this.#is('operator', ':') ? undefined : this.#expression(0);
      this.#expect('operator', ':');
      condition = this.#node({ kind: 'conditional', at, condition, consequence, alternative: this.#expression(0) });
    }
    return condition;
  }

  // Binary operators

  #operators(first: Node, minimum: number): Node {
    let left = first;
    let afterCoalesce = false;
    for (;;) {
      const negation = this.#negation(minimum);
      const token = this.#token;
      const power = token.kind === 'operator' ? binaryPower(token.value) : undefined;
      if (power === undefined || power < minimum) return left;
      this.#next();
      if (token.value === '|') {
        left = this.#pipe(left);
      } else if (afterCoalesce && token.value !== '??') {
        this.#fail(`operators ${token.value} and ?? cannot be mixed: put one of them in parentheses`, token.at);
      } else if (isOrder(token.value)) {
        left = this.#comparison(left, token, power);
      } else if (isPlainBinary(token.value)) {
        const right = this.#expression(isRightAssociative(token.value) ? power : power + 1);
        left = this.#node({ kind: 'binary', at: token.at, operator: token.value, left, right });
      }
      if (negation) left = this.#node({ kind: 'unary', at: token.at, operator: 'not', operand: left });
      afterCoalesce = token.value === '??';
    }
  }

  /** Consumes the `not` of `x not in y` when the operator behind it binds strongly enough. */
  #negation(minimum: number): boolean {
    if (!this.#is('operator', 'not')) return false;
    const following = this.#tokens[this.#cursor + 1];
    if (following?.kind !== 'operator' || !isNegatable(following.value)) {
      this.#cursor += 1;
      this.#unexpected();
    }
    if ((binaryPower(following.value) ?? 0) < minimum) return false;
    this.#cursor += 1;
    return true;
  }

  #pipe(left: Node): Node {
    return this.#call(this.#expectName(), left);
  }

  #comparison(first: Node, firstToken: Token, power: number): Node {
    const links: ComparisonNode['links'][number][] = [];
    let token = firstToken;
    while (isOrder(token.value)) {
      links.push({ operator: token.value, at: token.at, operand: this.#expression(power + 1) });
      token = this.#token;
      if (token.kind !== 'operator' || !isOrder(token.value)) break;
      this.#next();
    }
    return this.#node({ kind: 'comparison', at: firstToken.at, first, links });
  }

  // Operands

  #primary(): Node {
    const token = this.#token;
    if (token.kind === 'operator') return this.#operatorOperand(token);
    if (this.#accept('bracket', '(')) {
      const inner = this.#sequence();
      this.#expect('bracket', ')');
      return this.#postfix(inner);
    }
    return this.#literalOrName(token);
  }

  #operatorOperand(token: Token): Node {
    if (isUnary(token.value)) {
      this.#next();
      const operand = this.#expression(unaryPower(token.value) ?? 0);
      return this.#postfix(this.#node({ kind: 'unary', at: token.at, operator: token.value, operand }));
    }
    if (this.#predicates > 0 && (token.value === '#' || token.value === '.')) {
      if (token.value === '#') this.#next();
      const name = token.value === '#' && this.#token.kind === 'identifier' ? this.#next().value : '';
      return this.#postfix(this.#node({ kind: 'pointer', at: token.at, name }));
    }
    if (this.#accept('operator', '::')) return this.#postfix(this.#call(this.#expectName()));
    return this.#unexpected();
  }

  #literalOrName(token: Token): Node {
    switch (token.kind) {
      case 'identifier':
        this.#next();
        return this.#name(token);
      case 'number':
        this.#next();
        return this.#node(parseNumber(token, this.#source));
      case 'string':
        this.#next();
        return this.#postfix(this.#node({ kind: 'string', at: token.at, value: token.value }));
      case 'bytes':
        this.#next();
        return this.#postfix(this.#node({ kind: 'bytes', at: token.at, value: token.bytes ?? new Uint8Array() }));
      case 'bracket':
        if (token.value === '[') return this.#postfix(this.#array());
        if (token.value === '{') return this.#postfix(this.#map());
        return this.#unexpected();
      case 'operator':
      case 'end':
        return this.#unexpected();
    }
  }

  #name(token: Token): Node {
    const { at, value: name } = token;
    if (name === 'true' || name === 'false') return this.#node({ kind: 'bool', at, value: name === 'true' });
    if (name === 'nil') return this.#node({ kind: 'nil', at });
    const node = this.#is('bracket', '(') ? this.#call(token) : this.#node({ kind: 'identifier', at, name });
    return this.#postfix(node);
  }

  #array(): Node {
    const { at } = this.#next();
    const items = this.#list(']', () => this.#expression(0));
    return this.#node({ kind: 'array', at, items });
  }

  #map(): Node {
    const { at } = this.#next();
    const entries = this.#list('}', () => this.#mapEntry());
    return this.#node({ kind: 'map', at, entries });
  }

  #mapEntry(): MapEntry {
    const key = this.#mapKey();
    this.#expect('operator', ':');
    return { key, value: this.#expression(0) };
  }

  #mapKey(): Node {
    const { kind, value, at } = this.#token;
    if (kind === 'number' || kind === 'string' || kind === 'identifier') {
      this.#next();
      return this.#node({ kind: 'string', at, value });
    }
    if (this.#is('bracket', '(')) return this.#expression(0);
    return this.#fail('a map key must be a name, a number, a string or an expression in parentheses', at);
  }

  /** Items separated by commas up to `close`; a comma may follow the last. */
  #list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.#is('bracket', close)) {
      if (items.length > 0) {
        this.#expect('operator', ',');
        if (this.#is('bracket', close)) break;
      }
      items.push(item());
    }
    this.#expect('bracket', close);
    return items;
  }

  // Calls

  /** The call whose name was just read; `piped` is the value left of a `|`. */
  #call(token: Token, piped?: Node): Node {
    const { value: name, at } = token;
    if (isPredicateName(name)) return this.#predicateCall(name, at, piped);
    this.#expect('bracket', '(');
    const listed = this.#list(')', () => this.#expression(0));
    const args = piped === undefined ? listed : [piped, ...listed];
    if (isBuiltinName(name)) return this.#node({ kind: 'builtin', at, name, args });
    return this.#node({ kind: 'call', at, callee: this.#node({ kind: 'identifier', at, name }), args });
  }

  #predicateCall(name: PredicateName, at: number, piped: Node | undefined): Node {
    const { bodyOptional, extra: extraAllowed } = PREDICATES[name];
    this.#expect('bracket', '(');
    const atClose = () => this.#is('bracket', ')');
    if (piped === undefined && atClose()) this.#fail(`not enough arguments to call ${name}`, this.#token.at);
    const list = piped ?? this.#expression(0);
    if (!bodyOptional && atClose()) this.#fail(`not enough arguments to call ${name}`, this.#token.at);
    if (piped === undefined && !atClose()) this.#expect('operator', ',');
    const body = atClose() ? undefined : this.#predicate();
    let extra: Node | undefined;
    if (this.#accept('operator', ',') && extraAllowed && !atClose()) {
      extra = this.#expression(0);
      this.#accept('operator', ',');
    }
    this.#expect('bracket', ')');
    return this.#node({ kind: 'predicate', at, name, list, body, extra });
  }

  #predicate(): Node {
    this.#predicates += 1;
    const braced = this.#is('bracket', '{');
    const body = braced ? this.#block() : this.#expression(0);
    if (!braced && this.#is('operator', ';')) {
      this.#fail('put the predicate between { and } to use several statements', this.#token.at);
    }
    this.#predicates -= 1;
    return body;
  }

  // Postfix: members, indices, slices, method calls

  #postfix(first: Node): Node {
    let node = first;
    for (;;) {
      if (this.#is('operator', '.') || this.#is('operator', '?.')) node = this.#access(node);
      else if (this.#is('bracket', '[')) node = this.#subscript(node, false);
      else return node;
    }
  }

  #access(object: Node): Node {
    const optional = this.#next().value === '?.';
    if (optional && this.#is('bracket', '[')) return this.#subscript(object, true);
    const { kind, value, at } = this.#next();
    if (kind !== 'identifier' && !(kind === 'operator' && KEYWORDS.has(value))) this.#fail('expected a name', at);
    const property = this.#node({ kind: 'string', at, value });
    // Inside an optional chain the further links belong to it, so that `a?.b.c` is nil when `a` is.
    const inner = object.kind === 'chain' ? object.inner : object;
    let node = this.#node({ kind: 'member', at, object: inner, property, optional });
    if (this.#accept('bracket', '(')) {
      node = this.#node({ kind: 'call', at, callee: node, args: this.#list(')', () => this.#expression(0)) });
    }
    return optional || object.kind === 'chain' ? this.#node({ kind: 'chain', at, inner: node }) : node;
  }

  #subscript(object: Node, optional: boolean): Node {
    const { at } = this.#next();
    if (this.#accept('operator', ':')) return this.#slice(object, undefined, at);
    const property = this.#expression(0);
    if (this.#accept('operator', ':')) return this.#slice(object, property, at);
    this.#expect('bracket', ']');
    const node = this.#node({ kind: 'member', at, object, property, optional });
    return optional ? this.#node({ kind: 'chain', at, inner: node }) : node;
  }

  #slice(object: Node, from: Node | undefined, at: number): Node {
    const to = this.#is('bracket', ']') ? undefined : this.#expression(0);
    this.#expect('bracket', ']');
    return this.#node({ kind: 'slice', at, object, from, to });
  }
}
