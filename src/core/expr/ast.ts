/** The syntax tree. `at` is the offset in the source that an error about the node points to. */
export type Node =
  | { readonly kind: 'nil'; readonly at: number }
  | { readonly kind: 'bool'; readonly at: number; readonly value: boolean }
  | { readonly kind: 'int'; readonly at: number; readonly value: bigint }
  | { readonly kind: 'float'; readonly at: number; readonly value: number }
  | { readonly kind: 'string'; readonly at: number; readonly value: string }
  | { readonly kind: 'bytes'; readonly at: number; readonly value: Uint8Array }
  | { readonly kind: 'identifier'; readonly at: number; readonly name: string }
  | { readonly kind: 'pointer'; readonly at: number; readonly name: string }
  | UnaryNode
  | BinaryNode
  | ComparisonNode
  | ConditionalNode
  | MemberNode
  | { readonly kind: 'chain'; readonly at: number; readonly inner: Node }
  | SliceNode
  | { readonly kind: 'call'; readonly at: number; readonly callee: Node; readonly args: readonly Node[] }
  | BuiltinNode
  | PredicateNode
  | LetNode
  | { readonly kind: 'sequence'; readonly at: number; readonly nodes: readonly Node[] }
  | { readonly kind: 'array'; readonly at: number; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly at: number; readonly entries: readonly MapEntry[] };

export type UnaryOperator = 'not' | '!' | '-' | '+';

type UnaryNode = {
  readonly kind: 'unary';
  readonly at: number;
  readonly operator: UnaryOperator;
  readonly operand: Node;
};

export type BinaryOperator =
  | 'or'
  | '||'
  | 'and'
  | '&&'
  | '=='
  | '!='
  | 'in'
  | 'matches'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | '..'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '**'
  | '^'
  | '??';

export type BinaryNode = {
  readonly kind: 'binary';
  readonly at: number;
  readonly operator: BinaryOperator;
  readonly left: Node;
  readonly right: Node;
};

export type OrderOperator = '<' | '<=' | '>' | '>=';

/** `a < b` or a chain such as `1 < x <= 5`: true when every neighbouring pair is. Each operand appears once. */
export type ComparisonNode = {
  readonly kind: 'comparison';
  readonly at: number;
  readonly first: Node;
  readonly links: readonly { readonly operator: OrderOperator; readonly at: number; readonly operand: Node }[];
};

/** `consequence` is undefined for `a ?: b`, which yields the condition's own value. */
export type ConditionalNode = {
  readonly kind: 'conditional';
  readonly at: number;
  readonly condition: Node;
  readonly consequence: Node | undefined;
  readonly alternative: Node;
};

/** `a.b`, `a[b]`, `a?.b` and `a?.[b]`. An optional access on nil ends the enclosing chain with nil. */
export type MemberNode = {
  readonly kind: 'member';
  readonly at: number;
  readonly object: Node;
  readonly property: Node;
  readonly optional: boolean;
};

type SliceNode = {
  readonly kind: 'slice';
  readonly at: number;
  readonly object: Node;
  readonly from: Node | undefined;
  readonly to: Node | undefined;
};

/** A call of a built-in function without a predicate, such as `len(x)`. */
type BuiltinNode = {
  readonly kind: 'builtin';
  readonly at: number;
  readonly name: string;
  readonly args: readonly Node[];
};

/** A call of one of the built-ins that take a predicate, such as `all(list, {# > 1})`. */
export type PredicateNode = {
  readonly kind: 'predicate';
  readonly at: number;
  readonly name: PredicateName;
  readonly list: Node;
  readonly body: Node | undefined;
  /** The order of `sortBy` or the first accumulator of `reduce`. */
  readonly extra: Node | undefined;
};

export type LetNode = {
  readonly kind: 'let';
  readonly at: number;
  readonly name: string;
  readonly value: Node;
  readonly body: Node;
};

export type MapEntry = { readonly key: Node; readonly value: Node };

/** The predicate built-ins: whether the predicate may be left out, and whether a third argument may follow. */
export const PREDICATES = {
  all: { bodyOptional: false, extra: false },
  none: { bodyOptional: false, extra: false },
  any: { bodyOptional: false, extra: false },
  one: { bodyOptional: false, extra: false },
  filter: { bodyOptional: false, extra: false },
  map: { bodyOptional: false, extra: false },
  count: { bodyOptional: true, extra: false },
  sum: { bodyOptional: true, extra: false },
  find: { bodyOptional: false, extra: false },
  findIndex: { bodyOptional: false, extra: false },
  findLast: { bodyOptional: false, extra: false },
  findLastIndex: { bodyOptional: false, extra: false },
  groupBy: { bodyOptional: false, extra: false },
  sortBy: { bodyOptional: false, extra: true },
  reduce: { bodyOptional: false, extra: true },
} as const;

export type PredicateName = keyof typeof PREDICATES;

export function isPredicateName(name: string): name is PredicateName {
  return Object.hasOwn(PREDICATES, name);
}
