import type * as core from '../../api/core-types.ts';
import type { Resource } from '../../kube/resources.ts';
import type { JsonTree } from '../json-tree.ts';
import { type KubeObject, keyOf } from '../kube-object.ts';
import { deleteObject, PLAIN_DELETE } from '../object-deleter.ts';
import { createObject, updateObject } from '../object-writer.ts';
import { collectionOf, type ResourceType } from '../resource-type.ts';
import type { Address, ServerContext } from '../server-context.ts';
import { StatusError } from '../status-error.ts';
import { internalWrite, type WriteOptions } from '../write-options.ts';

/** An object as actors read it: the server has filled in what identifies it. */
export type Stored<T extends core.KubeObject> = T & {
  readonly metadata: core.ObjectMeta & {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
};

/** How an actor reads and writes: synchronously, inside the server, under a field manager of its own. */
export class ActorClient {
  readonly context: ServerContext;
  readonly #options: WriteOptions;

  constructor(context: ServerContext, manager: string) {
    this.context = context;
    this.#options = internalWrite(manager);
  }

  get<T extends core.KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Stored<T> | undefined {
    return typed<T>(this.context.storage.get(collectionOf(this.#typeOf(resource)), keyOf(namespace, name)));
  }

  list<T extends core.KubeObject>(resource: Resource, namespace?: string): readonly Stored<T>[] {
    const all = this.context.storage.list(collectionOf(this.#typeOf(resource)));
    return all
      .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
      .map((object) => typed<T>(object))
      .filter((object) => object !== undefined);
  }

  create(resource: Resource, object: core.KubeObject): void {
    const { namespace } = object.metadata;
    createObject(this.context, this.#typeOf(resource), namespace, object as unknown as JsonTree, this.#options);
  }

  /** Replaces parts of the object; nothing happens when it is gone or `change` gives back what there is. */
  update<T extends core.KubeObject>(
    resource: Resource,
    object: Stored<T>,
    change: (live: T) => T,
    subresource?: 'status',
  ): void {
    const apply = (live: KubeObject) => change(live as unknown as T) as unknown as JsonTree;
    ignoreMissing(() => {
      updateObject(
        this.context,
        this.#addressOf(resource, object),
        { apply, ...(subresource === undefined ? {} : { subresource }) },
        this.#options,
      );
    });
  }

  updateStatus<T extends core.KubeObject & { readonly status?: unknown }>(
    resource: Resource,
    object: Stored<T>,
    status: T['status'],
  ): void {
    this.update<T>(resource, object, (live) => ({ ...live, status }), 'status');
  }

  delete(resource: Resource, object: Stored<core.KubeObject>, gracePeriodSeconds?: number): void {
    ignoreMissing(() => {
      deleteObject(this.context, this.#addressOf(resource, object), {
        ...PLAIN_DELETE,
        uid: object.metadata.uid,
        gracePeriodSeconds,
      });
    });
  }

  #addressOf(resource: Resource, { metadata }: Stored<core.KubeObject>): Address {
    return { type: this.#typeOf(resource), namespace: metadata.namespace, name: metadata.name };
  }

  #typeOf(resource: Resource): ResourceType {
    const type = this.context.registry.anyVersion(resource.group, resource.plural);
    if (type === undefined) throw new Error(`the simulator does not serve ${resource.plural}`);
    return type;
  }
}

/** The controller reference that an object made by `owner` carries. */
export function controlledBy(owner: Stored<core.KubeObject>): core.OwnerReference {
  return {
    apiVersion: owner.apiVersion ?? '',
    kind: owner.kind ?? '',
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function isControlledBy(object: core.KubeObject, owner: Stored<core.KubeObject>): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    ({ controller, uid }) => controller === true && uid === owner.metadata.uid,
  );
}

function typed<T extends core.KubeObject>(object: KubeObject | undefined): Stored<T> | undefined {
  return object as unknown as Stored<T> | undefined;
}

/** Somebody may have deleted the object in the meantime. */
function ignoreMissing(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 404) throw error;
  }
}
