import { type FieldError, fieldError } from '../schema/field-error.ts';

const MAX_PORT = 65_535;

/** Of a count, where it is said. */
export function nonNegativeErrors(value: number | undefined, field: string): FieldError[] {
  if (value === undefined || value >= 0) return [];
  return [fieldError('FieldValueInvalid', field, value, 'must be greater than or equal to 0')];
}

/** Of a number that has to be a port. */
export function portErrors(port: number, field: string): FieldError[] {
  if (port >= 1 && port <= MAX_PORT) return [];
  return [fieldError('FieldValueInvalid', field, port, `must be between 1 and ${MAX_PORT}, inclusive`)];
}

/** Of a text that has to be one of a few. */
export function choiceErrors(value: string, supported: readonly string[], field: string): FieldError[] {
  if (supported.includes(value)) return [];
  const list = supported.map((item) => JSON.stringify(item)).join(', ');
  return [fieldError('FieldValueNotSupported', field, value, `supported values: ${list}`)];
}
