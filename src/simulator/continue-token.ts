import { isTree, numberAt, stringAt } from './json-tree.ts';
import { badRequest } from './status-error.ts';

/** Where the next page of a list starts. Opaque to clients. */
export interface ContinueToken {
  /** The revision that all pages show; -1 for "whatever is current", which a client gets with a 410. */
  readonly revision: number;
  /** The key after which the page starts. */
  readonly after: string;
}

export const INCONSISTENT_REVISION = -1;

export function encodeContinue(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: token.after })).toString(
    'base64url',
  );
}

export function decodeContinue(text: string): ContinueToken {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const revision = numberAt(parsed, 'rv');
    const after = stringAt(parsed, 'start');
    if (isTree(parsed) && revision !== undefined && after !== undefined) return { revision, after };
  } catch {
    // Falls through to the one answer for anything unreadable.
  }
  throw badRequest('continue key is not valid: it must come unchanged from the previous page');
}
