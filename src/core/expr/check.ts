import type { BinaryNode, ConditionalNode, LetNode, MemberNode, Node, PredicateNode } from './ast.ts';
import { isPredicateName } from './ast.ts';
import { resultOf } from './binary-types.ts';
import { builtinOf, isBuiltinName } from './builtins/index.ts';
import { ExprError } from './expr-error.ts';
import { Fault, MAX_DEPTH } from './limits.ts';
import { POINTERS, predicateResult, TESTS } from './predicate-types.ts';
import { compileRegExp } from './regexp/go-regexp.ts';
import { methodType } from './time-methods.ts';
import type { StaticType } from './types.ts';
import {
  BOOL,
  BYTES,
  FLOAT,
  goName,
  INT,
  isAssignable,
  isBool,
  isComparable,
  isDuration,
  isInteger,
  isNumber,
  isString,
  isTime,
  isUnknown,
  LIST,
  listOf,
  MAP,
  mayBoth,
  NIL,
  STRING,
  UNKNOWN,
} from './types.ts';

/** The names that an expression may use, with what is known of them. */
export type Names = ReadonlyMap<string, StaticType>;

/**
 * Checks a tree as expr's compiler does: unknown names, numbers of arguments, and operations that no value of the
 * known types allows. `names` undefined means that any name may exist, of any type. Returns the type of the whole.
 * Throws ExprError.
 */
export function checkTree(root: Node, source: string, names: Names | undefined): StaticType {
  return new Checker(source, names).visit(root);
}

type Scope = { readonly item: StaticType; readonly pointers: ReadonlyMap<string, StaticType> };

class Checker {
  readonly #source: string;
  readonly #names: Names | undefined;
  readonly #variables: { readonly name: string; readonly type: StaticType }[] = [];
  readonly #scopes: Scope[] = [];
  #depth = 0;

  constructor(source: string, names: Names | undefined) {
    this.#source = source;
    this.#names = names;
  }

  /**
   * The type of a node. Also holds the depth of the tree to its bound for every later walk: chains of members, pipes
   * and comparisons deepen it without nesting in the source.
   */
  visit(node: Node): StaticType {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#fail(`expression is nested deeper than ${MAX_DEPTH} levels`, node.at);
    const type = this.#typeOf(node);
    this.#depth -= 1;
    return type;
  }

