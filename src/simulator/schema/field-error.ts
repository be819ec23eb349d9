import { canonicalJson, type Json } from '../patch/json.ts';

/** The `reason` of a Status cause and the words that open its message (apimachinery `field.ErrorType`). */
const WORDS = {
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
} as const;

export type FieldErrorType = keyof typeof WORDS;

/** The path that kube-apiserver prints for an error about the whole object. */
export const ROOT_PATH = '<nil>';

/** One entry of a Status's `details.causes`. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** Such as `spec.steps[0].setWeight`; `<nil>` for the whole object. */
  readonly field: string;
  /** Without the field: `Invalid value: "x": must be …`. */
  readonly message: string;
}

/** Kinds of error whose message leaves the value out. */
const VALUE_OMITTED: readonly FieldErrorType[] = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueTooLong'];

export function fieldError(type: FieldErrorType, field: string, value: Json, detail: string): FieldError {
  if (VALUE_OMITTED.includes(type)) return valueOmitted(type, field, detail);
  return toError(type, field, `${WORDS[type]}: ${canonicalJson(value)}`, detail);
}

/** An error that does not show the value. */
export function valueOmitted(type: FieldErrorType, field: string, detail: string): FieldError {
  return toError(type, field, WORDS[type], detail);
}

function toError(type: FieldErrorType, field: string, words: string, detail: string): FieldError {
  const message = detail === '' ? words : `${words}: ${detail}`;
  return { type, field: field === '' ? ROOT_PATH : field, message };
}

/** What follows `is invalid: ` in the message of a 422: one error as it is, several in brackets, each once. */
export function summarizeFieldErrors(errors: readonly FieldError[]): string {
  const lines = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  return lines.length === 1 ? lines.join('') : `[${lines.join(', ')}]`;
}
