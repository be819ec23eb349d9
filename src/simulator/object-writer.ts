import { deepEqual } from '../core/values/deep-equal.ts';
import { formatTimestamp } from '../core/values/rfc3339.ts';
import { conform } from './conform.ts';
import { cloneTree, isTree, type JsonTree, scalarTextAt, stringAt } from './json-tree.ts';
import { type KubeObject, keyOf, type ObjectMeta } from './kube-object.ts';
import { withManagedFields } from './managed-fields.ts';
import { randomSuffix, randomUid } from './random.ts';
import { apiVersionOf, collectionOf, kindSubjectOf, type ResourceType, subjectOf } from './resource-type.ts';
import { type FieldError, fieldError, valueOmitted } from './schema/field-error.ts';
import { type Address, findObject, type ServerContext } from './server-context.ts';
import {
  alreadyExists,
  badRequest,
  DecodingError,
  forbidden,
  invalid,
  notFound,
  type StatusCause,
  StatusError,
  staleObject,
  undecodable,
  unforeseen,
} from './status-error.ts';
import type { WriteOptions } from './write-options.ts';

/** How an update arrives at its object. */
export interface Change {
  /** Undefined for the object itself. */
  readonly subresource?: 'status' | 'scale';
  /** Makes the wanted object of the live one, which is frozen; what stays as it is is best shared. */
  readonly apply: (live: KubeObject) => JsonTree;
  /** The result of `apply` already carries the managedFields it should have (server-side apply). */
  readonly managesFields?: boolean;
}

/** Stores a new object; throws what the API server answers when it may not be. */
export function createObject(
  context: ServerContext,
  type: ResourceType,
  namespace: string | undefined,
  body: JsonTree,
  options: WriteOptions,
  managesFields = false,
): KubeObject {
  const draft = draftOf(context, type, namespace, body);
  requireNamespace(context, type, draft);
  if (type.hasStatus) delete draft.status;
  // Go writes the empty struct.
  if (type.hasStatus && type.builtIn) draft.status = {};
  const shaped = conform(type, draft, undefined, options);
  type.rules.allocate?.(shaped, context.storage.list(collectionOf(type)));
  const managed = managesFields
    ? shaped
    : withManagedFields({ context, type, before: undefined, after: shaped, options });
  const key = keyOf(namespace, draft.metadata.name);
  const existing = context.storage.get(collectionOf(type), key);
  if (existing !== undefined) throw occupied(type, existing);
  if (options.dryRun) return withoutVersion(managed);
  return context.storage.put(collectionOf(type), key, managed);
}

/** The name is taken; a client that waits for a deletion is told that it is under way. */
function occupied(type: ResourceType, existing: KubeObject): StatusError {
  const error = alreadyExists(subjectOf(type, existing.metadata.name));
  if (existing.metadata.deletionTimestamp === undefined) return error;
  return new StatusError(error.code, error.reason, `object is being deleted: ${error.message}`, error.details);
}

/** What was not stored has no version. */
function withoutVersion(object: KubeObject): KubeObject {
  const metadata: JsonTree = { ...object.metadata };
  delete metadata['resourceVersion'];
  return { ...object, metadata: metadata as unknown as ObjectMeta };
}

function draftOf(
  context: ServerContext,
  type: ResourceType,
  namespace: string | undefined,
  body: JsonTree,
): KubeObject {
  requireKind(type, body);
  const given = isTree(body['metadata']) ? body['metadata'] : {};
  requireDraft(type, namespace, given);
  const own = ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'resourceVersion', 'namespace'];
  const said = Object.fromEntries(Object.entries(given).filter(([field]) => !own.includes(field)));
  const name = stringAt(given, 'name') ?? '';
  const metadata: JsonTree = {
    ...cloneTree(said),
    name: name === '' ? `${stringAt(given, 'generateName') ?? ''}${randomSuffix(context.random)}` : name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: randomUid(context.random),
    creationTimestamp: formatTimestamp(context.clock.now()),
    ...(type.tracksGeneration ? { generation: 1 } : {}),
    resourceVersion: '',
  };
  return {
    ...cloneTree({ ...body, metadata: {} }),
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: metadata as unknown as ObjectMeta,
  };
}

