import type { Position } from './template-error.ts';

/** A compiled template with all templates that it defines. */
export interface Template {
  readonly name: string;
  readonly body: readonly Node[];
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
  /** Every use of a function, so that an unknown one is found before anything is executed. */
  readonly functions: readonly { readonly name: string; readonly position: Position }[];
}

/** A part of a template's body. */
export type Node =
  | { readonly kind: 'text'; readonly text: string; readonly position: Position }
  | { readonly kind: 'action'; readonly pipeline: Pipeline; readonly position: Position }
  | Branch
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly pipeline: Pipeline | undefined;
      readonly position: Position;
    }
  | { readonly kind: 'break' | 'continue'; readonly position: Position };

export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipeline: Pipeline;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
  readonly position: Position;
}

/** Commands of which each passes its result to the next as the last argument. */
export interface Pipeline {
  /** Variables that get the result: `$x :=`, or `$index, $element :=` in a range. */
  readonly variables: readonly string[];
  /** `=` changes existing variables, `:=` declares them. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly position: Position;
}

/** A function, method or value, followed by arguments. */
export interface Command {
  readonly operand: Operand;
  readonly arguments: readonly Operand[];
}

export type Operand =
  | { readonly kind: 'dot'; readonly position: Position }
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string; readonly position: Position }
  | { readonly kind: 'function'; readonly name: string; readonly position: Position }
  | { readonly kind: 'variable'; readonly name: string; readonly position: Position }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly position: Position }
  | { readonly kind: 'chain'; readonly base: Operand; readonly fields: readonly string[]; readonly position: Position };
