import type { Json } from '../patch/json.ts';
import { evaluateRules, hasRules } from './cel.ts';
import { type FieldError, type FieldErrorType, fieldError } from './field-error.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { validate } from './validate.ts';

/** After an error of these kinds the types that CEL rules rely on cannot be trusted. */
const BLOCKING: readonly FieldErrorType[] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];

const RULES_SKIPPED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** All that is wrong with a custom resource: its schema first, its CEL rules as far as they can be checked. */
export function customResourceErrors(schema: StructuralSchema, value: Json, old?: Json): readonly FieldError[] {
  const errors = validate(schema, value, old);
  if (!hasRules(schema)) return errors;
  if (!errors.some((error) => BLOCKING.includes(error.type))) return [...errors, ...evaluateRules(schema, value, old)];
  return [...errors, fieldError('FieldValueInvalid', '', null, RULES_SKIPPED)];
}