/** What has to be right about the metadata of an object before it can have a place. */
function requireDraft(type: ResourceType, namespace: string | undefined, given: JsonTree): void {
  if ((stringAt(given, 'resourceVersion') ?? '') !== '') {
    throw unforeseen('resourceVersion should not be set on objects to be created');
  }
  for (const field of ['name', 'generateName', 'namespace']) {
    const isText = given[field] === undefined || given[field] === null || typeof given[field] === 'string';
    if (!isText) throw undecodable(type, `metadata.${field}: must be a string`);
  }
  requireSameNamespace(type, namespace, stringAt(given, 'namespace'));
  if ((stringAt(given, 'name') ?? '') !== '' || (stringAt(given, 'generateName') ?? '') !== '') return;
  const error = valueOmitted('FieldValueRequired', 'metadata.name', 'name or generateName is required');
  throw invalid(kindSubjectOf(type, ''), [causeOf(error)]);
}

/** Changes a stored object; throws what the API server answers when the result may not be stored. */
export function updateObject(
  context: ServerContext,
  address: Address,
  change: Change,
  options: WriteOptions,
): KubeObject {
  const { type } = address;
  const stored = findObject(context, address);
  const wanted = change.apply(stored);
  requireKind(type, wanted);
  requireSameObject(address, stored, wanted);
  const merged = mergeUpdate(type, stored, wanted, change.subresource);
  const shaped = conform(type, merged, stored, options);
  bumpGeneration(type, stored, shaped);
  const managed =
    change.managesFields === true
      ? shaped
      : withManagedFields({ context, type, before: stored, after: shaped, options, subresource: change.subresource });
  return commitUpdate(context, address, stored, managed, options);
}

/** An unchanged object is not written, so its version stays; one that waited for its last finalizer is removed. */
function commitUpdate(
  context: ServerContext,
  { type, namespace, name }: Address,
  stored: KubeObject,
  result: KubeObject,
  options: WriteOptions,
): KubeObject {
  if (deepEqual(stored, result) || options.dryRun) return result;
  const key = keyOf(namespace, name);
  if (isReadyToGo(result)) {
    // Watchers see the object as it was stored last, with the finalizer that goes here; only the caller sees the change.
    context.storage.remove(collectionOf(type), key, stored);
    return result;
  }
  return context.storage.put(collectionOf(type), key, result);
}

/** Deletion was asked for, and neither a finalizer nor a grace period holds it up. */
export function isReadyToGo(object: KubeObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata;
  const namespaceFinalizers = object.kind === 'Namespace' ? object.spec?.['finalizers'] : undefined;
  return (
    deletionTimestamp !== undefined &&
    (finalizers ?? []).length === 0 &&
    (deletionGracePeriodSeconds ?? 0) === 0 &&
    !(Array.isArray(namespaceFinalizers) && namespaceFinalizers.length > 0)
  );
}

/** Keeps from the stored object what this kind of update may not touch. */
function mergeUpdate(
  type: ResourceType,
  stored: KubeObject,
  wanted: JsonTree,
  subresource: Change['subresource'],
): KubeObject {
  const given = isTree(wanted['metadata']) ? wanted['metadata'] : {};
  if (subresource === 'status') {
    const metadata = type.builtIn
      ? mergeMetadata(stored.metadata, metadataBesideStatus(stored, given))
      : { ...stored.metadata, ...pick(given, ['managedFields']) };
    return withMember({ ...stored, metadata }, 'status', wanted['status']);
  }
  const metadata = mergeMetadata(stored.metadata, given);
  const merged = { ...wanted, apiVersion: stored.apiVersion, kind: stored.kind, metadata };
  return type.hasStatus ? withMember(merged, 'status', stored.status) : merged;
}

/** What an update says of metadata, but for what the server alone sets. */
function mergeMetadata(stored: ObjectMeta, given: JsonTree): ObjectMeta {
  const serverOnly = ['generation', 'deletionTimestamp', 'deletionGracePeriodSeconds'];
  const fixed = ['name', 'namespace', 'generateName', 'uid', 'creationTimestamp', 'resourceVersion', ...serverOnly];
  const said = Object.entries(given).filter(([key]) => !serverOnly.includes(key));
  return { ...Object.fromEntries(said), ...pick(stored, fixed) } as unknown as ObjectMeta;
}

