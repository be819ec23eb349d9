import type { Node } from './ast.ts';
import { CelEvaluationError, noSuchOverload } from './cel-error.ts';
import { FUNCTIONS } from './functions.ts';
import { applyOperator, int64, isKey } from './operators.ts';
import { type CelKey, type CelValue, isCelList, isCelMap, isCelOptional, isNumeric } from './values.ts';

export type Bindings = ReadonlyMap<string, CelValue>;

/** @throws CelEvaluationError */
export function evaluate(node: Node, bindings: Bindings): CelValue {
  switch (node.type) {
    case 'literal':
      return node.value;
    case 'variable': {
      const value = bindings.get(node.name);
      if (value === undefined) throw new CelEvaluationError(`no such attribute(s): ${node.name}`);
      return value;
    }
    case 'select':
      return select(evaluate(node.operand, bindings), node.field, node.optional);
    case 'has':
      return hasField(evaluate(node.operand, bindings), node.field);
    case 'index':
      return index(evaluate(node.operand, bindings), evaluate(node.index, bindings));
    case 'unary':
      return negate(node.operator, evaluate(node.operand, bindings));
    case 'binary':
      if (node.operator === '&&') return connect(node.left, node.right, bindings, false);
      if (node.operator === '||') return connect(node.left, node.right, bindings, true);
      return applyOperator(node.operator, evaluate(node.left, bindings), evaluate(node.right, bindings));
    case 'conditional':
      return evaluate(truth(node.condition, bindings) ? node.whenTrue : node.whenFalse, bindings);
    case 'list':
      return node.items.map((item) => evaluate(item, bindings));
    case 'map':
      return new Map(node.entries.map(([key, value]) => [asKey(evaluate(key, bindings)), evaluate(value, bindings)]));
    case 'call': {
      const args = node.args.map((arg) => evaluate(arg, bindings));
      const known = FUNCTIONS[node.name];
      if (known === undefined) throw noSuchOverload();
      return known.call(args);
    }
    case 'comprehension':
      return comprehend(node, bindings);
  }
}

function truth(node: Node, bindings: Bindings): boolean {
  const value = evaluate(node, bindings);
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
}

/**
 * `&&` and `||`: one operand that decides is enough, even when the other fails.
 *
 * @param decisive the value of an operand that settles the result.
 */
function connect(left: Node, right: Node, bindings: Bindings, decisive: boolean): boolean {
  return decide([left, right], (operand) => truth(operand, bindings), decisive);
}

/** `decisive` if any item tests so, else the first error, else the opposite. */
function decide<T>(items: readonly T[], test: (item: T) => boolean, decisive: boolean): boolean {
  let failure: CelEvaluationError | undefined;
  for (const item of items) {
    try {
      if (test(item) === decisive) return decisive;
    } catch (error) {
      if (!(error instanceof CelEvaluationError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return !decisive;
}

function asKey(value: CelValue): CelKey {
  if (!isKey(value)) throw new CelEvaluationError('unsupported key type');
  return value;
}

/** How Kubernetes spells fields in CEL whose names are not CEL identifiers. */
function unescapeField(field: string): string {
  return field
    .replaceAll('__dot__', '.')
    .replaceAll('__dash__', '-')
    .replaceAll('__slash__', '/')
    .replaceAll('__underscores__', '__')
    .replace(/^__([a-z]+)__$/, '$1');
}

function fieldOf(operand: CelValue, field: string): CelValue | undefined {
  if (!isCelMap(operand)) throw noSuchOverload();
  return operand.get(operand.has(field) ? field : unescapeField(field));
}

function select(operand: CelValue, field: string, optional: boolean): CelValue {
  if (isCelOptional(operand)) {
    return { optional: true, value: operand.value === undefined ? undefined : fieldOf(operand.value, field) };
  }
  const value = fieldOf(operand, field);
  if (optional) return { optional: true, value };
  if (value === undefined) throw new CelEvaluationError(`no such key: ${field}`);
  return value;
}

function hasField(operand: CelValue, field: string): boolean {
  const target = isCelOptional(operand) ? operand.value : operand;
  return target !== undefined && fieldOf(target, field) !== undefined;
}

function index(operand: CelValue, key: CelValue): CelValue {
  if (isCelMap(operand)) {
    const value = operand.get(asKey(key));
    if (value === undefined) throw new CelEvaluationError(`no such key: ${asKey(key)}`);
    return value;
  }
  if (!isCelList(operand) || !isNumeric(key)) throw noSuchOverload();
  const value = operand[Number(key)];
  if (value === undefined) throw new CelEvaluationError(`index out of bounds: ${key}`);
  return value;
}

function negate(operator: '!' | '-', value: CelValue): CelValue {
  if (operator === '!' && typeof value === 'boolean') return !value;
  if (operator === '-' && typeof value === 'bigint') return int64(-value);
  if (operator === '-' && typeof value === 'number') return -value;
  throw noSuchOverload();
}

function comprehend(node: Node & { readonly type: 'comprehension' }, bindings: Bindings): CelValue {
  const range = evaluate(node.range, bindings);
  const withItem = (item: CelValue): Bindings => new Map([...bindings, [node.variable, item]]);
  const test = (item: CelValue): boolean => truth(node.body, withItem(item));
  if (node.macro === 'optMap') {
    if (!isCelOptional(range)) throw noSuchOverload();
    return {
      optional: true,
      value: range.value === undefined ? undefined : evaluate(node.body, withItem(range.value)),
    };
  }
  const items = isCelMap(range) ? [...range.keys()] : range;
  if (!isCelList(items)) throw noSuchOverload();
  const { condition } = node;
  switch (node.macro) {
    case 'all':
      return decide(items, test, false);
    case 'exists':
      return decide(items, test, true);
    case 'exists_one':
      return items.filter(test).length === 1;
    case 'filter':
      return items.filter(test);
    case 'map':
      return items
        .filter((item) => condition === undefined || truth(condition, withItem(item)))
        .map((item) => evaluate(node.body, withItem(item)));
  }
}
