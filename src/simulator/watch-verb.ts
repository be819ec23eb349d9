import type { StreamResponse } from './api-request.ts';
import { requireWatchOptions } from './list-options.ts';
import { parseRevision } from './list-verb.ts';
import { bookmarkKindFor, eventPresenter } from './present.ts';
import { matcherOf, type RequestScope } from './request-scope.ts';
import { collectionOf } from './resource-type.ts';
import { unforeseen } from './status-error.ts';
import { openWatch } from './watch-stream.ts';

/** A watch without `timeoutSeconds` ends after a random time between once and twice this (`--min-request-timeout`). */
const MIN_TIMEOUT_MS = 1_800_000;

/** Answers a watch. What it starts with follows from `resourceVersion` and `sendInitialEvents`. */
export function watchResponse(scope: RequestScope): StreamResponse {
  const { context, request, type } = scope;
  const { storage } = context;
  requireWatchOptions(request.query);
  const start = startOf(request.query);
  const matches = matcherOf(scope);
  const timeoutSeconds = Number(request.query['timeoutSeconds'] ?? 0);
  const chunks = openWatch(storage, context.clock, {
    collection: collectionOf(type),
    matches,
    after: start.after ?? storage.revision,
    initial: start.sendsInitial ? storage.list(collectionOf(type)).filter(matches) : [],
    marksInitialEnd: start.marksInitialEnd,
    bookmarks: request.query['allowWatchBookmarks'] === 'true',
    timeoutMs: timeoutSeconds > 0 ? timeoutSeconds * 1000 : MIN_TIMEOUT_MS * (1 + context.random()),
    render: eventPresenter(scope),
    bookmarkKind: bookmarkKindFor(scope),
  });
  return { kind: 'stream', status: 200, headers: { 'content-type': 'application/json' }, chunks };
}

interface WatchStart {
  /** Undefined for "from now on". */
  readonly after: number | undefined;
  readonly sendsInitial: boolean;
  readonly marksInitialEnd: boolean;
}

function startOf(query: Readonly<Record<string, string>>): WatchStart {
  const version = query['resourceVersion'] ?? '';
  const isUnset = version === '' || version === '0';
  const initial = query['sendInitialEvents'];
  const revision = parseRevision(version);
  if (!isUnset && revision === undefined) throw unforeseen(`resourceVersion: Invalid value: "${version}"`);
  if (initial === 'true') {
    // The state is always the present one, which is not older than any version asked for.
    return { after: undefined, sendsInitial: true, marksInitialEnd: query['allowWatchBookmarks'] === 'true' };
  }
  if (isUnset) return { after: undefined, sendsInitial: initial !== 'false', marksInitialEnd: false };
  return { after: revision, sendsInitial: false, marksInitialEnd: false };
}
