import type { PredicateNode } from './ast.ts';
import type { StaticType } from './types.ts';
import { BOOL, INT, listOf, mapOf, UNKNOWN } from './types.ts';

/** The pointers besides `#` that a predicate can use. expr knows `#index` in map and reduce only. */
export const POINTERS: ReadonlyMap<string, ReadonlyMap<string, StaticType>> = new Map([
  ['map', new Map([['index', INT]])],
  [
    'reduce',
    new Map([
      ['index', INT],
      ['acc', UNKNOWN],
    ]),
  ],
]);

/** The predicates that must answer with a boolean. */
export const TESTS: ReadonlySet<string> = new Set([
  'all',
  'none',
  'any',
  'one',
  'filter',
  'count',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
]);

type PredicateTypes = { readonly list: StaticType; readonly item: StaticType; readonly body: StaticType };

/** What a predicate such as `filter(list, body)` answers. */
export function predicateResult({ name }: PredicateNode, { list, item, body }: PredicateTypes): StaticType {
  switch (name) {
    case 'all':
    case 'none':
    case 'any':
    case 'one':
      return BOOL;
    case 'count':
    case 'findIndex':
    case 'findLastIndex':
      return INT;
    case 'find':
    case 'findLast':
      return item;
    case 'filter':
      return listOf(item);
    case 'map':
      return listOf(body);
    case 'sum':
    case 'reduce':
      return body;
    case 'sortBy':
      return list;
    case 'groupBy':
      return mapOf('any', listOf(item));
  }
}
