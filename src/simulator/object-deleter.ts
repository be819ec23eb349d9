import { deepEqual } from '../core/values/deep-equal.ts';
import { formatTimestamp } from '../core/values/rfc3339.ts';
import { type JsonTree, numberAt, stringAt, treesAt, valueAt } from './json-tree.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import { isReadyToGo } from './object-writer.ts';
import type { Json } from './patch/json.ts';
import { collectionOf, kindSubjectOf } from './resource-type.ts';
import { type FieldError, fieldError } from './schema/field-error.ts';
import { type Address, findObject, type ServerContext } from './server-context.ts';
import { conflict, invalidOptions } from './status-error.ts';

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
  const policy = query['propagationPolicy'] ?? stringAt(body, 'propagationPolicy');
  const orphan = orphanDependents(body, query);
  const propagation = policy ?? orphan;
  const dryRun = query['dryRun'] === undefined ? valueAt(body, 'dryRun') : [query['dryRun']];
  const isDry = Array.isArray(dryRun) && dryRun.length > 0;
  const errors: FieldError[] = [];
  if (policy !== undefined && orphan !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(fieldError('FieldValueInvalid', 'propagationPolicy', policy, detail));
  } else if (propagation !== undefined && !isPropagation(propagation)) {
    const detail = 'supported values: "Foreground", "Background", "Orphan", "nil"';
    errors.push(fieldError('FieldValueNotSupported', 'propagationPolicy', propagation, detail));
  }
  if (isDry && dryRun.some((stage) => stage !== 'All')) {
    errors.push(fieldError('FieldValueNotSupported', 'dryRun', dryRun as Json[], 'supported values: "All"'));
  }
  if (errors.length > 0) {
    throw invalidOptions(
      'DeleteOptions',
      errors.map(({ type, message, field }) => ({ reason: type, message, field })),
    );
  }
  const grace = query['gracePeriodSeconds'];
  return {
    propagation: propagation === undefined || !isPropagation(propagation) ? undefined : propagation,
    gracePeriodSeconds: grace === undefined ? numberAt(body, 'gracePeriodSeconds') : Number(grace),
    uid: stringAt(body, 'preconditions', 'uid'),
    resourceVersion: stringAt(body, 'preconditions', 'resourceVersion'),
    dryRun: isDry,
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
  if (isGone) {
    const removed = context.storage.remove(collectionOf(type), key, live);
    return { object: isPod(live) ? marked : removed, isGone };
  }
  const isUnchanged = deepEqual(marked, live);
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
    ...terminatingStatus(live, isFirst, context),
  };
}

/** Kinds whose deletion takes a while say in their status that it is under way. */
function terminatingStatus(live: KubeObject, isFirst: boolean, { clock }: ServerContext): { status?: JsonTree } {
  if (live.kind === 'Namespace') return { status: { ...live.status, phase: 'Terminating' } };
  if (live.kind !== 'CustomResourceDefinition' || !isFirst) return {};
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: formatTimestamp(clock.now()),
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  return { status: { ...live.status, conditions: [...treesAt(live.status, 'conditions'), condition] } };
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
  if (!isPod(live)) return 0;
  const phase = stringAt(live, 'status', 'phase');
  if (stringAt(live, 'spec', 'nodeName') === undefined || phase === 'Succeeded' || phase === 'Failed') return 0;
  const configured = numberAt(live, 'spec', 'terminationGracePeriodSeconds') ?? DEFAULT_POD_GRACE_SECONDS;
  return Math.max(0, request.gracePeriodSeconds ?? configured);
}

/** A kind that is deleted gracefully: the answer to its deletion is the object, even when it is gone. */
export function isPod({ apiVersion, kind }: KubeObject): boolean {
  return kind === 'Pod' && apiVersion === 'v1';
}

function requirePreconditions({ type, name }: Address, live: KubeObject, request: DeleteRequest): void {
  const { uid, resourceVersion } = live.metadata;
  if (request.uid !== undefined && request.uid !== uid) {
    const why = `the UID in the precondition (${request.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(kindSubjectOf(type, name), why);
  }
  if (request.resourceVersion !== undefined && request.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${request.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(kindSubjectOf(type, name), why);
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
