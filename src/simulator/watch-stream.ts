import type { Clock, Timer } from '../runtime/clock.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { jsonText } from './json-text.ts';
import type { JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import type { Matcher } from './selectors.ts';
import { expired } from './status-error.ts';
import type { Storage, StorageEvent } from './storage.ts';

/** The API server sends a bookmark about once a minute. */
const BOOKMARK_INTERVAL_MS = 60_000;

type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchRequest {
  readonly collection: string;
  /** Namespace, label and field selectors together. */
  readonly matches: Matcher;
  /** Revision after which events are wanted. */
  readonly after: number;
  /** Objects to send as ADDED before any event. */
  readonly initial: readonly KubeObject[];
  /** WatchList: mark the end of `initial` by an annotated bookmark. */
  readonly marksInitialEnd: boolean;
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
  /** How an object looks to this client: version, Table, metadata only. Called once for each event sent. */
  readonly render: (object: KubeObject) => JsonTree;
  /** The kind in which bookmarks are sent. */
  readonly bookmarkKind: { readonly apiVersion: string; readonly kind: string };
}

/** Opens a watch: a stream of JSON lines, each `{"type":…,"object":…}`, that ends at its timeout. */
export function openWatch(storage: Storage, clock: Clock, request: WatchRequest): AsyncIterable<string> {
  let bookmarkTimer: Timer | undefined;
  let unsubscribe = (): void => {};
  const timeout = clock.schedule(request.timeoutMs, () => {
    if (request.bookmarks) send('BOOKMARK', bookmark(request, storage.revision, false));
    queue.end();
  });
  const queue = new ChunkQueue(() => {
    unsubscribe();
    bookmarkTimer?.cancel();
    timeout.cancel();
  });
  const send = (type: WatchEventType, object: JsonTree): void =>
    queue.push(`{"type":"${type}","object":${jsonText(object)}}\n`);

  if (request.after < storage.compactedRevision) {
    const error = expired(`too old resource version: ${request.after} (${storage.compactedRevision})`);
    send('ERROR', error.toStatus());
    queue.end();
    return queue;
  }

  for (const object of request.initial) send('ADDED', request.render(object));
  if (request.marksInitialEnd) send('BOOKMARK', bookmark(request, storage.revision, true));
  const deliver = (event: StorageEvent): void => {
    const isMeant = event.collection === request.collection && event.revision > request.after;
    const seen = isMeant ? asSeen(event, request.matches) : undefined;
    if (seen !== undefined) send(seen.type, request.render(seen.object));
  };
  for (const event of storage.eventsAfter(request.collection, request.after)) deliver(event);
  unsubscribe = storage.subscribe(deliver);

  const sendBookmarks = (): void => {
    send('BOOKMARK', bookmark(request, storage.revision, false));
    bookmarkTimer = clock.schedule(BOOKMARK_INTERVAL_MS, sendBookmarks);
  };
  if (request.bookmarks) bookmarkTimer = clock.schedule(BOOKMARK_INTERVAL_MS, sendBookmarks);
  return queue;
}

/** A write as a watch with selectors sees it: an object that comes to match is new, one that ceases to is gone. */
function asSeen(
  event: StorageEvent,
  matches: Matcher,
): { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject } | undefined {
  const did = event.previous !== undefined && matches(event.previous);
  const does = event.type !== 'DELETED' && matches(event.object);
  if (does) return { type: did ? 'MODIFIED' : 'ADDED', object: event.object };
  if (!did || event.previous === undefined) return undefined;
  if (event.type === 'DELETED') return { type: 'DELETED', object: event.object };
  // The object in its last matching state, at the version of the write that ended that.
  const metadata = { ...event.previous.metadata, resourceVersion: String(event.revision) };
  return { type: 'DELETED', object: { ...event.previous, metadata } };
}

function bookmark(request: WatchRequest, revision: number, endsInitial: boolean): JsonTree {
  return {
    ...request.bookmarkKind,
    metadata: {
      resourceVersion: String(revision),
      ...(endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  };
}
