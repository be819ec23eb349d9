export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%';

/** Macros that bind a variable to each item of a list or each key of a map. */
export type Comprehension = 'all' | 'exists' | 'exists_one' | 'map' | 'filter' | 'optMap';

/** A CEL expression. `at` is the offset of its characteristic token in the source. */
export type Node = { readonly at: number } & (
  | { readonly type: 'literal'; readonly value: null | boolean | bigint | number | string }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'select'; readonly operand: Node; readonly field: string; readonly optional: boolean }
  | { readonly type: 'has'; readonly operand: Node; readonly field: string }
  | { readonly type: 'index'; readonly operand: Node; readonly index: Node }
  | { readonly type: 'unary'; readonly operator: '!' | '-'; readonly operand: Node }
  | { readonly type: 'binary'; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | { readonly type: 'conditional'; readonly condition: Node; readonly whenTrue: Node; readonly whenFalse: Node }
  | { readonly type: 'list'; readonly items: readonly Node[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Node, Node])[] }
  /** `receiver.name(…)` and `name(…)` are the same call. */
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Node[] }
  | {
      readonly type: 'comprehension';
      readonly macro: Comprehension;
      readonly range: Node;
      readonly variable: string;
      /** `map(x, condition, value)` has one. */
      readonly condition: Node | undefined;
      readonly body: Node;
    }
);
