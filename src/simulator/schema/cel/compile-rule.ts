import type { ValidationRule } from '../structural-schema.ts';
import type { Node } from './ast.ts';
import { parse } from './parser.ts';

export interface CompiledRule {
  readonly expression: Node;
  /** A transition rule: it is about an update, and so skipped when there is no old value. */
  readonly usesOldSelf: boolean;
}

const VARIABLES = ['self', 'oldSelf'];

/**
 * Compiles an expression of `x-kubernetes-validations`. The simulator knows a subset of CEL: no timestamps, durations,
 * bytes, unsigned integers, quantities, URLs or IP addresses, and no type check against the schema.
 *
 * @throws CelError with the position of what it does not understand.
 */
export function compileRule(source: string): CompiledRule {
  const expression = parse(source, VARIABLES);
  return { expression, usesOldSelf: mentions(expression, 'oldSelf') };
}

function mentions(node: unknown, variable: string): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if ('type' in node && node.type === 'variable' && 'name' in node && node.name === variable) return true;
  return Object.values(node).some((child) => mentions(child, variable));
}

export interface CompiledValidation {
  readonly rule: CompiledRule;
  readonly message: CompiledRule | undefined;
}

/** Schemas outlive the objects that are checked against them: each rule is compiled once. */
const compiled = new WeakMap<ValidationRule, CompiledValidation>();

/** @throws CelError */
export function compileValidation(validation: ValidationRule): CompiledValidation {
  const known = compiled.get(validation);
  if (known !== undefined) return known;
  const { messageExpression } = validation;
  const fresh = {
    rule: compileRule(validation.rule),
    message: messageExpression === undefined ? undefined : compileRule(messageExpression),
  };
  compiled.set(validation, fresh);
  return fresh;
}
