import { DeferredWork } from './deferred-work.ts';
import { type KubeObject, keyOf, type OwnerReference } from './kube-object.ts';
import { deleteObject, FOREGROUND_FINALIZER, ORPHAN_FINALIZER, PLAIN_DELETE } from './object-deleter.ts';
import { updateObject } from './object-writer.ts';
import type { Address, ServerContext } from './server-context.ts';
import type { StorageEvent } from './storage.ts';
import { internalWrite } from './write-options.ts';

/**
 * The garbage collector of kube-controller-manager: deletes objects whose owners are all gone, and carries out foreground
 * and orphaning deletions.
 */
export class GarbageCollector {
  readonly #context: ServerContext;
  readonly #work: DeferredWork;
  /** Where each live object is, by uid. */
  readonly #live = new Map<string, Address>();
  /** Uids of the objects that name an owner, by the owner's uid. */
  readonly #dependents = new Map<string, Set<string>>();

  constructor(context: ServerContext) {
    this.#context = context;
    this.#work = new DeferredWork(context.clock, (uid) => this.#collect(uid));
  }

  /** Follows every write from now on. */
  start(): void {
    this.#context.storage.subscribe((event) => this.#observe(event));
  }

  #observe(event: StorageEvent): void {
    const { object, previous } = event;
    const { uid } = object.metadata;
    const owners = ownersOf(object);
    for (const owner of previous === undefined ? [] : ownersOf(previous)) this.#dependents.get(owner.uid)?.delete(uid);
    if (event.type === 'DELETED') {
      this.#live.delete(uid);
      for (const dependent of this.#dependents.get(uid) ?? []) this.#work.add(dependent);
      for (const owner of owners) this.#work.add(owner.uid);
      return;
    }
    for (const owner of owners) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      this.#dependents.set(owner.uid, dependents.add(uid));
    }
    const address = this.#addressOf(event);
    if (address === undefined) return;
    this.#live.set(uid, address);
    const isNewlyOwned =
      owners.length > 0 && (previous === undefined || previous.metadata.ownerReferences === undefined);
    if (isNewlyOwned || object.metadata.deletionTimestamp !== undefined) this.#work.add(uid);
  }

  #addressOf({ collection, object }: StorageEvent): Address | undefined {
    const [group = '', plural = ''] = collection.split('/');
    const type = this.#context.registry.anyVersion(group, plural);
    return type === undefined ? undefined : { type, namespace: object.metadata.namespace, name: object.metadata.name };
  }

  #find(uid: string): { address: Address; object: KubeObject } | undefined {
    const address = this.#live.get(uid);
    if (address === undefined) return undefined;
    const { type, namespace, name } = address;
    const object = this.#context.storage.get(`${type.group}/${type.plural}`, keyOf(namespace, name));
    return object?.metadata.uid === uid ? { address, object } : undefined;
  }

  #collect(uid: string): void {
    const found = this.#find(uid);
    if (found === undefined) return;
    const { finalizers = [], deletionTimestamp } = found.object.metadata;
    if (deletionTimestamp === undefined) this.#collectDangling(found.address, found.object);
    else if (finalizers.includes(ORPHAN_FINALIZER)) this.#orphanDependents(found.address, uid);
    else if (finalizers.includes(FOREGROUND_FINALIZER)) this.#deleteDependents(found.address, uid);
  }

  #collectDangling(address: Address, object: KubeObject): void {
    const owners = ownersOf(object);
    const solid = owners.filter((owner) => this.#isPresent(owner, object));
    if (solid.length === owners.length) return;
    if (solid.length === 0) {
      deleteObject(this.#context, address, { ...PLAIN_DELETE, propagation: 'Background' });
      return;
    }
    this.#setOwners(address, solid);
  }

  /** An owner in another namespace counts as absent: references do not cross namespaces. */
  #isPresent(owner: OwnerReference, object: KubeObject): boolean {
    const found = this.#find(owner.uid);
    if (found === undefined) return false;
    return found.address.namespace === undefined || found.address.namespace === object.metadata.namespace;
  }

  #orphanDependents(address: Address, uid: string): void {
    for (const dependent of this.#dependentsOf(uid)) {
      this.#setOwners(
        dependent.address,
        ownersOf(dependent.object).filter((owner) => owner.uid !== uid),
      );
    }
    this.#dropFinalizer(address, ORPHAN_FINALIZER);
  }

  #deleteDependents(address: Address, uid: string): void {
    for (const { address: dependent, object } of this.#dependentsOf(uid)) {
      if (object.metadata.deletionTimestamp !== undefined) continue;
      const hasDependents = this.#dependentsOf(object.metadata.uid).length > 0;
      const propagation = hasDependents ? 'Foreground' : 'Background';
      deleteObject(this.#context, dependent, { ...PLAIN_DELETE, propagation });
    }
    const isBlocked = this.#dependentsOf(uid).some(({ object }) =>
      ownersOf(object).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true),
    );
    if (!isBlocked) this.#dropFinalizer(address, FOREGROUND_FINALIZER);
  }

  #dependentsOf(uid: string): { address: Address; object: KubeObject }[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#find(dependent) ?? []);
  }

  #setOwners(address: Address, owners: readonly OwnerReference[]): void {
    this.#update(address, (live) => {
      const { ownerReferences: _, ...metadata } = live.metadata;
      return { ...live, metadata: owners.length === 0 ? metadata : { ...metadata, ownerReferences: [...owners] } };
    });
  }

  #dropFinalizer(address: Address, finalizer: string): void {
    this.#update(address, (live) => ({
      ...live,
      metadata: { ...live.metadata, finalizers: (live.metadata.finalizers ?? []).filter((name) => name !== finalizer) },
    }));
  }

  #update(address: Address, apply: (live: KubeObject) => KubeObject): void {
    updateObject(this.#context, address, { apply }, internalWrite('kube-controller-manager'));
  }
}

function ownersOf(object: KubeObject): readonly OwnerReference[] {
  return object.metadata.ownerReferences ?? [];
}
