import { isList, isObject, type Json } from '../patch/json.ts';
import { type FieldError, fieldError, ROOT_PATH } from './field-error.ts';
import { matchesFormat } from './formats.ts';
import { compileGoPattern } from './go-pattern.ts';
import type { StructuralSchema } from './structural-schema.ts';

const INT32_LIMIT = 2 ** 31;
const INT64_LIMIT = 2 ** 63;
const FLOAT32_MAX = 3.4028234663852886e38;

/** The JSON type that kube-apiserver names in messages: a whole number within 64 bits is an integer. */
function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (isObject(value)) return 'object';
  if (typeof value !== 'number') return typeof value;
  return Number.isInteger(value) && value >= -INT64_LIMIT && value < INT64_LIMIT ? 'integer' : 'number';
}

/** The checks of a schema's type; the empty list means that the other checks make sense. */
export function checkType(schema: StructuralSchema, value: Json, path: string): readonly FieldError[] {
  const expected = schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : [schema.type ?? ''];
  const actual = typeOf(value);
  if (expected.includes('') || expected.includes(actual) || (actual === 'null' && schema.nullable === true)) return [];
  if (actual === 'integer' && expected.includes('number')) return [];
  return [mustBe(path, expected.join(','), actual)];
}

function mustBe(path: string, expected: string, actual: string): FieldError {
  const detail = `${path} in body must be of type ${expected}: ${JSON.stringify(actual)}`;
  return fieldError('FieldValueTypeInvalid', path, actual, detail);
}

export function checkString(schema: StructuralSchema, value: string, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  // Kubernetes counts code points, and stops at the first of these three that fails.
  const length = Array.from(value).length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    const unit = schema.maxLength === 1 ? 'byte' : 'bytes';
    errors.push(fieldError('FieldValueTooLong', path, value, `may not be more than ${schema.maxLength} ${unit}`));
  } else if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalid(path, value, `should be at least ${schema.minLength} chars long`));
  } else if (schema.pattern !== undefined && !compileGoPattern(schema.pattern).test(value)) {
    errors.push(invalid(path, value, `should match '${schema.pattern}'`));
  }
  const isText = schema.type === undefined || schema.type === 'string';
  if (schema.format !== undefined && isText && !matchesFormat(schema.format, value)) {
    errors.push(mustBe(path, schema.format, value));
  }
  return errors;
}

export function checkNumber(schema: StructuralSchema, value: number, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!withinFormat(schema, value)) {
    const format = schema.format === undefined ? '(default format)' : `with format ${schema.format}`;
    const detail = `Checked value must be of type ${schema.type ?? ''} ${format} in ${path}`;
    errors.push(fieldError('FieldValueInvalid', ROOT_PATH, '', detail));
  }
  if (schema.multipleOf !== undefined && !isMultiple(value, schema.multipleOf)) {
    errors.push(invalid(path, value, `should be a multiple of ${schema.multipleOf}`));
  }
  const { minimum, maximum } = schema;
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    const relation = schema.exclusiveMinimum === true ? 'greater than' : 'greater than or equal to';
    errors.push(invalid(path, value, `should be ${relation} ${minimum}`));
  }
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    const relation = schema.exclusiveMaximum === true ? 'less than' : 'less than or equal to';
    errors.push(invalid(path, value, `should be ${relation} ${maximum}`));
  }
  return errors;
}

function withinFormat(schema: StructuralSchema, value: number): boolean {
  if (schema.type === 'integer' && !Number.isInteger(value)) return false;
  if (schema.type === 'integer' && schema.format === 'int32') return value >= -INT32_LIMIT && value < INT32_LIMIT;
  if (schema.type === 'number' && schema.format === 'float') return Math.abs(value) <= FLOAT32_MAX;
  return true;
}

function isMultiple(value: number, factor: number): boolean {
  // Dividing by a small fraction loses more than multiplying by its inverse: 0.3 is a multiple of 0.1.
  return Number.isInteger(factor < 1 ? (1 / factor) * value : value / factor);
}

function invalid(path: string, value: Json, rule: string): FieldError {
  return fieldError('FieldValueInvalid', path, value, `${path} in body ${rule}`);
}
