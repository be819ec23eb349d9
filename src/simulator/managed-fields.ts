import { cloneTree, type JsonTree } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import type { Json, JsonObject } from './patch/json.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import type { ResourceType } from './resource-type.ts';
import type { ServerContext } from './server-context.ts';
import type { WriteOptions } from './write-options.ts';

export interface TrackedWrite {
  readonly context: ServerContext;
  readonly type: ResourceType;
  /** Undefined for a creation. */
  readonly before: KubeObject | undefined;
  readonly after: KubeObject;
  readonly options: WriteOptions;
  readonly subresource?: string | undefined;
}

/** Records in `metadata.managedFields` which fields this write gives to its manager. */
export function withManagedFields(write: TrackedWrite): KubeObject {
  return write.after;
}

export interface ApplyWrite {
  readonly context: ServerContext;
  readonly type: ResourceType;
  readonly live: KubeObject | undefined;
  readonly applied: JsonTree;
  readonly options: WriteOptions;
  readonly subresource: string | undefined;
}

/** Server-side apply: the live object with the applied configuration merged in. Throws 409 for fields of other managers. */
export function applyServerSideTo(write: ApplyWrite): JsonTree {
  return applyMergePatch(cloneTree(write.live ?? {}) as unknown as JsonObject, write.applied as Json);
}