/** What an update of the status may say of metadata: all that any update may, but a Deployment keeps its labels. */
function metadataBesideStatus({ kind, metadata }: KubeObject, given: JsonTree): JsonTree {
  if (kind !== 'Deployment') return given;
  const { labels: _, ...others } = given;
  return { ...others, ...pick(metadata, ['labels']) };
}

function withMember(object: KubeObject, key: string, value: unknown): KubeObject {
  const { [key]: _, ...others } = object;
  return (value === undefined ? others : { ...others, [key]: value }) as KubeObject;
}

function pick(source: object, keys: readonly string[]): JsonTree {
  return Object.fromEntries(Object.entries(source).filter(([key, value]) => keys.includes(key) && value !== undefined));
}

/** The generation counts changes of what is wanted: everything but metadata and, where it is a subresource, status. */
function bumpGeneration(type: ResourceType, stored: KubeObject, wanted: KubeObject): void {
  if (!type.tracksGeneration) return;
  const relevant = (object: KubeObject): JsonTree => {
    const { metadata: _, ...others } = object;
    if (type.hasStatus) Reflect.deleteProperty(others, 'status');
    return others;
  };
  if (deepEqual(relevant(stored), relevant(wanted))) return;
  wanted.metadata = { ...wanted.metadata, generation: (stored.metadata.generation ?? 0) + 1 };
}

function requireSameObject({ type, name, namespace }: Address, stored: KubeObject, wanted: JsonTree): void {
  const wantedName = stringAt(wanted, 'metadata', 'name');
  if (wantedName !== name) {
    throw badRequest(`the name of the object (${wantedName ?? ''}) does not match the name on the URL (${name})`);
  }
  requireSameNamespace(type, namespace, stringAt(wanted, 'metadata', 'namespace'));
  const version = stringAt(wanted, 'metadata', 'resourceVersion');
  if (version !== undefined && version !== '' && version !== stored.metadata.resourceVersion) {
    throw staleObject(subjectOf(type, name));
  }
  const errors = (['uid', 'deletionTimestamp'] as const).flatMap((field) => {
    const value = stringAt(wanted, 'metadata', field) ?? '';
    if (value === '' || value === stored.metadata[field]) return [];
    return [fieldError('FieldValueInvalid', `metadata.${field}`, value, 'field is immutable')];
  });
  if (errors.length > 0) throw invalid(kindSubjectOf(type, name), errors.map(causeOf));
}

function causeOf({ type, message, field }: FieldError): StatusCause {
  return { reason: type, message, field };
}

function requireKind(type: ResourceType, body: JsonTree): void {
  const apiVersion = scalarTextAt(body, 'apiVersion');
  const kind = scalarTextAt(body, 'kind');
  const expected = apiVersionOf(type);
  if (!type.builtIn && kind === undefined) {
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): Object 'Kind' is missing`);
  }
  if (apiVersion !== undefined && apiVersion !== expected) {
    const message = `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`;
    throw badRequest(message);
  }
  if (kind === undefined || kind === type.kind) return;
  if (type.builtIn) {
    throw new DecodingError(`${kind} in version "${type.version}" cannot be handled as a ${type.kind}`);
  }
  const subject = { group: type.group, resource: kind, name: stringAt(body, 'metadata', 'name') ?? '' };
  throw invalid(subject, [causeOf(fieldError('FieldValueInvalid', 'kind', kind, `must be ${type.kind}`))]);
}

function requireSameNamespace(type: ResourceType, namespace: string | undefined, given: string | undefined): void {
  if (!type.namespaced || given === undefined || given === '' || given === namespace) return;
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** Nothing can be created in a namespace that is missing or on its way out. */
function requireNamespace(context: ServerContext, type: ResourceType, draft: KubeObject): void {
  const { namespace, name } = draft.metadata;
  if (!type.namespaced || namespace === undefined) return;
  const home = context.storage.get('/namespaces', namespace);
  if (home === undefined) throw notFound({ group: '', resource: 'namespaces', name: namespace });
  if (home.metadata.deletionTimestamp === undefined) return;
  const message = `namespace ${namespace} is being terminated`;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(subjectOf(type, name), why, [
    { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' },
  ]);
}
