import { type FieldError, fieldError, valueOmitted } from './schema/field-error.ts';
import { badRequest, invalidOptions } from './status-error.ts';

type Query = Readonly<Record<string, string>>;

const MATCH = 'resourceVersionMatch';
const NUMBERS = ['limit', 'timeoutSeconds'];

/** Throws 400 or 422 for the options of a list that make no sense together. */
export function requireListOptions(query: Query): void {
  requireNumbers(query);
  const { [MATCH]: match = '', resourceVersion = '' } = query;
  if ((query['continue'] ?? '') !== '' && resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const errors: FieldError[] = [];
  if (match !== '' && resourceVersion === '') {
    errors.push(valueOmitted('FieldValueForbidden', MATCH, `${MATCH} is forbidden unless resourceVersion is provided`));
  } else if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(fieldError('FieldValueNotSupported', MATCH, match, 'supported values: "Exact", "NotOlderThan", ""'));
  } else if (match === 'Exact' && resourceVersion === '0') {
    const detail = `${MATCH} "exact" is forbidden for resourceVersion "0"`;
    errors.push(valueOmitted('FieldValueForbidden', MATCH, detail));
  }
  if (query['sendInitialEvents'] !== undefined) {
    errors.push(valueOmitted('FieldValueForbidden', 'sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  refuse(errors);
}

/** As `requireListOptions`, for a watch. */
export function requireWatchOptions(query: Query): void {
  requireNumbers(query);
  const { [MATCH]: match = '', sendInitialEvents } = query;
  const errors: FieldError[] = [];
  if (sendInitialEvents === undefined) {
    const detail = `${MATCH} is forbidden for watch unless sendInitialEvents is provided`;
    if (match !== '') errors.push(valueOmitted('FieldValueForbidden', MATCH, detail));
  } else if (match !== 'NotOlderThan') {
    const detail = `sendInitialEvents requires setting ${MATCH} to NotOlderThan`;
    errors.push(valueOmitted('FieldValueForbidden', MATCH, detail));
    if (match !== '')
      errors.push(fieldError('FieldValueNotSupported', MATCH, match, 'supported values: "NotOlderThan"'));
  }
  refuse(errors);
}

function requireNumbers(query: Query): void {
  for (const name of NUMBERS) {
    const text = query[name] ?? '';
    if (text !== '' && !/^[-+]?\d+$/.test(text)) throw badRequest(`${name}: "${text}" is not a number`);
  }
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const causes = errors.map(({ type, message, field }) => ({ reason: type, message, field }));
  throw invalidOptions('ListOptions', causes);
}
