import type { Token, TokenKind } from './lexer.ts';
import { tokenize } from './lexer.ts';
import type { Branch, Command, Node, Operand, Pipeline, Template } from './syntax.ts';
import type { Position } from './template-error.ts';
import { TemplateError } from './template-error.ts';

/** Control structures and parentheses nest no deeper than this in any sensible template; it bounds the recursion. */
const MAX_NESTING = 200;

/**
 * Reads a Go `text/template`. `name` stands in error messages.
 * @throws TemplateError with the line and column of the first mistake.
 */
export function compileTemplate(name: string, source: string): Template {
  return new Parser(name, tokenize(name, source)).template();
}

/** How a list of nodes ended. */
type Ending = 'end' | 'else' | 'source';

class Parser {
  readonly #name: string;
  readonly #tokens: readonly Token[];
  readonly #definitions = new Map<string, readonly Node[]>();
  readonly #functions: { name: string; position: Position }[] = [];
  /** Visible variables; `$` is the data that the template was executed with. */
  #variables: string[] = ['$'];
  #next = 0;
  #rangeDepth = 0;
  #nesting = 0;

  constructor(name: string, tokens: readonly Token[]) {
    this.#name = name;
    this.#tokens = tokens;
  }

  template(): Template {
    const { nodes, ending } = this.#nodes(true);
    if (ending !== 'source') throw this.#error(`unexpected {{${ending}}}`);
    return { name: this.#name, body: nodes, definitions: this.#definitions, functions: this.#functions };
  }

  #nodes(topLevel = false): { nodes: Node[]; ending: Ending } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'end') return { nodes, ending: 'source' };
      if (token.kind === 'text') nodes.push({ kind: 'text', text: token.text, position: token.position });
      else if (this.#acceptKeyword('end')) {
        this.#expectClose('end');
        return { nodes, ending: 'end' };
      } else if (this.#acceptKeyword('else')) return { nodes, ending: 'else' };
      else {
        const node = this.#action(topLevel);
        if (node !== undefined) nodes.push(node);
      }
    }
  }

  /** What stands between `{{` (already consumed) and `}}`; undefined for a definition. */
  #action(topLevel: boolean): Node | undefined {
    const { kind, text, position } = this.#peek();
    if (kind !== 'keyword') return this.#plainAction(position);
    switch (text) {
      case 'if':
      case 'with':
      case 'range':
        this.#take();
        return this.#branch(text, position);
      case 'template':
        this.#take();
        return this.#call(position);
      case 'define':
        if (!topLevel) throw this.#error('{{define}} inside of another action');
        this.#take();
        this.#define(position);
        return undefined;
      case 'block':
        this.#take();
        return this.#block(position);
      case 'break':
      case 'continue':
        this.#take();
        if (this.#rangeDepth === 0) throw this.#error(`{{${text}}} outside {{range}}`, position);
        this.#expectClose(text);
        return { kind: text, position };
      default:
        return this.#plainAction(position);
    }
  }

