import { canonicalJson, isList, isObject, type Json, type JsonObject, jsonEqual, own } from '../patch/json.ts';
import { type FieldError, fieldError, ROOT_PATH } from './field-error.ts';
import { correlatedItems, listTypeErrors } from './list-type.ts';
import { checkNumber, checkString, checkType } from './scalar-checks.ts';
import { additionalSchema, type StructuralSchema } from './structural-schema.ts';

/**
 * Checks a custom resource against its schema with the messages of kube-apiserver, list-type uniqueness included, CEL
 * rules not (`evaluateRules`).
 *
 * With `old`, the object before an update, what is wrong in a part that did not change is forgiven (validation
 * ratcheting, on by default since Kubernetes 1.30): an object stored under an older schema stays editable.
 */
export function validate(schema: StructuralSchema, value: Json, old?: Json): readonly FieldError[] {
  const duplicates = listTypeErrors(schema, value, '', old);
  const areForgiven = duplicates.length > 0 && old !== undefined && listTypeErrors(schema, old, '').length > 0;
  return [...validateNode(schema, value, old, '').errors, ...(areForgiven ? [] : duplicates)];
}

/** What is wrong with a part of an object, which is at `path`. */
export function validatePart(schema: StructuralSchema, value: Json, path: string): readonly FieldError[] {
  return validateNode(schema, value, undefined, path).errors;
}

interface Outcome {
  readonly errors: readonly FieldError[];
  /** How many schemas applied to some value: of several failing alternatives, the one that fits most is reported. */
  readonly applied: number;
}

const NOTHING_APPLIED: Outcome = { errors: [], applied: 0 };

function validateNode(schema: StructuralSchema, value: Json, old: Json | undefined, path: string): Outcome {
  // Whatever is wrong with it would be forgiven.
  if (value === old) return NOTHING_APPLIED;
  const outcome = combine([
    { errors: [...checkType(schema, value, path), ...checkEnum(schema, value, path)], applied: 1 },
    checkContent(schema, value, old, path),
    value === null ? NOTHING_APPLIED : checkAlternatives(schema, value, path),
  ]);
  const forgiven = outcome.errors.length > 0 && old !== undefined && jsonEqual(value, old);
  return forgiven ? { ...outcome, errors: [] } : outcome;
}

function combine(outcomes: readonly Outcome[]): Outcome {
  return {
    errors: outcomes.flatMap((outcome) => outcome.errors),
    applied: outcomes.reduce((sum, outcome) => sum + outcome.applied, 0),
  };
}

function checkEnum(schema: StructuralSchema, value: Json, path: string): readonly FieldError[] {
  if (schema.enum === undefined || schema.enum.some((allowed) => jsonEqual(allowed, value))) return [];
  const supported = schema.enum.map((allowed) =>
    JSON.stringify(typeof allowed === 'string' ? allowed : canonicalJson(allowed)),
  );
  return [fieldError('FieldValueNotSupported', path, value, `supported values: ${supported.join(', ')}`)];
}

function checkContent(schema: StructuralSchema, value: Json, old: Json | undefined, path: string): Outcome {
  if (typeof value === 'string') return { errors: checkString(schema, value, path), applied: 0 };
  if (typeof value === 'number') return { errors: checkNumber(schema, value, path), applied: 0 };
  if (isList(value)) return checkList(schema, value, old, path);
  if (isObject(value)) return checkObject(schema, value, old, path);
  return NOTHING_APPLIED;
}

function checkList(schema: StructuralSchema, list: readonly Json[], old: Json | undefined, path: string): Outcome {
  const items = schema.items;
  const before = correlatedItems(schema, list, old);
  const nested =
    items === undefined ? [] : list.map((item, index) => validateNode(items, item, before[index], `${path}[${index}]`));
  const errors: FieldError[] = [];
  if (schema.minItems !== undefined && list.length < schema.minItems) {
    const detail = `${path} in body should have at least ${schema.minItems} items`;
    errors.push(fieldError('FieldValueInvalid', path, list.length, detail));
  }
  if (schema.maxItems !== undefined && list.length > schema.maxItems) {
    errors.push(tooMany(path, list.length, schema.maxItems));
  }
  if (schema.uniqueItems === true && new Set(list.map(canonicalJson)).size < list.length) {
    errors.push(fieldError('FieldValueInvalid', path, '', `${path} in body shouldn't contain duplicates`));
  }
  return combine([...nested, { errors, applied: 0 }]);
}

