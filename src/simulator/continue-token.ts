import { isTree, numberAt, stringAt } from './json-tree.ts';
import { badRequest } from './status-error.ts';

/** Where the next page of a list starts. Opaque to clients. */
export interface ContinueToken {
  /** The revision that all pages show; -1 for "whatever is current", which a client gets with a 410. */
  readonly revision: number;
  /** The lowest key of the page. */
  readonly start: string;
}

const VERSION = 'meta.k8s.io/v1';
export const INCONSISTENT_REVISION = -1;

export function encodeContinue(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: token.revision, start: token.start })).toString('base64url');
}

export function decodeContinue(text: string): ContinueToken {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const revision = numberAt(parsed, 'rv');
    const start = stringAt(parsed, 'start');
    const isOurs = isTree(parsed) && parsed['v'] === VERSION;
    if (isOurs && revision !== undefined && start !== undefined) return { revision, start };
  } catch {
    // Falls through to the one answer for anything unreadable.
  }
  throw badRequest('continue key is not valid: it must come unchanged from the previous page');
}
