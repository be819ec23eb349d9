import type { PredicateName } from './ast.ts';
import type { Budget } from './limits.ts';
import { Fault } from './limits.ts';
import { add } from './operations.ts';
import { sorted, sortOrder } from './sorting.ts';
import { goTypeOf } from './type-of.ts';
import type { ExprList, ExprMap, ExprValue } from './values.ts';
import { AnyKeyMap, GoDuration, GoEnum, GoTime, isList, isMap } from './values.ts';

/** Computes the predicate for one item; `accumulator` is there for `reduce` alone. */
type Visit = (item: ExprValue, index: number, accumulator?: ExprValue) => ExprValue;

export type PredicateCall = {
  readonly name: PredicateName;
  readonly list: ExprList;
  readonly visit: Visit;
  /** The order of `sortBy` or the first accumulator of `reduce`. */
  readonly extra: ExprValue | undefined;
  readonly budget: Budget;
};

/** Runs one of the built-ins that take a predicate. */
export function runPredicate({ name, list, visit, extra, budget }: PredicateCall): ExprValue {
  const test: Visit = (item, index) => truth(visit(item, index));
  const holds = (item: ExprValue, index: number): boolean => test(item, index) === true;
  switch (name) {
    case 'all':
      return list.every(holds);
    case 'none':
      return !list.some(holds);
    case 'any':
      return list.some(holds);
    case 'one':
      return list.filter(holds).length === 1;
    case 'count':
      return BigInt(list.filter(holds).length);
    case 'find':
      return list.find(holds) ?? null;
    case 'findLast':
      return list.findLast(holds) ?? null;
    case 'findIndex':
      return indexOrNil(list.findIndex(holds));
    case 'findLastIndex':
      return indexOrNil(list.findLastIndex(holds));
    case 'filter':
      return kept(list.filter(holds), budget);
    case 'map':
      return kept(
        list.map((item, index) => visit(item, index)),
        budget,
      );
    case 'sum':
      return list.reduce<ExprValue>((total, item, index) => add(visit(item, index), total, budget), 0n);
    case 'groupBy':
      return groupBy(list, visit, budget);
    case 'sortBy':
      return sortBy(list, visit, extra, budget);
    case 'reduce':
      return reduce(list, visit, extra);
  }
}

/** Unlike most languages, expr has nil rather than -1 for `not found`. */
const indexOrNil = (index: number): bigint | null => (index < 0 ? null : BigInt(index));

function truth(value: ExprValue): boolean {
  if (typeof value === 'boolean') return value;
  throw new Fault(`predicate should return boolean (got ${goTypeOf(value)})`);
}

function kept(list: ExprList, budget: Budget): ExprList {
  budget.allocate(list.length);
  return list;
}

function groupBy(list: ExprList, visit: Visit, budget: Budget): ExprMap {
  budget.allocate(list.length);
  const groups = new Map<ExprValue, { readonly key: ExprValue; readonly items: ExprValue[] }>();
  list.forEach((item, index) => {
    const key = visit(item, index);
    const identity = keyIdentity(key);
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, { key, items: [item] });
    else group.items.push(item);
  });
  return new AnyKeyMap([...groups.values()].map(({ key, items }) => [key, items]));
}

/** What makes two keys the same group: times and durations group by value though they are objects here. */
function keyIdentity(key: ExprValue): ExprValue {
  if (isList(key) || isMap(key) || key instanceof Uint8Array) {
    throw new Fault(`cannot use ${goTypeOf(key)} as a key for groupBy: type is not comparable`);
  }
  if (key instanceof GoTime) return `time ${key.nanoseconds} ${key.location.offsetSeconds}`;
  if (key instanceof GoDuration) return `duration ${key.nanoseconds}`;
  if (key instanceof GoEnum) return `${key.type} ${key.value}`;
  return typeof key === 'string' ? `string ${key}` : key;
}

function sortBy(list: ExprList, visit: Visit, order: ExprValue | undefined, budget: Budget): ExprList {
  const descending = sortOrder('sortBy', order);
  const keyed = list.map((item, index) => ({ item, key: visit(item, index) }));
  return sorted(keyed, ({ key }) => key, descending, budget).map(({ item }) => item);
}

function reduce(list: ExprList, visit: Visit, initial: ExprValue | undefined): ExprValue {
  const [first] = list;
  if (initial === undefined && first === undefined) throw new Fault('reduce of empty array with no initial value');
  let accumulator = initial === undefined ? (first ?? null) : initial;
  list.forEach((item, index) => {
    if (initial !== undefined || index > 0) accumulator = visit(item, index, accumulator);
  });
  return accumulator;
}
