import { formatTimestamp } from '../core/values/rfc3339.ts';
import type { JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { conflictCauses, conflictMessage } from './patch/apply-conflict.ts';
import { builtinMergeNode } from './patch/builtin-merge.ts';
import type { JsonObject } from './patch/json.ts';
import { type MergeNode, mergeNodeOfSchema, UNKNOWN_KIND } from './patch/merge-schema.ts';
import { applyServerSide, type TrackedWriteContext, trackUpdate } from './patch/server-side-apply.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';
import type { ServerContext } from './server-context.ts';
import { StatusError } from './status-error.ts';
import type { WriteOptions } from './write-options.ts';

/** What is the same for all writes that change who owns which field. */
interface OwnedWrite {
  readonly context: ServerContext;
  readonly type: ResourceType;
  readonly options: WriteOptions;
  readonly subresource?: string | undefined;
}

export interface TrackedWrite extends OwnedWrite {
  /** Undefined for a creation. */
  readonly before: KubeObject | undefined;
  readonly after: KubeObject;
}

/** Records in `metadata.managedFields` which fields this write gives to its manager. */
export function withManagedFields(write: TrackedWrite): KubeObject {
  const input = { ...trackingOf(write), before: asJson(write.before), after: asJson(write.after) };
  return trackUpdate(input) as unknown as KubeObject;
}

export interface ApplyWrite extends OwnedWrite {
  /** Undefined when the object does not exist yet. */
  readonly live: KubeObject | undefined;
  readonly applied: JsonTree;
}

/** Server-side apply: the live object with the applied configuration merged in. Throws 409 for fields of other managers. */
export function applyServerSideTo(write: ApplyWrite): JsonTree {
  const outcome = applyServerSide({
    ...trackingOf(write),
    live: asJson(write.live),
    applied: write.applied as JsonObject,
    force: write.options.force,
  });
  if (outcome.outcome === 'applied') return outcome.object;
  const causes = conflictCauses(outcome.conflicts);
  throw new StatusError(409, 'Conflict', conflictMessage(outcome.conflicts), { causes });
}

function trackingOf({ context, type, options, subresource }: OwnedWrite): TrackedWriteContext {
  return {
    manager: options.fieldManager,
    apiVersion: apiVersionOf(type),
    subresource,
    schema: mergeNodeOf(type),
    nowRfc3339: formatTimestamp(context.clock.now()),
    ignored: type.hasStatus && subresource === undefined ? ['status'] : [],
  };
}

function asJson(object: KubeObject): JsonObject;
function asJson(object: KubeObject | undefined): JsonObject | undefined;
function asJson(object: KubeObject | undefined): JsonObject | undefined {
  return object as unknown as JsonObject | undefined;
}

const customNodes = new WeakMap<ResourceType, MergeNode>();

function mergeNodeOf(type: ResourceType): MergeNode {
  if (type.builtIn) return builtinMergeNode(type.kind);
  const known = customNodes.get(type);
  if (known !== undefined) return known;
  const schema = type.schema();
  const node = schema === undefined ? UNKNOWN_KIND : mergeNodeOfSchema(schema);
  customNodes.set(type, node);
  return node;
}
