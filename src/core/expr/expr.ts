import type { EpochMs } from '../../api/time.ts';
import type { Node } from './ast.ts';
import type { Names } from './check.ts';
import { checkTree } from './check.ts';
import { evaluateTree } from './evaluate.ts';
import { parse } from './parser.ts';
import { typeOf } from './type-of.ts';
import type { StaticType } from './types.ts';
import type { Environment, ExprValue } from './values.ts';

/**
 * The expression language of success conditions and notification triggers: expr-lang v1.17, as Argo Rollouts uses it.
 *
 * Differences that can be seen: time zones are UTC and fixed offsets only; maps keep the order in which they were
 * made, where Go's is random; sorting is stable; a slice that cuts through a character yields U+FFFD; hexadecimal
 * floats are not read from text; one byte of a string is an int, not a uint8.
 */
export type Program = { readonly source: string; readonly root: Node };

/**
 * Parses `source` and checks what can be checked without knowing the environment: syntax, pointers, numbers of
 * arguments, operations on literals, patterns. Throws ExprError.
 */
export function compile(source: string): Program {
  const root = parse(source);
  checkTree(root, source, undefined);
  return { source, root };
}

/** Checks a program against the names that it may use, and returns the type of its result. Throws ExprError. */
export function check({ source, root }: Program, names: Names): StaticType {
  return checkTree(root, source, names);
}

export type EvaluateOptions = {
  /** What `now()` yields; without it a call of `now()` is an error. */
  readonly now?: EpochMs;
  /**
   * Lets a name that the environment lacks be nil, and drops the checks against the environment's types. This is how
   * Argo's notification triggers are run; conditions are strict.
   */
  readonly lenient?: boolean;
};

/** Runs a program. Throws ExprError; nothing else, unless a host function throws something that is no Error. */
export function evaluate(program: Program, environment: Environment, options: EvaluateOptions = {}): ExprValue {
  if (options.lenient !== true) check(program, namesOf(environment));
  return evaluateTree(program.root, program.source, environment, options.now);
}

const namesOf = (environment: Environment): Names =>
  new Map(Object.entries(environment).map(([name, value]) => [name, typeOf(value)]));
