import type { BinaryOperator, Comprehension, Node } from './ast.ts';
import { CelError } from './cel-error.ts';
import { FUNCTIONS } from './functions.ts';
import { type Token, tokenize } from './lexer.ts';

/** How tightly a binary operator binds; `?:` binds less than all of them. */
const BINDING: Readonly<Record<BinaryOperator, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  in: 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
};

/** Deeper nesting than any sane rule, shallow enough for the stack. */
const MAX_DEPTH = 250;

const RESERVED = new Set(
  'as break const continue else for function if import in let loop package namespace return var void while'.split(' '),
);

function binaryOperator({ kind, text }: Token): BinaryOperator | undefined {
  const isOperator = kind === 'operator' || (kind === 'identifier' && text === 'in');
  return isOperator && isBinary(text) ? text : undefined;
}

function isBinary(text: string): text is BinaryOperator {
  return Object.hasOwn(BINDING, text);
}

function comprehension(name: string): Comprehension | undefined {
  switch (name) {
    case 'all':
    case 'exists':
    case 'exists_one':
    case 'map':
    case 'filter':
    case 'optMap':
      return name;
    default:
      return undefined;
  }
}

/**
 * Parses an expression that may use the given variables.
 *
 * @throws CelError at a syntax error, an undeclared variable or a function outside the supported subset.
 */
export function parse(source: string, variables: readonly string[]): Node {
  return new Parser(source, variables).parse();
}

