import { type ContinueToken, decodeContinue, encodeContinue, INCONSISTENT_REVISION } from './continue-token.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import { requireListOptions } from './list-options.ts';
import { matcherOf, type RequestScope } from './request-scope.ts';
import { collectionOf, inVersionOf } from './resource-type.ts';
import { badRequest, expired, StatusError, tooLargeResourceVersion } from './status-error.ts';
import type { Storage } from './storage.ts';

/** One page of a collection. */
export interface ListPage {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly continueToken?: string;
  readonly remaining?: number;
}

const COMPACTED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Answers a list with the semantics of `limit`, `continue`, `resourceVersion` and `resourceVersionMatch`. */
export function listPage(scope: RequestScope): ListPage {
  const { storage } = scope.context;
  const { query } = scope.request;
  requireListOptions(query);
  const token = (query['continue'] ?? '') === '' ? undefined : decodeContinue(query['continue'] ?? '');
  const revision = token === undefined ? requestedRevision(storage, query) : tokenRevision(storage, token);
  const collection = collectionOf(scope.type);
  const all = revision === undefined ? storage.list(collection) : storage.listAt(collection, revision);
  const matches = matcherOf(scope);
  const rest = all.filter((object) => matches(object) && (token === undefined || keyIn(scope, object) >= token.start));
  return cutPage(scope, rest, revision ?? storage.revision);
}

function cutPage(scope: RequestScope, rest: readonly KubeObject[], revision: number): ListPage {
  const { query } = scope.request;
  // A list at version "0" may come from a cache and ignores the limit, as the real server's watch cache does.
  const limit = query['resourceVersion'] === '0' ? 0 : Number(query['limit'] ?? 0);
  const page = limit > 0 ? rest.slice(0, limit) : rest;
  const items = page.map((object) => inVersionOf(scope.type, object));
  const last = page.at(-1);
  if (page.length === rest.length || last === undefined) return { items, resourceVersion: String(revision) };
  const hasSelector = (query['labelSelector'] ?? '') !== '' || (query['fieldSelector'] ?? '') !== '';
  return {
    items,
    resourceVersion: String(revision),
    continueToken: encodeContinue({ revision, start: `${keyIn(scope, last)}\0` }),
    // The real server does not count what a selector would leave.
    ...(hasSelector ? {} : { remaining: rest.length - page.length }),
  };
}

/** The key of an object as the tokens of this request write it: without what the path says already. */
function keyIn({ path }: RequestScope, { metadata }: KubeObject): string {
  return path.namespace === undefined ? keyOf(metadata.namespace, metadata.name) : metadata.name;
}

/** The past revision to show; undefined for the present. */
function requestedRevision(storage: Storage, query: Readonly<Record<string, string>>): number | undefined {
  const match = query['resourceVersionMatch'] ?? '';
  const text = query['resourceVersion'] ?? '';
  if (text === '' || text === '0') return undefined;
  const revision = parseRevision(text);
  if (revision === undefined) throw badRequest(`invalid resource version: ${text}`);
  if (revision > storage.revision) throw tooLargeResourceVersion(revision, storage.revision);
  if (match !== 'Exact') return undefined;
  if (revision < storage.compactedRevision) {
    throw expired('The resourceVersion for the provided list is too old.');
  }
  return revision;
}

function tokenRevision(storage: Storage, token: ContinueToken): number | undefined {
  if (token.revision === INCONSISTENT_REVISION) return undefined;
  if (token.revision >= storage.compactedRevision) return token.revision;
  throw new StatusError(410, 'Expired', COMPACTED, undefined, {
    continue: encodeContinue({ revision: INCONSISTENT_REVISION, start: token.start }),
  });
}

/** Undefined for what is no version. */
export function parseRevision(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
