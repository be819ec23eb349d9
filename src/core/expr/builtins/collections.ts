import { get } from '../access.ts';
import { Fault, MAX_DEPTH } from '../limits.ts';
import { equal } from '../operations.ts';
import { sorted, sortOrder } from '../sorting.ts';
import { goTypeOf, typeOf } from '../type-of.ts';
import type { StaticType } from '../types.ts';
import { INT, LIST, mapOf, UNKNOWN } from '../types.ts';
import { runeCount } from '../utf8.ts';
import type { ExprList, ExprValue } from '../values.ts';
import { AnyKeyMap, isList, isMap } from '../values.ts';
import type { Arguments, Builtin } from './builtin.ts';
import { ANYTHING, ARRAY, INDEXABLE, INTEGER, MAPPING, SIZED, TEXT } from './builtin.ts';

const itemOf = ([type]: readonly StaticType[]): StaticType =>
  type?.kind === 'list' || type?.kind === 'map' ? type.item : UNKNOWN;

/** Items of a list, entries of a map, or characters (not bytes) of a string. */
function len(args: Arguments): bigint {
  const value = args.value(0);
  if (typeof value === 'string') return BigInt(runeCount(args.text(0)));
  if (isMap(value)) return BigInt(value.size);
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length);
  throw new Fault(`invalid argument for len (type ${goTypeOf(value)})`);
}

/** `first` and `last`: nil for an empty list and for what is no list. */
const end = (index: bigint): Builtin => ({
  params: [ARRAY],
  required: 1,
  result: itemOf,
  call: (args) => {
    const value = args.value(0);
    return isMap(value) ? null : get(value, index, args.budget);
  },
});

function take(args: Arguments): ExprList {
  const [list, count] = [args.list(0), args.count(1)];
  if (count < 0) throw new Fault(`cannot take ${count} elements`);
  return counted(args, list.slice(0, count));
}

function counted(args: Arguments, list: ExprList): ExprList {
  args.budget.allocate(list.length);
  return list;
}

function uniq(args: Arguments): ExprList {
  const kept: ExprValue[] = [];
  for (const item of args.list(0)) {
    args.budget.step();
    if (!kept.some((other) => equal(item, other, args.budget))) kept.push(item);
  }
  return counted(args, kept);
}

function concat(args: Arguments): ExprList {
  const lists = args.values.map((_, index) => args.list(index));
  args.budget.allocate(lists.reduce((total, { length }) => total + length, 0));
  return lists.flat();
}

function flatten(args: Arguments): ExprList {
  const flat: ExprValue[] = [];
  const collect = (list: ExprList, depth: number): void => {
    if (depth > MAX_DEPTH) throw new Fault(`value is nested deeper than ${MAX_DEPTH} levels`);
    for (const item of list) {
      args.budget.allocate(1);
      if (isList(item)) collect(item, depth + 1);
      else flat.push(item);
    }
  };
  collect(args.list(0), 0);
  return flat;
}

function sort(args: Arguments): ExprList {
  const order = args.values.length > 1 ? args.value(1) : undefined;
  return sorted(args.list(0), (item) => item, sortOrder('sort', order), args.budget);
}

function fromPairs(args: Arguments): ExprValue {
  const pairs = args.list(0).map((pair) => {
    if (!isList(pair) || pair.length !== 2) throw new Fault(`invalid pair of type ${goTypeOf(pair)}`);
    const [key = null, value = null] = pair;
    if (typeOf(key).kind === 'list' || typeOf(key).kind === 'map') {
      throw new Fault(`cannot use ${goTypeOf(key)} as a map key`);
    }
    return [key, value] as const;
  });
  args.budget.allocate(pairs.length);
  return new AnyKeyMap(pairs);
}

const ofMap = (pick: (key: ExprValue, value: ExprValue) => ExprValue): Builtin => ({
  params: [MAPPING],
  required: 1,
  result: LIST,
  call: (args) =>
    counted(
      args,
      Array.from(args.map(0), ([key, value]) => pick(key, value)),
    ),
});

const ofList = (change: (args: Arguments) => ExprList): Builtin => ({
  params: [ARRAY],
  required: 1,
  result: LIST,
  call: change,
});

export const COLLECTIONS = {
  len: { params: [SIZED], required: 1, result: INT, call: len },
  first: end(0n),
  last: end(-1n),
  get: {
    params: [INDEXABLE, ANYTHING],
    required: 2,
    result: itemOf,
    call: (args) => get(args.value(0), args.value(1), args.budget),
  },
  take: { params: [ARRAY, INTEGER], required: 2, result: ([type]) => type ?? LIST, call: take },
  keys: ofMap((key) => key),
  values: ofMap((_, value) => value),
  toPairs: ofMap((key, value) => [key, value]),
  fromPairs: { params: [ARRAY], required: 1, result: mapOf('any', UNKNOWN), call: fromPairs },
  reverse: ofList((args) => counted(args, args.list(0).toReversed())),
  uniq: ofList(uniq),
  flatten: ofList(flatten),
  concat: { params: [ARRAY], required: 1, variadic: true, result: LIST, call: concat },
  sort: { params: [ARRAY, TEXT], required: 1, result: LIST, call: sort },
} as const satisfies Record<string, Builtin>;
