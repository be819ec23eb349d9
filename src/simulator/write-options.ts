import type { ApiRequest } from './api-request.ts';
import { badRequest } from './status-error.ts';

/** What to do about fields that the schema does not know or that occur twice. */
type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** The options that every write takes. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Server-side apply takes over fields of other managers. */
  readonly force: boolean;
  /** Filled by the write: texts for `Warning` headers. */
  readonly warnings: string[];
}

/** Options of writes that the server makes by itself. */
export function internalWrite(manager: string): WriteOptions {
  return { dryRun: false, fieldManager: manager, fieldValidation: 'Ignore', force: true, warnings: [] };
}

export function writeOptionsOf(request: ApiRequest): WriteOptions {
  const { query } = request;
  return {
    dryRun: dryRunOf(query['dryRun']),
    fieldManager: query['fieldManager'] ?? managerFromUserAgent(request.headers['user-agent']),
    fieldValidation: fieldValidationOf(query['fieldValidation']),
    force: query['force'] === 'true',
    warnings: [],
  };
}

function dryRunOf(text: string | undefined): boolean {
  if (text === undefined || text === '') return false;
  if (text === 'All') return true;
  throw badRequest(`Invalid value: "${text}": dryRun: supported values: "All"`);
}

function fieldValidationOf(text: string | undefined): FieldValidation {
  switch (text) {
    case 'Strict':
    case 'Ignore':
    case 'Warn':
      return text;
    case undefined:
    case '':
      return 'Warn';
    default:
      throw badRequest(`fieldValidation: Unsupported value: "${text}": supported values: "Ignore", "Warn", "Strict"`);
  }
}

/** The API server names a manager that did not name itself by the part of its User-Agent before the first slash. */
function managerFromUserAgent(userAgent: string | undefined): string {
  const name = userAgent?.split('/')[0] ?? '';
  return name === '' ? 'unknown' : name;
}
