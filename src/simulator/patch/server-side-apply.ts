import { type ApplyConflict, conflictsWith } from './apply-conflict.ts';
import { mergeApplied } from './apply-merge.ts';
import { claimedFields, compareFields, dropUnclaimed, type FieldChanges } from './field-ownership.ts';
import { difference, EMPTY, type FieldSet, intersection, isEmpty, union, withoutMembers } from './field-set.ts';
import { isList, isObject, type Json, type JsonObject, jsonEqual, ownAt, withoutKeys } from './json.ts';
import {
  type FieldManager,
  identityOf,
  readManagers,
  SERVER_FIELDS,
  withoutManagers,
  writeManagers,
} from './managed-fields.ts';
import type { MergeNode } from './merge-schema.ts';

/** What is the same for every write that is tracked. */
export interface TrackedWriteContext {
  readonly manager: string;
  /** `apps/v1` */
  readonly apiVersion: string;
  /** The subresource written to, such as `status` or `scale`. */
  readonly subresource?: string | undefined;
  readonly schema: MergeNode;
  /** The time of the write, with whole seconds. */
  readonly nowRfc3339: string;
  /**
   * Members of the root that this write cannot change and so cannot own, such as `status` for a write to the main
   * resource of a kind with a status subresource.
   */
  readonly ignored?: readonly string[] | undefined;
}

export interface ServerSideApply extends TrackedWriteContext {
  /** Undefined when the object is created. */
  readonly live: JsonObject | undefined;
  readonly applied: JsonObject;
  /** Takes fields over from other managers instead of failing. */
  readonly force?: boolean | undefined;
}

export type ApplyOutcome =
  | {
      readonly outcome: 'applied';
      readonly object: JsonObject;
      /** False when neither a value nor an owner changed: there is nothing to write. */
      readonly changed: boolean;
    }
  | { readonly outcome: 'conflict'; readonly conflicts: readonly ApplyConflict[] };

/** The owner of what an object held before the first server-side apply to it, when nothing was tracked. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/** Metadata that a configuration may carry along but never sets. */
const SERVER_METADATA = [
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/**
 * Server-side apply: lays the configuration over the live object, removes what this manager applied before and no longer
 * does (unless somebody else claims it), and records who owns what.
 *
 * @throws PatchError 500 when items of a list in the configuration cannot be told apart.
 */
export function applyServerSide(input: ServerSideApply): ApplyOutcome {
  const { schema } = input;
  const live = withoutManagers(input.live ?? {});
  const config = configurationOf(input);
  const self: FieldManager = {
    manager: input.manager,
    operation: 'Apply',
    apiVersion: input.apiVersion,
    subresource: input.subresource,
    fields: ownable(claimedFields(config, schema), input),
  };
  const managers = new Map(liveManagers(input, live));
  const id = identityOf(self);
  const last = managers.get(id);
  managers.set(id, { ...self, time: last?.time });
  const claimed = union(...[...managers.values()].map((manager) => manager.fields));
  const merged = mergeApplied(live, config, schema);
  const pruned = last === undefined ? merged : dropUnclaimed(merged, schema, last.fields, claimed);
  // Merged again, because what the configuration gives as empty has no field that claims it. Kubernetes leaves this out:
  // there, an empty list or object may take a second apply to appear.
  const object = mergeApplied(isObject(pruned) ? pruned : {}, config, schema);

  const changes = ownableChanges(compareFields(live, object, schema), input);
  const others = [...managers].filter(([otherId]) => otherId !== id);
  const conflicts = others.flatMap(([, other]) => conflictsWith(other, intersection(other.fields, changes.changed)));
  if (conflicts.length > 0 && input.force !== true) return { outcome: 'conflict', conflicts };
  for (const [otherId, other] of others) managers.set(otherId, without(other, changes));
  if (!jsonEqual(live, object)) managers.set(id, { ...self, time: input.nowRfc3339 });
  const result = writeManagers(object, managers.values());
  return { outcome: 'applied', object: result, changed: !jsonEqual(input.live, result) };
}

/** The applied object without what an applier cannot set. */
function configurationOf(input: ServerSideApply): JsonObject {
  const identity = ['apiVersion', 'kind'];
  const members = Object.entries(input.applied).flatMap(([name, value]) => {
    if (!identity.includes(name) && isIgnored(name, input)) return [];
    const isMetadata = name === 'metadata' && isObject(value);
    return [[name, isMetadata ? withoutKeys(value, ...SERVER_METADATA) : value] as const];
  });
  return Object.fromEntries(members);
}

function liveManagers(input: ServerSideApply, live: JsonObject): ReadonlyMap<string, FieldManager> {
  const managers = readManagers(input.live);
  if (managers.size > 0 || input.live === undefined) return managers;
  const unknown: FieldManager = {
    manager: BEFORE_FIRST_APPLY,
    operation: 'Update',
    apiVersion: input.apiVersion,
    fields: difference(claimedFields(live, input.schema), SERVER_FIELDS),
  };
  return new Map([[identityOf(unknown), unknown]]);
}

export interface TrackedUpdate extends TrackedWriteContext {
  /** Undefined when the object is created. */
  readonly before: JsonObject | undefined;
  /** The object as it will be stored, but for `managedFields`. */
  readonly after: JsonObject;
}

/**
 * Records in `metadata.managedFields` an ordinary write (create, update, patch): the fields it changed are its manager's,
 * fields that are gone are nobody's, all others keep their owners. `managedFields: [{}]` in `after` forgets all owners,
 * as it does in Kubernetes.
 */
export function trackUpdate(input: TrackedUpdate): JsonObject {
  const before = input.before === undefined ? undefined : withoutManagers(input.before);
  const after = withoutManagers(input.after);
  if (isReset(ownAt(input.after, 'metadata', 'managedFields'))) return after;
  const sent = readManagers(input.after);
  const managers = new Map(sent.size > 0 && input.subresource === undefined ? sent : readManagers(input.before));
  const changes = ownableChanges(compareFields(before ?? {}, after, input.schema), input);
  for (const [id, manager] of managers) managers.set(id, without(manager, changes));
  if (!isEmpty(changes.changed)) {
    const self: FieldManager = {
      manager: input.manager,
      operation: 'Update',
      apiVersion: input.apiVersion,
      subresource: input.subresource,
      // The scale subresource keeps no time.
      time: input.subresource === 'scale' ? undefined : input.nowRfc3339,
      fields: changes.changed,
    };
    const id = identityOf(self);
    managers.set(id, { ...self, fields: union(managers.get(id)?.fields ?? EMPTY, self.fields) });
  }
  return writeManagers(after, managers.values());
}

function isReset(managedFields: Json | undefined): boolean {
  return isList(managedFields) && managedFields.length === 1 && jsonEqual(managedFields[0], {});
}

function without(manager: FieldManager, changes: FieldChanges): FieldManager {
  const fields = difference(difference(manager.fields, changes.changed), changes.removed);
  return fields === manager.fields ? manager : { ...manager, fields };
}

function ownableChanges(changes: FieldChanges, context: TrackedWriteContext): FieldChanges {
  return { changed: ownable(changes.changed, context), removed: ownable(changes.removed, context) };
}

function ownable(fields: FieldSet, context: TrackedWriteContext): FieldSet {
  return difference(
    withoutMembers(fields, (name) => isIgnored(name, context)),
    SERVER_FIELDS,
  );
}

/** A write to the status subresource reaches nothing but the status. */
function isIgnored(member: string, context: TrackedWriteContext): boolean {
  const outsideStatus = context.subresource === 'status' && member !== 'status';
  return outsideStatus || (context.ignored ?? []).includes(member);
}