function checkObject(schema: StructuralSchema, object: JsonObject, old: Json | undefined, path: string): Outcome {
  const properties = schema.properties ?? {};
  const additional = additionalSchema(schema);
  const nested = Object.entries(object).map(([key, value]) => {
    const member = Object.hasOwn(properties, key) ? properties[key] : additional;
    if (member === undefined) return forbidden(schema, key, path);
    const before = isObject(old) ? own(old, key) : undefined;
    return validateNode(member, value, before, childPath(path, key));
  });
  return combine([...nested, { errors: checkMembers(schema, object, path), applied: 0 }]);
}

function forbidden(schema: StructuralSchema, key: string, path: string): Outcome {
  if (schema.additionalProperties !== false) return NOTHING_APPLIED;
  const detail = `${path}.${key} in body is a forbidden property`;
  return { errors: [fieldError('FieldValueInvalid', path, key, detail)], applied: 0 };
}

function checkMembers(schema: StructuralSchema, object: JsonObject, path: string): readonly FieldError[] {
  const size = Object.keys(object).length;
  const errors: FieldError[] = [];
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    const detail = `${path} in body should have at least ${schema.minProperties} properties`;
    errors.push(fieldError('FieldValueInvalid', path, size, detail));
  }
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    errors.push(tooMany(path, size, schema.maxProperties));
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(object, key)) errors.push(fieldError('FieldValueRequired', childPath(path, key), null, ''));
  }
  return errors;
}

function tooMany(path: string, actual: number, limit: number): FieldError {
  const detail = `must have at most ${limit} ${limit === 1 ? 'item' : 'items'}`;
  return fieldError('FieldValueTooMany', path, actual, detail);
}

/** `anyOf`, `oneOf`, `allOf` and `not`; kube-apiserver reports them against the whole object. */
function checkAlternatives(schema: StructuralSchema, value: Json, path: string): Outcome {
  const attempt = (alternative: StructuralSchema): Outcome => validateNode(alternative, value, undefined, path);
  const failure = (detail: string): Outcome => ({
    errors: [fieldError('FieldValueInvalid', ROOT_PATH, '', `${JSON.stringify(path)} ${detail}`)],
    applied: 0,
  });
  const outcomes: Outcome[] = [];
  if (schema.anyOf !== undefined) {
    const tried = schema.anyOf.map(attempt);
    if (!tried.some(isValid)) outcomes.push(failure('must validate at least one schema (anyOf)'), closest(tried));
  }
  if (schema.oneOf !== undefined) {
    const tried = schema.oneOf.map(attempt);
    const valid = tried.filter(isValid).length;
    if (valid === 0) {
      outcomes.push(failure('must validate one and only one schema (oneOf). Found none valid'), closest(tried));
    } else if (valid > 1) {
      outcomes.push(failure(`must validate one and only one schema (oneOf). Found ${valid} valid alternatives`));
    }
  }
  if (schema.allOf !== undefined) {
    const tried = schema.allOf.map(attempt);
    const valid = tried.filter(isValid).length;
    outcomes.push(...tried);
    if (valid < tried.length) {
      outcomes.push(failure(`must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`));
    }
  }
  if (schema.not !== undefined && isValid(attempt(schema.not))) {
    outcomes.push(failure('must not validate the schema (not)'));
  }
  return combine(outcomes);
}

function isValid(outcome: Outcome): boolean {
  return outcome.errors.length === 0;
}

/** The failing alternative that applied most of its schemas; the first of equals. */
function closest(tried: readonly Outcome[]): Outcome {
  return tried.reduce((best, next) => (next.applied > best.applied ? next : best), tried[0] ?? NOTHING_APPLIED);
}

function childPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
