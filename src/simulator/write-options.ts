import type { ApiRequest } from './api-request.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { contentTypeOf, textOf } from './request-body.ts';
import { type FieldError, fieldError, valueOmitted } from './schema/field-error.ts';
import { invalidOptions } from './status-error.ts';

/** What to do about fields that the schema does not know or that occur twice. */
type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** The options that every write takes. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Server-side apply takes over fields of other managers. */
  readonly force: boolean;
  /** What is wrong with the text of the body: `duplicate field "data"`. */
  readonly duplicates: readonly string[];
  /** Filled by the write: texts for `Warning` headers. */
  readonly warnings: string[];
}

/** Options of writes that the server makes by itself. */
export function internalWrite(manager: string): WriteOptions {
  return { dryRun: false, fieldManager: manager, fieldValidation: 'Ignore', force: true, duplicates: [], warnings: [] };
}

/** Options in the query of a write. Throws 422 for those that make no sense. */
export function writeOptionsOf(request: ApiRequest): WriteOptions {
  const { query } = request;
  const errors = optionErrors(request);
  if (errors.length > 0) {
    const causes = errors.map(({ type, message, field }) => ({ reason: type, message, field }));
    throw invalidOptions(OPTION_KINDS[request.method] ?? 'UpdateOptions', causes);
  }
  const fieldValidation = query['fieldValidation'] ?? '';
  return {
    dryRun: query['dryRun'] === 'All',
    fieldManager: query['fieldManager'] ?? managerFromUserAgent(request.headers['user-agent']),
    fieldValidation: isFieldValidation(fieldValidation) ? fieldValidation : 'Warn',
    force: flagOf(query['force']),
    duplicates: duplicatesIn(request),
    warnings: [],
  };
}

/** Only what is written as a whole is looked at: of a patch, the last of two members wins in silence. */
function duplicatesIn(request: ApiRequest): readonly string[] {
  const isWhole = request.method === 'POST' || request.method === 'PUT';
  if (!isWhole || contentTypeOf(request) !== 'application/json') return [];
  return duplicateFields(textOf(request)).map((field) => `duplicate field ${JSON.stringify(field)}`);
}

const OPTION_KINDS: Readonly<Record<string, string>> = { POST: 'CreateOptions', PATCH: 'PatchOptions' };
const APPLY_TYPE = 'application/apply-patch+yaml';
const MAX_MANAGER_LENGTH = 128;

function optionErrors({ method, query, headers }: ApiRequest): FieldError[] {
  const { dryRun = '', fieldValidation = '', fieldManager } = query;
  const isApply = method === 'PATCH' && headers['content-type']?.startsWith(APPLY_TYPE) === true;
  const errors: FieldError[] = [];
  if (isApply && (fieldManager ?? '') === '') {
    errors.push(valueOmitted('FieldValueRequired', 'fieldManager', 'is required for apply patch'));
  }
  if (method === 'PATCH' && !isApply && query['force'] !== undefined) {
    errors.push(valueOmitted('FieldValueForbidden', 'force', 'may not be specified for non-apply patch'));
  }
  if ((fieldManager ?? '').length > MAX_MANAGER_LENGTH) {
    errors.push(valueOmitted('FieldValueTooLong', 'fieldManager', `may not be more than ${MAX_MANAGER_LENGTH} bytes`));
  }
  if (dryRun !== '' && dryRun !== 'All') {
    errors.push(fieldError('FieldValueNotSupported', 'dryRun', [dryRun], 'supported values: "All"'));
  }
  if (fieldValidation !== '' && !isFieldValidation(fieldValidation)) {
    const supported = 'supported values: "", "Ignore", "Strict", "Warn"';
    errors.push(fieldError('FieldValueNotSupported', 'fieldValidation', fieldValidation, supported));
  }
  return errors;
}

function isFieldValidation(text: string): text is FieldValidation {
  return text === 'Ignore' || text === 'Warn' || text === 'Strict';
}

/** A flag in a query: whatever is not said to be false is true. */
export function flagOf(text: string | undefined): boolean {
  return text !== undefined && text !== '0' && text.toLowerCase() !== 'false';
}

/** The API server names a manager that did not name itself by the part of its User-Agent before the first slash. */
function managerFromUserAgent(userAgent: string | undefined): string {
  const name = userAgent?.split('/')[0] ?? '';
  return name === '' ? 'unknown' : name;
}
