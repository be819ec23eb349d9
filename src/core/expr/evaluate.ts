import type { EpochMs } from '../../api/time.ts';
import { fetch, slice } from './access.ts';
import type { BinaryNode, ConditionalNode, LetNode, MapEntry, MemberNode, Node, PredicateNode } from './ast.ts';
import { callBuiltin, isBuiltinName } from './builtins/index.ts';
import { ExprError } from './expr-error.ts';
import { Budget, Fault, MAX_MATCH_INPUT } from './limits.ts';
import { add, contains, divide, equal, modulo, multiply, negate, ordered, power, subtract } from './operations.ts';
import { runPredicate } from './predicates.ts';
import type { GoRegExp } from './regexp/go-regexp.ts';
import { compileRegExp } from './regexp/go-regexp.ts';
import { goTypeOf } from './type-of.ts';
import { decodeUtf8 } from './utf8.ts';
import type { Environment, ExprValue } from './values.ts';
import { floatToInt, HostFunction, isList } from './values.ts';

type Scope = { readonly item: ExprValue; readonly index: number; readonly accumulator: ExprValue | undefined };

type Run = {
  readonly environment: Environment;
  readonly now: EpochMs | undefined;
  readonly budget: Budget;
  readonly variables: { readonly name: string; readonly value: ExprValue }[];
  readonly patterns: Map<string, GoRegExp>;
  scope: Scope | undefined;
  /** The place of the operation under way: where a Fault happened. */
  at: number;
};

/** What an optional access on nil yields, up to the chain that contains it. */
const BROKEN_CHAIN = Symbol('broken chain');

/** Computes a syntax tree that has passed the checker. Throws ExprError. */
export function evaluateTree(
  root: Node,
  source: string,
  environment: Environment,
  now: EpochMs | undefined,
): ExprValue {
  const run: Run = {
    environment,
    now,
    budget: new Budget(),
    variables: [],
    patterns: new Map(),
    scope: undefined,
    at: root.at,
  };
  try {
    return evaluate(run, root);
  } catch (error) {
    if (error instanceof Fault) throw new ExprError(error.message, source, run.at);
    throw error;
  }
}

function evaluate(run: Run, node: Node): ExprValue {
  const value = evaluateLink(run, node);
  return value === BROKEN_CHAIN ? null : value;
}

/** Like {@link evaluate}, but lets a broken chain through to the chain node. */
function evaluateLink(run: Run, node: Node): ExprValue | typeof BROKEN_CHAIN {
  run.at = node.at;
  run.budget.step();
  switch (node.kind) {
    case 'nil':
      return null;
    case 'bool':
    case 'int':
    case 'float':
    case 'string':
    case 'bytes':
      return node.value;
    case 'identifier':
      return lookUp(run, node.name);
    case 'pointer':
      return pointer(run, node.name);
    case 'unary':
      return unary(run, node.operator, node.operand, node);
    case 'binary':
      return binary(run, node);
    case 'comparison':
      return comparison(run, node);
    case 'conditional':
      return conditional(run, node);
    case 'member':
      return member(run, node);
    case 'chain':
      return evaluate(run, node.inner);
    case 'slice': {
      const object = evaluate(run, node.object);
      const to = node.to && evaluate(run, node.to);
      const from = node.from && evaluate(run, node.from);
      run.at = node.at;
      return slice(object, from, to, run.budget);
    }
    case 'call':
      return call(run, node.callee, node.args, node);
    case 'builtin':
      return builtin(run, node.name, node.args, node);
    case 'predicate':
      return predicate(run, node);
    case 'let':
      return bind(run, node);
    case 'sequence':
      return node.nodes.reduce<ExprValue>((_, statement) => evaluate(run, statement), null);
    case 'array':
      run.budget.allocate(node.items.length);
      return node.items.map((item) => evaluate(run, item));
    case 'map':
      return mapLiteral(run, node.entries);
  }
}

function mapLiteral(run: Run, entries: readonly MapEntry[]): ExprValue {
  run.budget.allocate(entries.length);
  const map = new Map<ExprValue, ExprValue>();
  for (const entry of entries) {
    const key = mapKey(run, entry.key);
    const value = evaluate(run, entry.value);
    // expr fills a map from the last entry to the first, so of equal keys the first one stays.
    if (!map.has(key)) map.set(key, value);
  }
  return map;
}

