import type { Mutation } from '../mutation.ts';

const REGRESSIONS = 'scenario/world/regressions.test.ts';
const RESTARTS = 'scenario/failures/restarts.test.ts';

/** How decisions get to the API server. */
export const WRITE_MUTATIONS: readonly Mutation[] = [
  {
    id: 'abort-dropped-on-router-error',
    hurts: 'while the router refuses writes no abort is recorded, and no next version can start',
    file: 'controllers/rollout/apply.ts',
    find: 'await applier.storeStatus(plan.status);',
    replace: 'if (applier.outcome().failures.length === 0) await applier.storeStatus(plan.status);',
    caughtBy: {
      scenario: 'scenario/failures/traffic.test.ts',
      test: 'F30 abort while the router refuses every write: is said at once, and carried out as soon as it accepts one',
    },
  },
  {
    id: 'lease-ignored',
    hurts: 'a controller that was frozen goes on writing beside its successor',
    file: 'controllers/assemble.ts',
    find: '() => elector?.isLeader() ?? true)',
    replace: '() => elector !== null)',
    caughtBy: {
      scenario: RESTARTS,
      test: 'a leader and its successor > F05 frozen leader: it makes no write after it goes on',
    },
  },
  {
    id: 'status-version-not-guarded',
    hurts: 'what a person ordered while a pass was under way is overwritten by it',
    file: 'controllers/rollout/apply.ts',
    find: 'const guarded = withMetadata(patch, { uid, resourceVersion });',
    replace: 'const guarded = withMetadata(patch, { uid, ...(subresource === undefined ? { resourceVersion } : {}) });',
    caughtBy: {
      scenario: 'scenario/failures/refusals.test.ts',
      test: 'F11 a person skips a step between the look and the write of a pass: it stays skipped',
    },
  },
  {
    id: 'revision-hides-an-order',
    hurts: 'an abort that came just before stands beside Healthy, as if it had been carried out',
    file: 'controllers/rollout/apply.ts',
    find: 'const guarded = withMetadata(patch, { uid, resourceVersion });',
    replace: 'const guarded = withMetadata(patch, { uid, ...(subresource === undefined ? {} : { resourceVersion }) });',
    caughtBy: {
      scenario: REGRESSIONS,
      test: 'healthy-beside-an-unheard-abort (I8): A pass that had not heard of an abort wrote the revision to the Rollout, and then Healthy beside the order.',
    },
  },
  {
    id: 'status-fields-never-removed',
    hurts: 'a pause that is over stays in the status, and the release stands for ever',
    file: 'controllers/rollout/apply.ts',
    find: 'const patch = mergePatchBetween(before, wanted);',
    replace: 'const patch: object | undefined = { ...wanted };',
    caughtBy: {
      scenario: RESTARTS,
      test: 'F03 crash between selector flip and weight write at the end: the next process finishes in order',
    },
  },
  {
    id: 'conflict-swallowed',
    hurts: 'a status that lost against another writer counts as stored: Events tell of what did not happen',
    file: 'controllers/rollout/apply.ts',
    find: 'if (isConflict(error)) this.#conflict = true;\n      else if (isNotFound',
    replace: 'if (isConflict(error)) this.#statusStored = true;\n      else if (isNotFound',
    caughtBy: {
      scenario: 'scenario/failures/refusals.test.ts',
      test: 'F11 conflict storm: > a hundred refusals in a row change neither phase nor outcome',
    },
  },
  {
    id: 'existing-replica-set-is-a-collision',
    hurts: 'after a crash the same version starts a second time under another hash',
    file: 'controllers/rollout/apply.ts',
    find: 'if (controllerOf(live) === uidOf(this.#rollout)) {',
    replace: 'if (controllerOf(live) === undefined) {',
    caughtBy: {
      scenario: RESTARTS,
      test: 'F02 crash between ReplicaSet create and status write: the one that exists is adopted',
    },
  },
  {
    id: 'foreign-replica-set-adopted',
    hurts: 'a ReplicaSet of somebody else is taken for the new version, and the release waits for ever',
    file: 'controllers/rollout/apply.ts',
    find: 'if (controllerOf(live) === uidOf(this.#rollout)) {',
    replace: 'if (controllerOf(live) !== null) {',
    caughtBy: {
      scenario: 'scenario/release/ownership.test.ts',
      test: 'a ReplicaSet of somebody else that has the name of a new version: stays as it is, and the version gets another hash',
    },
  },
  {
    id: 'retry-after-ignored',
    hurts: 'an API server that asks for patience gets more requests instead',
    file: 'kube/polite-transport.ts',
    find: 'const waitMs = retryAfterMs * (1 + random() * RETRY_JITTER);',
    replace: 'const waitMs = 10 * (1 + random() * RETRY_JITTER);',
    caughtBy: {
      scenario: 'scenario/failures/refusals.test.ts',
      test: 'F13 429 from the API server: 30 s of it lose nothing, and do not starve the lease',
    },
  },
];
