import { DeferredWork } from './deferred-work.ts';
import { deleteObject, PLAIN_DELETE } from './object-deleter.ts';
import { collectionOf } from './resource-type.ts';
import type { ServerContext } from './server-context.ts';
import type { StorageEvent } from './storage.ts';

const NAMESPACES = '/namespaces';

/** The namespace controller: empties a namespace that is being deleted, then lets it go. */
export class NamespaceLifecycle {
  readonly #context: ServerContext;
  readonly #work: DeferredWork;

  constructor(context: ServerContext) {
    this.#context = context;
    this.#work = new DeferredWork(context.clock, (name) => this.#finalize(name));
  }

  /** Follows every write from now on. */
  start(): void {
    this.#context.storage.subscribe((event) => this.#observe(event));
  }

  #observe(event: StorageEvent): void {
    const { metadata } = event.object;
    if (event.collection === NAMESPACES && event.type !== 'DELETED') {
      if (metadata.deletionTimestamp !== undefined) this.#work.add(metadata.name);
    } else if (event.type === 'DELETED' && metadata.namespace !== undefined) {
      if (this.#isTerminating(metadata.namespace)) this.#work.add(metadata.namespace);
    }
  }

  #isTerminating(name: string): boolean {
    return this.#context.storage.get(NAMESPACES, name)?.metadata.deletionTimestamp !== undefined;
  }

  #finalize(name: string): void {
    const { storage, registry } = this.#context;
    const namespace = storage.get(NAMESPACES, name);
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    let remaining = 0;
    for (const type of registry.distinct().filter((candidate) => candidate.namespaced)) {
      const content = storage.list(collectionOf(type)).filter((object) => object.metadata.namespace === name);
      for (const object of content) {
        const { isGone } = deleteObject(
          this.#context,
          { type, namespace: name, name: object.metadata.name },
          PLAIN_DELETE,
        );
        if (!isGone) remaining++;
      }
    }
    if (remaining > 0 || (namespace.metadata.finalizers ?? []).length > 0) return;
    const current = storage.get(NAMESPACES, name);
    if (current !== undefined) storage.remove(NAMESPACES, name, current);
  }
}
