import { formatTimestamp } from '../core/values/rfc3339.ts';
import { isTree, type JsonTree, numberAt, stringAt, valueAt } from './json-tree.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import { isReadyToGo } from './object-writer.ts';
import { collectionOf, subjectOf } from './resource-type.ts';
import { type Address, findObject, type ServerContext } from './server-context.ts';
import { badRequest, conflict } from './status-error.ts';

/** Finalizers by which the garbage collector takes part in a deletion. */
export const ORPHAN_FINALIZER = 'orphan';
export const FOREGROUND_FINALIZER = 'foregroundDeletion';

const DEFAULT_POD_GRACE_SECONDS = 30;

type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground';

export interface DeleteRequest {
  readonly propagation: PropagationPolicy | undefined;
  readonly gracePeriodSeconds: number | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly dryRun: boolean;
}

/** A deletion that the server itself asks for. */
export const PLAIN_DELETE: DeleteRequest = {
  propagation: undefined,
  gracePeriodSeconds: undefined,
  uid: undefined,
  resourceVersion: undefined,
  dryRun: false,
};

/** Reads `DeleteOptions` from the body and the query, which may each carry them. */
export function deleteRequestOf(body: unknown, query: Readonly<Record<string, string>>): DeleteRequest {
  const propagation =
    query['propagationPolicy'] ?? stringAt(body, 'propagationPolicy') ?? orphanDependents(body, query);
  if (propagation !== undefined && !isPropagation(propagation)) {
    throw badRequest(`invalid propagationPolicy "${propagation}": must be Orphan, Background or Foreground`);
  }
  const dryRun = query['dryRun'] === 'All' || JSON.stringify(valueAt(body, 'dryRun')) === '["All"]';
  const grace = query['gracePeriodSeconds'];
  return {
    propagation,
    gracePeriodSeconds: grace === undefined ? numberAt(body, 'gracePeriodSeconds') : Number(grace),
    uid: stringAt(body, 'preconditions', 'uid'),
    resourceVersion: stringAt(body, 'preconditions', 'resourceVersion'),
    dryRun,
  };
}

function isPropagation(text: string): text is PropagationPolicy {
  return text === 'Orphan' || text === 'Background' || text === 'Foreground';
}

/** The older form of `propagationPolicy`. */
function orphanDependents(body: unknown, query: Readonly<Record<string, string>>): PropagationPolicy | undefined {
  const value = query['orphanDependents'] ?? valueAt(body, 'orphanDependents');
  if (value === true || value === 'true') return 'Orphan';
  return value === false || value === 'false' ? 'Background' : undefined;
}

/** What became of a deletion: gone, or marked and waiting for its finalizers or its grace period. */
export interface Deletion {
  readonly object: KubeObject;
  readonly isGone: boolean;
}

/** Deletes an object, or marks it when something has to happen first. */
export function deleteObject(context: ServerContext, address: Address, request: DeleteRequest): Deletion {
  const { type, namespace, name } = address;
  const live = findObject(context, address);
  requirePreconditions(address, live, request);
  const marked = markForDeletion(context, live, request);
  const isGone = isReadyToGo(marked);
  if (request.dryRun) return { object: marked, isGone };
  const key = keyOf(namespace, name);
  // A deletion without delay leaves no trace of the mark: watchers see the object as it was.
  if (isGone) return { object: context.storage.remove(collectionOf(type), key, live), isGone };
  const isUnchanged = JSON.stringify(marked) === JSON.stringify(live);
  return { object: isUnchanged ? live : context.storage.put(collectionOf(type), key, marked), isGone };
}

function markForDeletion(context: ServerContext, live: KubeObject, request: DeleteRequest): KubeObject {
  const grace = graceSeconds(live, request);
  const already = live.metadata.deletionGracePeriodSeconds;
  const isFirst = live.metadata.deletionTimestamp === undefined;
  const remaining = isFirst || already === undefined ? grace : Math.min(grace, already);
  const { metadata } = live;
  const finalizers = finalizersFor(metadata.finalizers ?? [], request.propagation);
  return {
    ...live,
    metadata: {
      ...metadata,
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ...(isFirst && metadata.generation !== undefined ? { generation: metadata.generation + 1 } : {}),
      deletionTimestamp: isFirst
        ? formatTimestamp(context.clock.now() + grace * 1000)
        : (metadata.deletionTimestamp ?? formatTimestamp(context.clock.now())),
      deletionGracePeriodSeconds: remaining,
    },
    ...(live.kind === 'Namespace'
      ? { status: { ...(isTree(live.status) ? live.status : {}), phase: 'Terminating' } }
      : {}),
  };
}

function finalizersFor(present: readonly string[], propagation: PropagationPolicy | undefined): string[] {
  const others = present.filter((finalizer) => finalizer !== ORPHAN_FINALIZER && finalizer !== FOREGROUND_FINALIZER);
  switch (propagation) {
    case 'Orphan':
      return [...others, ORPHAN_FINALIZER];
    case 'Foreground':
      return [...others, FOREGROUND_FINALIZER];
    case 'Background':
      return others;
    case undefined:
      return [...present];
  }
}

/** Only pods are shut down gracefully, by their kubelet: one that was never scheduled or has ended has nobody to wait for. */
function graceSeconds(live: KubeObject, request: DeleteRequest): number {
  if (live.kind !== 'Pod' || live.apiVersion !== 'v1') return 0;
  const phase = stringAt(live, 'status', 'phase');
  if (stringAt(live, 'spec', 'nodeName') === undefined || phase === 'Succeeded' || phase === 'Failed') return 0;
  const configured = numberAt(live, 'spec', 'terminationGracePeriodSeconds') ?? DEFAULT_POD_GRACE_SECONDS;
  return Math.max(0, request.gracePeriodSeconds ?? configured);
}

function requirePreconditions({ type, name }: Address, live: KubeObject, request: DeleteRequest): void {
  const { uid, resourceVersion } = live.metadata;
  if (request.uid !== undefined && request.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${uid}`;
    throw conflict(subjectOf(type, name), why);
  }
  if (request.resourceVersion !== undefined && request.resourceVersion !== resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${request.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`;
    throw conflict(subjectOf(type, name), why);
  }
}

/** The body of the answer to a deletion that is complete. */
export function deletedStatus({ type, name }: Address, object: KubeObject): JsonTree {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(type.group === '' ? {} : { group: type.group }),
      kind: type.plural,
      uid: object.metadata.uid,
    },
  };
}