  #typeOf(node: Node): StaticType {
    switch (node.kind) {
      case 'nil':
        return NIL;
      case 'bool':
        return BOOL;
      case 'int':
        return INT;
      case 'float':
        return FLOAT;
      case 'string':
        return STRING;
      case 'bytes':
        return BYTES;
      case 'identifier':
        return this.#identifier(node.name, node.at);
      case 'pointer':
        return this.#pointer(node.name, node.at);
      case 'unary':
        return this.#unary(node);
      case 'binary':
        return this.#binary(node);
      case 'comparison':
        return this.#comparison(node);
      case 'conditional':
        return this.#conditional(node);
      case 'member':
        return this.#member(node);
      case 'chain':
        return this.visit(node.inner);
      case 'slice':
        return this.#slice(node);
      case 'call':
        return this.#call(node);
      case 'builtin':
        return this.#builtin(node);
      case 'predicate':
        return this.#predicate(node);
      case 'let':
        return this.#let(node);
      case 'sequence':
        return node.nodes.reduce((_, statement) => this.visit(statement), NIL);
      case 'array':
        return this.#array(node.items.map((item) => this.visit(item)));
      case 'map':
        for (const { key, value } of node.entries) {
          this.visit(key);
          this.visit(value);
        }
        return MAP;
    }
  }

  #fail(reason: string, at: number): never {
    throw new ExprError(reason, this.#source, at);
  }

  #identifier(name: string, at: number): StaticType {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable !== undefined) return variable.type;
    return name === '$env' ? UNKNOWN : this.#named(name, at);
  }

  #named(name: string, at: number): StaticType {
    const type = this.#names?.get(name);
    if (type !== undefined) return type;
    if (this.#names === undefined) return UNKNOWN;
    return this.#fail(`unknown name ${name}`, at);
  }

  #pointer(name: string, at: number): StaticType {
    const scope = this.#scopes.at(-1);
    const type = name === '' ? scope?.item : scope?.pointers.get(name);
    return type ?? this.#fail(`unknown pointer #${name}`, at);
  }

  #unary({ operator, operand, at }: Node & { readonly kind: 'unary' }): StaticType {
    const type = this.visit(operand);
    const logical = operator === 'not' || operator === '!';
    if (logical ? isBool(type) : isNumber(type)) return type;
    if (isUnknown(type)) return logical ? BOOL : UNKNOWN;
    return this.#fail(`invalid operation: ${operator} (mismatched type ${goName(type)})`, at);
  }

  /** Goes down the left operands in a loop, like the evaluator. */
  #binary(node: BinaryNode): StaticType {
    const spine: BinaryNode[] = [];
    let leftmost: Node = node;
    while (leftmost.kind === 'binary') {
      spine.push(leftmost);
      leftmost = leftmost.left;
    }
    return spine.reduceRight((left, parent) => this.#operation(parent, left), this.visit(leftmost));
  }

  #operation(node: BinaryNode, left: StaticType): StaticType {
    const right = this.visit(node.right);
    if (node.operator === 'matches') this.#pattern(node.right, node.at);
    if (node.operator === 'in') this.#membership(left, right, node.at);
    const result = resultOf(node.operator, left, right);
    return result ?? this.#mismatch(node.operator, left, right, node.at);
  }

  #mismatch(operator: string, left: StaticType, right: StaticType, at: number): never {
    const types = `mismatched types ${goName(left)} and ${goName(right)}`;
    return this.#fail(`invalid operation: ${operator} (${types})`, at);
  }

  #pattern(node: Node, at: number): void {
    if (node.kind !== 'string') return;
    try {
      compileRegExp(node.value);
    } catch (error) {
      if (error instanceof Fault) this.#fail(error.message, at);
      throw error;
    }
  }

  #membership(needle: StaticType, container: StaticType, at: number): void {
    if (container.kind === 'map' && !isUnknown(needle) && needle.kind !== 'nil' && container.key === 'string') {
      if (!isString(needle)) this.#fail(`cannot use ${goName(needle)} as type string in map key`, at);
    }
    if (container.kind === 'list' && !isComparable(needle, container.item)) {
      this.#fail(`cannot use ${goName(needle)} as type ${goName(container.item)} in array`, at);
    }
  }

  #comparison({ first, links }: Node & { readonly kind: 'comparison' }): StaticType {
    links.reduce((left, { operator, operand, at }) => {
      const right = this.visit(operand);
      const both = (test: (type: StaticType) => boolean) => test(left) && test(right);
      const allowed = ORDERED.some(both) || mayBoth(left, right, ...ORDERED);
      return allowed ? right : this.#mismatch(operator, left, right, at);
    }, this.visit(first));
    return BOOL;
  }

  #conditional({ condition, consequence, alternative }: ConditionalNode): StaticType {
    const type = this.visit(condition);
    if (!isBool(type) && !isUnknown(type)) {
      this.#fail(`non-bool expression (type ${goName(type)}) used as condition`, condition.at);
    }
    const [a, b] = [consequence === undefined ? type : this.visit(consequence), this.visit(alternative)];
    if (a.kind === 'nil') return b;
    if (b.kind === 'nil') return a;
    if (a.kind === 'list' && b.kind === 'list') return goName(a) === goName(b) ? a : LIST;
    return isAssignable(a, b) && !isUnknown(b) ? a : UNKNOWN;
  }

  #member(node: MemberNode): StaticType {
    const { object, property, at } = node;
    const name = property.kind === 'string' ? property.value : undefined;
    if (object.kind === 'identifier' && object.name === '$env') return this.#environmentMember(node, name);
    const type = this.visit(object);
    const key = this.visit(property);
    if (isUnknown(type)) return UNKNOWN;
    const method = name === undefined ? undefined : methodType(type, name);
    if (method !== undefined) return method;
    if (type.kind === 'map') {
      if (type.key === 'string' && !isString(key) && !isUnknown(key)) {
        this.#fail(`cannot use ${goName(key)} to get an element from ${goName(type)}`, property.at);
      }
      return type.item;
    }
    if (type.kind === 'list') {
      if (isInteger(key) || isUnknown(key)) return type.item;
      return this.#fail(`array elements can only be selected using an integer (got ${goName(key)})`, property.at);
    }
    const shown = type.kind === 'nil' ? 'nil' : goName(type);
    return this.#fail(
      name === undefined ? `type ${shown}[${goName(key)}] is undefined` : `type ${shown} has no field ${name}`,
      at,
    );
  }

  #environmentMember({ property, optional, at }: MemberNode, name: string | undefined): StaticType {
    if (name === undefined) {
      this.visit(property);
      return UNKNOWN;
    }
    return optional ? (this.#names?.get(name) ?? UNKNOWN) : this.#named(name, at);
  }

  #slice({ object, from, to, at }: Node & { readonly kind: 'slice' }): StaticType {
    const type = this.visit(object);
    if (type.kind !== 'string' && type.kind !== 'list' && !isUnknown(type)) {
      this.#fail(`cannot slice ${goName(type)}`, at);
    }
    for (const bound of [from, to]) {
      if (bound === undefined) continue;
      const index = this.visit(bound);
      if (!isInteger(index) && !isUnknown(index)) {
        this.#fail(`non-integer slice index ${goName(index)}`, bound.at);
      }
    }
    return type;
  }

  #call({ callee, args, at }: Node & { readonly kind: 'call' }): StaticType {
    const type = this.visit(callee);
    const given = args.map((arg) => this.visit(arg));
    if (isUnknown(type)) return UNKNOWN;
    if (type.kind !== 'function') return this.#fail(`${goName(type)} is not callable`, at);
    const name = nameOfCallee(callee);
    this.#count(name, given.length, type.params.length, type.params.length, at);
    type.params.forEach((wanted, index) => {
      const [actual = NIL, node = callee] = [given[index], args[index]];
      const fits = isUnknown(actual) || isAssignable(actual, wanted) || (isNumber(actual) && isNumber(wanted));
      if (!fits) this.#wrongArgument(name, actual, goName(wanted), node.at);
    });
    return type.result;
  }

  #builtin({ name, args, at }: Node & { readonly kind: 'builtin' }): StaticType {
    const given = args.map((arg) => this.visit(arg));
    if (!isBuiltinName(name)) return this.#fail(`unknown name ${name}`, at);
    const { params, required, variadic, result } = builtinOf(name);
    this.#count(name, given.length, required, variadic === true ? Infinity : params.length, at);
    given.forEach((type, index) => {
      const parameter = params[Math.min(index, params.length - 1)];
      if (parameter === undefined || isUnknown(type) || parameter.accepts(type)) return;
      this.#wrongArgument(name, type, parameter.label, args[index]?.at ?? at);
    });
    return typeof result === 'function' ? result(given) : result;
  }

  #count(name: string, given: number, least: number, most: number, at: number): void {
    if (given < least) this.#fail(`not enough arguments to call ${name}`, at);
    if (given > most) this.#fail(`too many arguments to call ${name}`, at);
  }

  #wrongArgument(name: string, type: StaticType, wanted: string, at: number): never {
    const shown = type.kind === 'nil' ? 'nil' : goName(type);
    return this.#fail(`cannot use ${shown} as argument (type ${wanted}) to call ${name}`, at);
  }

  #predicate(node: PredicateNode): StaticType {
    const list = this.visit(node.list);
    if (list.kind !== 'list' && !isUnknown(list)) {
      this.#fail(`builtin ${node.name} takes only array (got ${goName(list)})`, node.list.at);
    }
    const item = list.kind === 'list' ? list.item : UNKNOWN;
    const body = this.#body(node, item);
    const extra = node.extra && this.visit(node.extra);
    if (node.name === 'sortBy' && extra !== undefined && !isString(extra) && !isUnknown(extra)) {
      this.#fail(`sortBy order argument must be a string (got ${goName(extra)})`, node.extra?.at ?? node.at);
    }
    return predicateResult(node, { list, item, body });
  }

  #body(node: PredicateNode, item: StaticType): StaticType {
    if (node.body === undefined) return item;
    this.#scopes.push({ item, pointers: POINTERS.get(node.name) ?? new Map() });
    const body = this.visit(node.body);
    this.#scopes.pop();
    if (TESTS.has(node.name) && !isBool(body) && !isUnknown(body)) {
      this.#fail(`predicate should return boolean (got ${goName(body)})`, node.body.at);
    }
    return body;
  }

  #let({ name, value, body, at }: LetNode): StaticType {
    const taken =
      this.#names?.has(name) === true ||
      isBuiltinName(name) ||
      isPredicateName(name) ||
      this.#variables.some((variable) => variable.name === name);
    if (taken) this.#fail(`cannot redeclare ${name}`, at);
    this.#variables.push({ name, type: this.visit(value) });
    const type = this.visit(body);
    this.#variables.pop();
    return type;
  }

  #array(types: readonly StaticType[]): StaticType {
    const [first] = types;
    return first !== undefined && types.every(({ kind }) => kind === first.kind) ? listOf(first) : LIST;
  }
}

const ORDERED = [isNumber, isString, isTime, isDuration] as const;

function nameOfCallee(callee: Node): string {
  if (callee.kind === 'identifier') return callee.name;
  return callee.kind === 'member' && callee.property.kind === 'string' ? callee.property.value : 'function';
}
