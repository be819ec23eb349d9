import type { Mutation } from '../mutation.ts';

/** What the controllers believe about the cluster. */
export const CACHE_MUTATIONS: readonly Mutation[] = [
  {
    id: 'stale-cache-trusted',
    hurts: 'a pass decides on what it has changed itself a moment ago, and does it twice',
    file: 'controllers/rollout/controller.ts',
    find: 'const pending = guard.pendingUntil(key);',
    replace: 'const pending = [guard.pendingUntil(key)].find(() => false);',
    caughtBy: {
      scenario: 'scenario/failures/watches.test.ts',
      test: 'F09 stale read after own write: nothing is sent twice while a watch lags',
    },
  },
  {
    id: 'watch-gone-not-listed',
    hurts: 'after a compaction the controller never hears of the cluster again',
    file: 'kube/reflector.ts',
    find: "new Set(['expired', 'garbage', 'refused', 'internal'])",
    replace: "new Set(['garbage', 'refused', 'internal'])",
    caughtBy: {
      scenario: 'scenario/failures/watches.test.ts',
      test: 'F08 410 Gone in the stream: one list each, deletions in the gap are noticed, nothing is added twice',
    },
  },
  {
    id: 'silent-watch-trusted',
    hurts: 'behind a proxy that drops idle connections nothing happens until the next list, half an hour later',
    file: 'kube/reflector.ts',
    find: "this.#watchForStall(() => scope.abort(new Error('stalled')));",
    replace: 'this.#watchForStall(() => {});',
    caughtBy: {
      scenario: 'scenario/failures/watches.test.ts',
      test: 'F07 silently dead watch: what happened is acted on within the bound, and a metric shows it',
    },
  },
  {
    id: 'late-after-an-outage',
    hurts: 'an abort that was ordered while the API server was away waits for as long again',
    file: 'runtime/retry-limits.ts',
    find: 'UNANSWERED_RETRY_MAX_MS = 5_000',
    replace: 'UNANSWERED_RETRY_MAX_MS = 60_000',
    caughtBy: {
      scenario: 'scenario/failures/absence.test.ts',
      test: 'F06 what waits for the API server is done soon after its return > an abort takes the weight away within 8 s',
    },
  },
  {
    id: 'request-forgotten-by-http-2',
    hurts: 'after a cut connection watches stand still until their deadline, half a minute',
    file: 'kube/connection-pools.ts',
    find: 'allowH2: false',
    replace: 'allowH2: true',
    caughtBy: {
      scenario: 'scenario/kube-chaos/tls-and-proxy.test.ts',
      test: 'over TLS > no watch is forgotten when its connection is cut as soon as it is made',
    },
  },
  {
    id: 'bookmark-lost',
    hurts: 'each reconnect of a quiet kind costs a list of all its objects',
    file: 'kube/reflector.ts',
    find: "      case 'BOOKMARK':\n        break;",
    replace: "      case 'BOOKMARK':\n        return;",
    caughtBy: {
      scenario: 'scenario/failures/watches.test.ts',
      test: 'F08 compaction while nothing happens: bookmarks keep the place, and nothing is listed again',
    },
  },
  {
    id: 'missed-deletion-kept',
    hurts: 'a ReplicaSet that was deleted while the watch was down is waited for, for ever',
    file: 'kube/object-cache.ts',
    find: 'const gone = this.store.list().filter((object) => !listed.has(keyOf(object)));',
    replace: 'const gone = this.store.list().filter((object) => !listed.has(keyOf(object)) && listed.has(""));',
    caughtBy: {
      scenario: 'scenario/failures/watches.test.ts',
      test: 'F10 missed delete: > a ReplicaSet is made again',
    },
  },
  {
    id: 'deleted-object-kept',
    hurts: 'whatever was deleted goes on serving in the mind of the controller',
    file: 'kube/object-cache.ts',
    find: '    this.store.delete(key);\n    return { type:',
    replace: '    return { type:',
    caughtBy: {
      scenario: 'scenario/failures/watches.test.ts',
      test: 'F10 missed delete: > a Rollout is not looked for, and nothing is made for it',
    },
  },
  {
    id: 'replayed-events-believed',
    hurts: 'a server that repeats its past after a reconnect takes the controller back there',
    file: 'kube/object-cache.ts',
    find: 'return this.#isReplay(object, before) ? [] : this.#put(key, object);',
    replace: 'return before === object ? [] : this.#put(key, object);',
    caughtBy: {
      scenario: 'scenario/failures/watches.test.ts',
      test: 'F14 event re-ordering and duplicates: a thousand old events make no write and no event',
    },
  },
  {
    id: 'lost-events-not-looked-for',
    hurts: 'an event that the server lost is never made up for',
    file: 'kube/reflector.ts',
    find: 'if (clock.monotonic() - this.#listedAt >= this.#timing.relistMs) {',
    replace: 'if (clock.monotonic() - this.#listedAt >= this.#timing.relistMs * 1_000) {',
    caughtBy: {
      scenario: 'scenario/kube-chaos/informer-chaos.test.ts',
      test: 'while watching > events that the server lost are found by a list and counted',
    },
  },
  {
    id: 'own-writes-forgotten',
    hurts: 'with a watch that stays behind, a pass does again what the last one did, on the sizes from before',
    file: 'controllers/rollout/write-guard.ts',
    find: '      kind.cache.learn(object);\n',
    replace: '',
    caughtBy: {
      scenario: 'scenario/world/regressions.test.ts',
      test: 'own-writes-forgotten (I3): When the watch stayed behind for five seconds, a pass decided on the sizes from before its own writes.',
    },
  },
  {
    id: 'outage-counts-for-deadline',
    hurts: 'when the API server was away, every update under way is taken back at once',
    file: 'core/rollout/deadline.ts',
    find: 'return presentSince > since ? presentSince : undefined;',
    replace: 'return undefined;',
    caughtBy: {
      scenario: 'scenario/failures/absence.test.ts',
      test: 'F06 no deadline failure for the time of an outage > pods that become ready within the deadline after it are in time',
    },
  },
];
