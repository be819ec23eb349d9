import { isList, isObject, type Json, jsonEqual, own } from '../patch/json.ts';
import { CelEvaluationError } from './cel/cel-error.ts';
import { type CompiledRule, compileValidation } from './cel/compile-rule.ts';
import { evaluate } from './cel/evaluate.ts';
import { type CelValue, toCel } from './cel/values.ts';
import { type FieldError, type FieldErrorType, fieldError, valueOmitted } from './field-error.ts';
import { correlatedItems } from './list-type.ts';
import { additionalSchema, type StructuralSchema, type ValidationRule } from './structural-schema.ts';

/**
 * Checks a custom resource against the rules of its schema. `old` is the stored object before an update: transition rules
 * (those that use `oldSelf`) need it, and other rules are forgiven where nothing changed.
 *
 * Call it only for an object that `validate` found nothing wrong with: rules rely on the types.
 */
export function evaluateRules(schema: StructuralSchema, value: Json, old?: Json): readonly FieldError[] {
  return walk(schema, value, old, '');
}

const withRules = new WeakMap<StructuralSchema, boolean>();

/** Whether a schema has any rule. Schemas do not change, and are asked about with every write. */
export function hasRules(schema: StructuralSchema): boolean {
  const known = withRules.get(schema);
  if (known !== undefined) return known;
  const { properties = {}, items, allOf = [] } = schema;
  const parts = [...Object.values(properties), ...allOf, items, additionalSchema(schema)];
  const has =
    (schema['x-kubernetes-validations'] ?? []).length > 0 || parts.some((part) => part !== undefined && hasRules(part));
  withRules.set(schema, has);
  return has;
}

function walk(schema: StructuralSchema, value: Json, old: Json | undefined, path: string): readonly FieldError[] {
  if (value === null || !hasRules(schema)) return [];
  const errors = (schema['x-kubernetes-validations'] ?? []).flatMap((rule) => check(rule, schema, value, old, path));
  const combined = (schema.allOf ?? []).flatMap((part) => walk(part, value, old, path));
  return [...errors, ...combined, ...walkContent(schema, value, old, path)];
}

function walkContent(
  schema: StructuralSchema,
  value: Json,
  old: Json | undefined,
  path: string,
): readonly FieldError[] {
  if (isList(value)) {
    const items = schema.items;
    if (items === undefined) return [];
    const before = correlatedItems(schema, value, old);
    return value.flatMap((item, index) => walk(items, item, before[index], `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  const additional = additionalSchema(schema);
  return Object.entries(value).flatMap(([key, member]) => {
    const before = isObject(old) ? own(old, key) : undefined;
    const property = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
    const memberSchema = property ? schema.properties?.[key] : additional;
    if (memberSchema === undefined) return [];
    return walk(memberSchema, member, before, property ? childPath(path, key) : `${path}[${key}]`);
  });
}

function childPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function check(
  validation: ValidationRule,
  schema: StructuralSchema,
  value: Json,
  old: Json | undefined,
  path: string,
): readonly FieldError[] {
  const { rule, message } = compileValidation(validation);
  const optional = validation.optionalOldSelf === true;
  if (rule.usesOldSelf && old === undefined && !optional) return [];
  if (!rule.usesOldSelf && old !== undefined && jsonEqual(value, old)) return [];
  const bindings = new Map<string, CelValue>([['self', toCel(value, schema)]]);
  const oldSelf = old === undefined ? undefined : toCel(old, schema);
  if (optional) bindings.set('oldSelf', { optional: true, value: oldSelf });
  else if (oldSelf !== undefined) bindings.set('oldSelf', oldSelf);
  try {
    if (evaluate(rule.expression, bindings) === true) return [];
  } catch (error) {
    return [fieldError('FieldValueInvalid', path, schema.type ?? '', evaluationFailure(error, validation))];
  }
  const detail = message === undefined ? undefined : messageFrom(message, bindings);
  return [ruleError(validation, schema, value, path, detail ?? defaultMessage(validation))];
}

function evaluationFailure(error: unknown, validation: ValidationRule): string {
  if (!(error instanceof CelEvaluationError)) throw error;
  const rule = (validation.message ?? validation.rule).trim();
  return error.message === 'no such overload'
    ? `'no such overload': call arguments did not match a supported operator, function or macro signature for rule: ${rule}`
    : `${error.message} evaluating rule: ${rule}`;
}

/** A message expression that fails or says nothing gives way to the default message. */
function messageFrom(message: CompiledRule, bindings: ReadonlyMap<string, CelValue>): string | undefined {
  try {
    const text = evaluate(message.expression, bindings);
    const line = typeof text === 'string' ? text.trim() : '';
    return line === '' || line.includes('\n') ? undefined : line;
  } catch (error) {
    if (error instanceof CelEvaluationError) return undefined;
    throw error;
  }
}

function defaultMessage(validation: ValidationRule): string {
  return validation.message?.trim() ?? `failed rule: ${validation.rule.trim()}`;
}

/** Since Kubernetes 1.35 the message of a rule on an object or list does not show the value. */
function ruleError(
  validation: ValidationRule,
  schema: StructuralSchema,
  value: Json,
  path: string,
  detail: string,
): FieldError {
  const type: FieldErrorType = validation.reason ?? 'FieldValueInvalid';
  const field = `${path}${validation.fieldPath ?? ''}`.replace(/^\./, '');
  return schema.type === 'object' || schema.type === 'array'
    ? valueOmitted(type, field, detail)
    : fieldError(type, field, value, detail);
}