  #plainAction(position: Position): Node {
    const pipeline = this.#pipeline('action');
    this.#expectClose('command');
    return { kind: 'action', pipeline, position };
  }

  #branch(kind: Branch['kind'], position: Position): Branch {
    return this.#nested(() => {
      const outerVariables = this.#variables;
      this.#variables = [...outerVariables];
      const pipeline = this.#pipeline(kind);
      this.#expectClose(kind);
      if (kind === 'range') this.#rangeDepth += 1;
      const main = this.#scoped(() => this.#nodes());
      if (kind === 'range') this.#rangeDepth -= 1;
      const otherwise = main.ending === 'else' ? this.#otherwise(kind) : [];
      if (main.ending === 'source') throw this.#unclosed(kind, position);
      this.#variables = outerVariables;
      return { kind, pipeline, body: main.nodes, otherwise, position };
    });
  }

  /** After `{{else`: an alternative branch (`else if`, `else with`) that shares the `{{end}}`, or nodes up to it. */
  #otherwise(kind: Branch['kind']): readonly Node[] {
    const { text, position } = this.#peek();
    const chained = kind !== 'range' && (text === 'if' || text === 'with') && this.#peek().kind === 'keyword';
    if (chained) {
      this.#take();
      return [this.#branch(text, position)];
    }
    this.#expectClose('else');
    const { nodes, ending } = this.#scoped(() => this.#nodes());
    if (ending === 'else') throw this.#error('expected {{end}}, found a second {{else}}');
    if (ending === 'source') throw this.#unclosed(kind, position);
    return nodes;
  }

  #call(position: Position): Node {
    const name = this.#expect('string', 'a template name in quotes').text;
    const pipeline = this.#peek().kind === 'close' ? undefined : this.#pipeline('template');
    this.#expectClose('template');
    return { kind: 'template', name, pipeline, position };
  }

  #define(position: Position): void {
    const name = this.#expect('string', 'a template name in quotes').text;
    this.#expectClose('define');
    this.#definition('define', name, position);
  }

  #block(position: Position): Node {
    const name = this.#expect('string', 'a template name in quotes').text;
    const pipeline = this.#pipeline('block');
    this.#expectClose('block');
    this.#definition('block', name, position);
    return { kind: 'template', name, pipeline, position };
  }

  #definition(kind: string, name: string, position: Position): void {
    const outer = { variables: this.#variables, rangeDepth: this.#rangeDepth };
    this.#variables = ['$'];
    this.#rangeDepth = 0;
    const { nodes, ending } = this.#nested(() => this.#nodes());
    if (ending !== 'end') throw this.#unclosed(kind, position);
    if (this.#definitions.has(name))
      throw this.#error(`multiple definition of template ${JSON.stringify(name)}`, position);
    this.#definitions.set(name, nodes);
    this.#variables = outer.variables;
    this.#rangeDepth = outer.rangeDepth;
  }

  #pipeline(context: string): Pipeline {
    return this.#nested(() => {
      const { position } = this.#peek();
      const { variables, assigns } = this.#variablesOf(context);
      const commands: Command[] = [];
      do {
        commands.push(this.#command(context, commands.length > 0));
      } while (this.#acceptPunctuation('|'));
      if (!assigns) this.#variables.push(...variables);
      return { variables, assigns, commands, position };
    });
  }

  /** `$x :=`, `$x =`, or in a range `$index, $element :=`, if the pipeline starts so. */
  #variablesOf(context: string): Pick<Pipeline, 'variables' | 'assigns'> {
    const [first, second, third, fourth] = this.#tokens.slice(this.#next, this.#next + 4);
    if (first?.kind !== 'variable' || second?.kind !== 'punctuation') return { variables: [], assigns: false };
    if (second.text === ':=' || second.text === '=') {
      this.#next += 2;
      return this.#checked([first], second.text === '=');
    }
    const isPair = second.text === ',' && third?.kind === 'variable' && (fourth?.text === ':=' || fourth?.text === '=');
    if (!isPair || third === undefined) return { variables: [], assigns: false };
    if (context !== 'range') throw this.#error(`too many declarations in ${context}`, second.position);
    this.#next += 4;
    return this.#checked([first, third], fourth?.text === '=');
  }

  #checked(tokens: readonly Token[], assigns: boolean): Pick<Pipeline, 'variables' | 'assigns'> {
    for (const token of assigns ? tokens : []) this.#expectVariable(token);
    return { variables: tokens.map((token) => token.text), assigns };
  }

  #command(context: string, piped: boolean): Command {
    const operands: Operand[] = [];
    while (!this.#atCommandEnd()) {
      const token = this.#peek();
      if (operands.length > 0 && !token.spaced && !isOpening(token)) throw this.#error(`unexpected ${describe(token)}`);
      operands.push(this.#operand());
    }
    const [operand, ...rest] = operands;
    if (operand === undefined) throw this.#error(`missing value for ${context}`);
    if (piped && operand.kind === 'literal') throw this.#error('non executable command in pipeline', operand.position);
    return { operand, arguments: rest };
  }

  #atCommandEnd(): boolean {
    const { kind, text } = this.#peek();
    return kind === 'close' || kind === 'end' || (kind === 'punctuation' && (text === '|' || text === ')'));
  }

  #operand(): Operand {
    const base = this.#term();
    const fields: string[] = [];
    while (this.#peek().kind === 'field' && !this.#peek().spaced) fields.push(this.#take().text);
    if (fields.length === 0) return base;
    if (base.kind === 'literal') throw this.#error('unexpected . after a constant', base.position);
    return base.kind === 'chain'
      ? { ...base, fields: [...base.fields, ...fields] }
      : { kind: 'chain', base, fields, position: base.position };
  }

  #term(): Operand {
    const token = this.#take();
    const { text, position } = token;
    switch (token.kind) {
      case 'field':
        return { kind: 'chain', base: { kind: 'dot', position }, fields: [text], position };
      case 'variable':
        this.#expectVariable(token);
        return { kind: 'variable', name: text, position };
      case 'identifier':
        this.#functions.push({ name: text, position });
        return { kind: 'function', name: text, position };
      case 'number':
        return { kind: 'literal', value: this.#number(token), position };
      case 'string':
        return { kind: 'literal', value: text, position };
      case 'keyword':
        if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', position };
        if (text === 'nil') return { kind: 'literal', value: null, position };
        break;
      case 'punctuation':
        if (text === '.') return { kind: 'dot', position };
        if (text === '(') return this.#parenthesised(position);
        break;
      default:
        break;
    }
    throw this.#error(`unexpected ${describe(token)}`, position);
  }

  #parenthesised(position: Position): Operand {
    const pipeline = this.#pipeline('parenthesized pipeline');
    if (!this.#acceptPunctuation(')')) throw this.#error('unclosed left paren', position);
    return { kind: 'pipeline', pipeline, position };
  }

  #number({ text, position }: Token): number {
    const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(text.replaceAll('_', '')) ?? [];
    const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
    const value = Number(octal);
    if (Number.isNaN(value)) throw this.#error(`bad number syntax: ${text}`, position);
    return sign === '-' ? -value : value;
  }

  #expectVariable({ text, position }: Token): void {
    if (!this.#variables.includes(text)) throw this.#error(`undefined variable ${JSON.stringify(text)}`, position);
  }

  #scoped<T>(parse: () => T): T {
    const outer = this.#variables;
    this.#variables = [...outer];
    const result = parse();
    this.#variables = outer;
    return result;
  }

  #nested<T>(parse: () => T): T {
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) throw this.#error(`nested more than ${MAX_NESTING} deep`);
    const result = parse();
    this.#nesting -= 1;
    return result;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', position: { line: 1, column: 1 }, spaced: false };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #acceptKeyword(text: string): boolean {
    return this.#accept('keyword', text);
  }

  #acceptPunctuation(text: string): boolean {
    return this.#accept('punctuation', text);
  }

  #accept(kind: TokenKind, text: string): boolean {
    const token = this.#peek();
    const found = token.kind === kind && token.text === text;
    if (found) this.#next += 1;
    return found;
  }

  #expect(kind: TokenKind, wanted: string): Token {
    const token = this.#peek();
    if (token.kind !== kind) throw this.#error(`unexpected ${describe(token)}, expected ${wanted}`);
    return this.#take();
  }

  #expectClose(context: string): void {
    const token = this.#peek();
    if (token.kind !== 'close') throw this.#error(`unexpected ${describe(token)} in ${context}`);
    this.#next += 1;
  }

  #unclosed(kind: string, position: Position): TemplateError {
    return this.#error(`{{${kind}}} without {{end}}`, position);
  }

  #error(reason: string, position = this.#peek().position): TemplateError {
    return new TemplateError(this.#name, position, reason);
  }
}

function isOpening(token: Token): boolean {
  return token.kind === 'punctuation' && token.text === '(';
}

function describe(token: Token): string {
  return token.kind === 'end'
    ? 'end of the template'
    : JSON.stringify(token.kind === 'field' ? `.${token.text}` : token.text);
}