function mapKey(run: Run, node: Node): ExprValue {
  const key = evaluate(run, node);
  if (typeof key === 'string') return key;
  throw new Fault(`map key must be a string (got ${goTypeOf(key)})`);
}

function lookUp(run: Run, name: string): ExprValue {
  const variable = run.variables.findLast((candidate) => candidate.name === name);
  if (variable !== undefined) return variable.value;
  if (name === '$env') return new Map(Object.entries(run.environment));
  return Object.hasOwn(run.environment, name) ? (run.environment[name] ?? null) : null;
}

function pointer({ scope }: Run, name: string): ExprValue {
  if (name === 'index') return BigInt(scope?.index ?? 0);
  if (name === 'acc') return scope?.accumulator ?? null;
  return scope?.item ?? null;
}

function unary(run: Run, operator: string, operand: Node, node: Node): ExprValue {
  const value = evaluate(run, operand);
  run.at = node.at;
  if (operator === '-') return negate(value);
  if (operator === '+') return value;
  return !boolean(value, operator);
}

function boolean(value: ExprValue, role: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Fault(`invalid operation: ${role} needs a bool, but got ${goTypeOf(value)}`);
}

/** Walks down the left operands in a loop, so that a long `a or b or c …` needs no deep recursion. */
function binary(run: Run, node: BinaryNode): ExprValue {
  const spine: BinaryNode[] = [];
  let leftmost: Node = node;
  while (leftmost.kind === 'binary') {
    spine.push(leftmost);
    leftmost = leftmost.left;
  }
  return spine.reduceRight<ExprValue>((left, parent) => applyBinary(run, parent, left), evaluate(run, leftmost));
}

function applyBinary(run: Run, node: BinaryNode, left: ExprValue): ExprValue {
  run.budget.step();
  run.at = node.at;
  switch (node.operator) {
    // As in Go's virtual machine, the right operand of `or` and `and` is the result, whatever its type turns out to be.
    case 'or':
    case '||':
      return boolean(left, node.operator) ? true : evaluateRight(run, node);
    case 'and':
    case '&&':
      return boolean(left, node.operator) ? evaluateRight(run, node) : false;
    case '??':
      return left ?? evaluate(run, node.right);
    default:
      return combine(run, node, left, evaluateRight(run, node));
  }
}

function evaluateRight(run: Run, node: BinaryNode): ExprValue {
  const right = evaluate(run, node.right);
  run.at = node.at;
  return right;
}

function combine(run: Run, { operator }: BinaryNode, left: ExprValue, right: ExprValue): ExprValue {
  switch (operator) {
    case '==':
      return equal(left, right, run.budget);
    case '!=':
      return !equal(left, right, run.budget);
    case '+':
      return add(left, right, run.budget);
    case '-':
      return subtract(left, right);
    case '*':
      return multiply(left, right);
    case '/':
      return divide(left, right);
    case '%':
      return modulo(left, right);
    case '**':
    case '^':
      return power(left, right);
    case 'in':
      return contains(right, left, run.budget);
    case '..':
      return range(run, left, right);
    case 'matches':
      return matches(run, left, right);
    case 'contains':
      return ofTexts(run, operator, left, right, (a, b) => a.includes(b));
    case 'startsWith':
      return ofTexts(run, operator, left, right, (a, b) => a.startsWith(b));
    case 'endsWith':
      return ofTexts(run, operator, left, right, (a, b) => a.endsWith(b));
    default:
      throw new Fault(`unknown operator ${operator}`);
  }
}

function range(run: Run, left: ExprValue, right: ExprValue): ExprValue {
  const from = rangeEnd(left);
  const to = rangeEnd(right);
  if (to < from) return [];
  run.budget.allocate(Number(to - from) + 1);
  return Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
}

function rangeEnd(value: ExprValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return floatToInt(value);
  throw new Fault(`invalid operation: int(${goTypeOf(value)})`);
}

