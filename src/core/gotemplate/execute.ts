import type { EpochMs } from '../../api/time.ts';
import { numbersBelow } from './arguments.ts';
import { Budget } from './budget.ts';
import { BUILTINS } from './builtins.ts';
import { printValue } from './format-value.ts';
import { SPRIG } from './sprig.ts';
import { dateFunctions } from './sprig-dates.ts';
import type { Branch, Command, Node, Operand, Pipeline, Template } from './syntax.ts';
import type { Position } from './template-error.ts';
import { Refusal, TemplateError } from './template-error.ts';
import type { TemplateFunction, TemplateValue } from './template-value.ts';
import { entryOf, HostObject, isList, isMap, isNil, isTrue, sortedKeys, typeOf } from './template-value.ts';

/** Templates that call templates. */
const MAX_CALL_DEPTH = 50;
/** Pipelines and bodies within one another, over all calls; it keeps the recursion within the stack. */
const MAX_NESTING = 500;

export interface ExecuteOptions {
  /** What `now` and `ago` mean. */
  readonly now: EpochMs;
  /** Functions besides the built-in ones, or instead of them. */
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
}

/**
 * The text that a template makes of `data`. Nothing in it reaches beyond the data and the given functions, and it ends
 * within a fixed number of steps.
 * @throws TemplateError with the place and the reason, e.g. an unknown function or a budget that is used up.
 */
export function execute(template: Template, data: TemplateValue, options: ExecuteOptions): string {
  const functions = new Map([
    ...BUILTINS,
    ...SPRIG,
    ...dateFunctions(options.now),
    ...Object.entries(options.functions ?? {}),
  ]);
  for (const { name, position } of template.functions) {
    if (!functions.has(name))
      throw new TemplateError(template.name, position, `function ${JSON.stringify(name)} not defined`);
  }
  return new Execution(template, functions).run(data);
}

interface Variable {
  readonly name: string;
  value: TemplateValue;
}

/** How a list of nodes ended. */
type Flow = 'done' | 'break' | 'continue';

class Execution {
  readonly #template: Template;
  readonly #functions: ReadonlyMap<string, TemplateFunction>;
  readonly #budget = new Budget();
  readonly #output: string[] = [];
  #variables: Variable[] = [];
  #depth = 0;
  #nesting = 0;

  constructor(template: Template, functions: ReadonlyMap<string, TemplateFunction>) {
    this.#template = template;
    this.#functions = functions;
  }

  run(data: TemplateValue): string {
    this.#variables = [{ name: '$', value: data }];
    this.#nodes(this.#template.body, data);
    return this.#output.join('');
  }