/** Reads one expression, by precedence climbing. */
class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  /** The variables of the macros that we are in come last. */
  readonly #scope: string[];
  #next = 0;
  #depth = 0;

  constructor(source: string, variables: readonly string[]) {
    this.#source = source;
    this.#tokens = tokenize(source);
    this.#scope = [...variables];
  }

  parse(): Node {
    const node = this.#expression();
    if (this.#peek().kind !== 'end') throw this.#error(`Syntax error: extraneous input '${this.#peek().text}'`);
    return node;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '<EOF>', at: this.#source.length };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #isNext(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && token.text === text;
  }

  #accept(text: string): boolean {
    const found = this.#isNext(text);
    if (found) this.#next++;
    return found;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#error(`Syntax error: expected '${text}', found '${this.#peek().text}'`);
  }

  #error(reason: string, at = this.#peek().at): CelError {
    return new CelError(reason, this.#source, at);
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw this.#error(`expression is nested deeper than ${MAX_DEPTH}`);
    const result = parse();
    this.#depth--;
    return result;
  }

  #expression(): Node {
    return this.#deeper(() => {
      const at = this.#peek().at;
      const condition = this.#binary(1);
      if (!this.#accept('?')) return condition;
      const whenTrue = this.#expression();
      this.#expect(':');
      return { type: 'conditional', condition, whenTrue, whenFalse: this.#expression(), at };
    });
  }

  /** A chain of operators that bind at least as tightly as `minimum`. */
  #binary(minimum: number): Node {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const operator = binaryOperator(token);
      if (operator === undefined || BINDING[operator] < minimum) return left;
      this.#take();
      left = { type: 'binary', operator, left, right: this.#binary(BINDING[operator] + 1), at: token.at };
    }
  }

  #unary(): Node {
    const at = this.#peek().at;
    const operator = this.#isNext('!') ? '!' : this.#isNext('-') ? '-' : undefined;
    if (operator === undefined) return this.#postfix(this.#primary());
    this.#take();
    const number = this.#peek();
    if (operator === '-' && number.kind === 'number') {
      // Read with its sign: the smallest integer has no positive counterpart.
      this.#take();
      return this.#postfix({ type: 'literal', value: -number.value, at });
    }
    return this.#deeper(() => ({ type: 'unary', operator, operand: this.#unary(), at }));
  }

  #postfix(primary: Node): Node {
    let node = primary;
    for (;;) {
      const at = this.#peek().at;
      if (this.#accept('[')) {
        node = { type: 'index', operand: node, index: this.#expression(), at };
        this.#expect(']');
      } else if (this.#accept('.?')) {
        node = { type: 'select', operand: node, field: this.#identifier(), optional: true, at };
      } else if (this.#accept('.')) {
        const name = this.#identifier();
        if (this.#accept('(')) node = this.#memberCall(node, name, at);
        else node = { type: 'select', operand: node, field: name, optional: false, at };
      } else {
        return node;
      }
    }
  }

  #identifier(): string {
    const token = this.#take();
    if (token.kind !== 'identifier')
      throw this.#error(`Syntax error: expected a name, found '${token.text}'`, token.at);
    return token.text;
  }

  #primary(): Node {
    const token = this.#take();
    if (token.kind === 'number') return { type: 'literal', value: token.value, at: token.at };
    if (token.kind === 'string') return { type: 'literal', value: token.text, at: token.at };
    if (token.kind === 'identifier') return this.#named(token);
    switch (token.text) {
      case '(': {
        const inner = this.#expression();
        this.#expect(')');
        return inner;
      }
      case '[':
        return { type: 'list', items: this.#arguments(']'), at: token.at };
      case '{':
        return { type: 'map', entries: this.#sequence('}', () => this.#mapEntry()), at: token.at };
      default:
        throw this.#error(`Syntax error: mismatched input '${token.text}'`, token.at);
    }
  }

  #named({ text, at }: Token): Node {
    if (text === 'true' || text === 'false') return { type: 'literal', value: text === 'true', at };
    if (text === 'null') return { type: 'literal', value: null, at };
    if (RESERVED.has(text)) throw this.#error(`Syntax error: reserved identifier: ${text}`, at);
    if (this.#accept('(')) return text === 'has' ? this.#has(at) : this.#call(text, this.#arguments(')'), at);
    if (!this.#scope.includes(text)) throw this.#error(`undeclared reference to '${text}' (in container '')`, at);
    return { type: 'variable', name: text, at };
  }

  #mapEntry(): readonly [Node, Node] {
    const key = this.#expression();
    this.#expect(':');
    return [key, this.#expression()];
  }

  #arguments(close: string): readonly Node[] {
    return this.#sequence(close, () => this.#expression());
  }

  /** What stands between brackets, separated by commas; a comma may end it. */
  #sequence<T>(close: string, item: () => T): readonly T[] {
    const items: T[] = [];
    while (!this.#accept(close)) {
      items.push(item());
      if (!this.#isNext(close)) this.#expect(',');
    }
    return items;
  }

  #has(at: number): Node {
    const [operand, ...rest] = this.#arguments(')');
    if (operand?.type !== 'select' || rest.length > 0) throw this.#error('invalid argument to has() macro', at);
    return { type: 'has', operand: operand.operand, field: operand.field, at };
  }

  #memberCall(receiver: Node, name: string, at: number): Node {
    const macro = comprehension(name);
    if (macro !== undefined) return this.#comprehension(macro, receiver, at);
    return this.#call(name, [receiver, ...this.#arguments(')')], at);
  }

  #comprehension(macro: Comprehension, range: Node, at: number): Node {
    const variable = this.#identifier();
    this.#expect(',');
    this.#scope.push(variable);
    const [first, second, ...rest] = this.#arguments(')');
    this.#scope.pop();
    const hasCondition = macro === 'map' && second !== undefined;
    if (first === undefined || rest.length > 0 || (second !== undefined && !hasCondition)) {
      throw this.#error(`wrong number of arguments to ${macro}()`, at);
    }
    const [condition, body] = hasCondition ? [first, second] : [undefined, first];
    return { type: 'comprehension', macro, range, variable, condition, body, at };
  }

  #call(name: string, args: readonly Node[], at: number): Node {
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) {
      throw this.#error(`undeclared reference to '${name}' (in container ''): the simulator has no such function`, at);
    }
    if (!known.arity.includes(args.length)) throw this.#error(`found no matching overload for '${name}'`, at);
    return { type: 'call', name, args, at };
  }
}