/** The text operators: false when either side is nil. */
function ofTexts(
  run: Run,
  operator: string,
  left: ExprValue,
  right: ExprValue,
  test: (left: string, right: string) => boolean,
): boolean {
  if (left === null || right === null) return false;
  if (typeof left !== 'string' || typeof right !== 'string') {
    throw new Fault(`invalid operation: ${goTypeOf(left)} ${operator} ${goTypeOf(right)}`);
  }
  run.budget.read(left);
  return test(left, right);
}

function matches(run: Run, left: ExprValue, right: ExprValue): boolean {
  const text = left instanceof Uint8Array ? decodeUtf8(left) : left;
  return ofTexts(run, 'matches', text, right, (subject, pattern) => {
    if (subject.length > MAX_MATCH_INPUT) throw new Fault(`matches takes at most ${MAX_MATCH_INPUT} characters`);
    const compiled = run.patterns.get(pattern) ?? compileRegExp(pattern);
    run.patterns.set(pattern, compiled);
    return compiled.test(subject, (steps) => {
      run.budget.step(steps);
    });
  });
}

function comparison(run: Run, node: Node & { readonly kind: 'comparison' }): boolean {
  let left = evaluate(run, node.first);
  for (const link of node.links) {
    const right = evaluate(run, link.operand);
    run.at = link.at;
    if (typeof left === 'string') run.budget.read(left);
    if (!ordered(link.operator, left, right)) return false;
    left = right;
  }
  return true;
}

function conditional(run: Run, node: ConditionalNode): ExprValue {
  const condition = evaluate(run, node.condition);
  run.at = node.at;
  if (!boolean(condition, '?:')) return evaluate(run, node.alternative);
  return node.consequence === undefined ? condition : evaluate(run, node.consequence);
}

function member(run: Run, node: MemberNode): ExprValue | typeof BROKEN_CHAIN {
  const object = evaluateLink(run, node.object);
  if (object === BROKEN_CHAIN || (object === null && node.optional)) return BROKEN_CHAIN;
  const key = evaluate(run, node.property);
  run.at = node.at;
  return fetch(object, key, run.budget);
}

function call(run: Run, callee: Node, args: readonly Node[], node: Node): ExprValue | typeof BROKEN_CHAIN {
  const target = evaluateLink(run, callee);
  if (target === BROKEN_CHAIN) return BROKEN_CHAIN;
  const values = args.map((arg) => evaluate(run, arg));
  run.at = node.at;
  if (!(target instanceof HostFunction)) {
    throw new Fault(`invalid operation: cannot call non-function of type ${goTypeOf(target)}`);
  }
  return callHost(target, values);
}

function callHost({ name, params, call }: HostFunction, values: readonly ExprValue[]): ExprValue {
  if (values.length !== params.length) {
    throw new Fault(`invalid number of arguments to ${name}: expected ${params.length}, got ${values.length}`);
  }
  // Go writes an int literal as a float where a float parameter asks for one.
  const converted = values.map((value, index) =>
    params[index]?.kind === 'float' && typeof value === 'bigint' ? Number(value) : value,
  );
  try {
    return call(converted);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault(error instanceof Error ? error.message : `${name} failed`);
  }
}

function builtin(run: Run, name: string, args: readonly Node[], node: Node): ExprValue {
  const values = args.map((arg) => evaluate(run, arg));
  run.at = node.at;
  if (!isBuiltinName(name)) throw new Fault(`unknown function ${name}`);
  return callBuiltin(name, values, { budget: run.budget, now: run.now });
}

function predicate(run: Run, node: PredicateNode): ExprValue {
  const list = evaluate(run, node.list);
  const extra = node.extra && evaluate(run, node.extra);
  run.at = node.at;
  if (!isList(list)) throw new Fault(`builtin ${node.name} takes only array (got ${goTypeOf(list)})`);
  const outer = run.scope;
  const { body } = node;
  const result = runPredicate({
    name: node.name,
    list,
    extra,
    budget: run.budget,
    visit: (item, index, accumulator) => {
      run.scope = { item, index, accumulator };
      const value = body === undefined ? item : evaluate(run, body);
      run.at = node.at;
      return value;
    },
  });
  run.scope = outer;
  return result;
}

function bind(run: Run, node: LetNode): ExprValue {
  const value = evaluate(run, node.value);
  run.variables.push({ name: node.name, value });
  const result = evaluate(run, node.body);
  run.variables.pop();
  return result;
}