  #nodes(nodes: readonly Node[], dot: TemplateValue): Flow {
    for (const node of nodes) {
      const flow = this.#nested(node.position, () => this.#node(node, dot));
      if (flow !== 'done') return flow;
    }
    return 'done';
  }

  #nested<T>(position: Position, run: () => T): T {
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) throw this.#error(position, `nested more than ${MAX_NESTING} deep`);
    const result = run();
    this.#nesting -= 1;
    return result;
  }

  #node(node: Node, dot: TemplateValue): Flow {
    this.#at(node.position, () => this.#budget.spend());
    switch (node.kind) {
      case 'text':
        this.#write(node.text, node.position);
        return 'done';
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0)
          this.#write(
            this.#at(node.position, () => printValue(value)),
            node.position,
          );
        return 'done';
      }
      case 'if':
      case 'with':
      case 'range':
        return this.#scoped(() => this.#branch(node, dot));
      case 'template':
        this.#call(node, dot);
        return 'done';
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #write(text: string, position: Position): void {
    this.#at(position, () => this.#budget.write(text.length));
    this.#output.push(text);
  }

  #branch(node: Branch, dot: TemplateValue): Flow {
    if (node.kind === 'range') return this.#range(node, dot);
    const value = this.#pipeline(node.pipeline, dot);
    const inner = node.kind === 'with' ? value : dot;
    return isTrue(value) ? this.#nodes(node.body, inner) : this.#nodes(node.otherwise, dot);
  }

  #range(node: Branch, dot: TemplateValue): Flow {
    const value = this.#pipeline(node.pipeline, dot, false);
    const entries = this.#at(node.position, () => entriesOf(value));
    if (entries.length === 0) return this.#nodes(node.otherwise, dot);
    for (const [key, element] of entries) {
      this.#at(node.position, () => this.#budget.spend());
      const flow = this.#scoped(() => {
        this.#bindRange(node.pipeline, key, element);
        return this.#nodes(node.body, element);
      });
      if (flow === 'break') break;
    }
    return 'done';
  }

  #bindRange({ variables, assigns }: Pipeline, key: TemplateValue, element: TemplateValue): void {
    const [first, second] = variables;
    if (first === undefined) return;
    const values = second === undefined ? [element] : [key, element];
    variables.forEach((name, i) => this.#bind(name, values[i], assigns));
  }

  #call(node: Extract<Node, { kind: 'template' }>, dot: TemplateValue): void {
    const body = this.#template.definitions.get(node.name);
    if (body === undefined) throw this.#error(node.position, `template ${JSON.stringify(node.name)} not defined`);
    if (this.#depth >= MAX_CALL_DEPTH)
      throw this.#error(node.position, `templates call each other more than ${MAX_CALL_DEPTH} deep`);
    const data = node.pipeline === undefined ? undefined : this.#pipeline(node.pipeline, dot);
    const outer = this.#variables;
    this.#variables = [{ name: '$', value: data }];
    this.#depth += 1;
    this.#nodes(body, data);
    this.#depth -= 1;
    this.#variables = outer;
  }

  /** The value of the last command; binds the pipeline's variables unless told not to. */
  #pipeline(pipeline: Pipeline, dot: TemplateValue, binds = true): TemplateValue {
    let value: TemplateValue;
    pipeline.commands.forEach((command, i) => {
      value = this.#command(command, dot, i === 0 ? [] : [value]);
    });
    const [name] = pipeline.variables;
    if (binds && name !== undefined) this.#bind(name, value, pipeline.assigns);
    return value;
  }

  #bind(name: string, value: TemplateValue, assigns: boolean): void {
    const existing = assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined;
    if (existing === undefined) this.#variables.push({ name, value });
    else existing.value = value;
  }

  #command({ operand, arguments: args }: Command, dot: TemplateValue, piped: readonly TemplateValue[]): TemplateValue {
    const hasArguments = args.length + piped.length > 0;
    if (operand.kind === 'function') return this.#invoke(operand.name, operand.position, args, dot, piped);
    if (operand.kind === 'chain') {
      const values = [...args.map((argument) => this.#operand(argument, dot)), ...piped];
      return this.#chain(operand, dot, values);
    }
    if (hasArguments) throw this.#error(operand.position, `can't give argument to non-function`);
    return this.#operand(operand, dot);
  }

  #operand(operand: Operand, dot: TemplateValue): TemplateValue {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'literal':
        return operand.value;
      case 'function':
        return this.#invoke(operand.name, operand.position, [], dot, []);
      case 'variable':
        return this.#variables.findLast((variable) => variable.name === operand.name)?.value;
      case 'pipeline':
        return this.#nested(operand.position, () => this.#pipeline(operand.pipeline, dot));
      case 'chain':
        return this.#chain(operand, dot, []);
    }
  }

  /** Only the last field of a chain can take arguments, when it is a method. */
  #chain(
    chain: Extract<Operand, { kind: 'chain' }>,
    dot: TemplateValue,
    args: readonly TemplateValue[],
  ): TemplateValue {
    let value = this.#operand(chain.base, dot);
    chain.fields.forEach((field, i) => {
      value = this.#field(value, field, i === chain.fields.length - 1 ? args : [], chain.position);
    });
    return value;
  }

  #field(receiver: TemplateValue, name: string, args: readonly TemplateValue[], position: Position): TemplateValue {
    this.#at(position, () => this.#budget.spend());
    if (receiver instanceof HostObject) {
      const method = receiver.methods.get(name);
      if (method === undefined) throw this.#error(position, `can't evaluate field ${name} in type ${receiver.type}`);
      return this.#apply(name, method, args, position);
    }
    if (!isNil(receiver) && !isMap(receiver)) {
      throw this.#error(position, `can't evaluate field ${name} in type ${typeOf(receiver)}`);
    }
    if (args.length > 0) throw this.#error(position, `${name} is not a method but has arguments`);
    return isNil(receiver) ? undefined : entryOf(receiver, name);
  }

  #invoke(
    name: string,
    position: Position,
    args: readonly Operand[],
    dot: TemplateValue,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    const run = this.#functions.get(name);
    if (run === undefined) throw this.#error(position, `function ${JSON.stringify(name)} not defined`);
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, position, args, dot, piped);
    return this.#apply(name, run, [...args.map((argument) => this.#operand(argument, dot)), ...piped], position);
  }

  /** `and` and `or` stop at the first argument that decides. */
  #shortCircuit(
    name: 'and' | 'or',
    position: Position,
    args: readonly Operand[],
    dot: TemplateValue,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    if (args.length + piped.length === 0)
      throw this.#error(position, `wrong number of args for ${name}: want at least 1 got 0`);
    let value: TemplateValue;
    for (const argument of args) {
      value = this.#operand(argument, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length === 0 ? value : piped[0];
  }

  #apply(name: string, run: TemplateFunction, args: readonly TemplateValue[], position: Position): TemplateValue {
    try {
      const result = run(...args);
      this.#budget.charge(result);
      return result;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw this.#error(position, `error calling ${name}: ${error.message}`, error);
    }
  }

  #scoped<T>(run: () => T): T {
    const visible = this.#variables.length;
    const result = run();
    this.#variables.length = visible;
    return result;
  }

  /** Adds the place to a refusal. */
  #at<T>(position: Position, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw error instanceof Refusal ? this.#error(position, error.message, error) : error;
    }
  }

  #error(position: Position, reason: string, cause?: Error): TemplateError {
    return new TemplateError(this.#template.name, position, reason, cause === undefined ? undefined : { cause });
  }
}

/** Keys and elements that `range` visits: of a list, of a map by sorted key, or the numbers below an integer. */
function entriesOf(value: TemplateValue): readonly (readonly [TemplateValue, TemplateValue])[] {
  if (isNil(value)) return [];
  if (isList(value)) return value.map((element, i) => [i, element]);
  if (isMap(value)) return sortedKeys(value).map((key) => [key, entryOf(value, key)]);
  if (typeof value === 'number' && Number.isInteger(value))
    return numbersBelow(value).map((number) => [number, number]);
  throw new Refusal(`range can't iterate over ${typeOf(value)}`);
}
