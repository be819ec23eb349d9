import { formatTimestamp } from '../core/values/rfc3339.ts';
import { typesOfDefinition } from './custom-resource.ts';
import { DeferredWork } from './deferred-work.ts';
import { type JsonTree, stringAt, treesAt } from './json-tree.ts';
import type { KubeObject } from './kube-object.ts';
import { deleteObject, PLAIN_DELETE } from './object-deleter.ts';
import { updateObject } from './object-writer.ts';
import { collectionOf, type ResourceType } from './resource-type.ts';
import type { ServerContext } from './server-context.ts';
import type { StorageEvent } from './storage.ts';
import { internalWrite } from './write-options.ts';

const GROUP = 'apiextensions.k8s.io';
const PLURAL = 'customresourcedefinitions';
const COLLECTION = `${GROUP}/${PLURAL}`;
/** Holds a definition until its resources are gone. */
const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Serves what CustomResourceDefinitions describe, says so in their status, and cleans up when one is deleted. */
export class DefinitionLifecycle {
  readonly #context: ServerContext;
  readonly #work: DeferredWork;

  constructor(context: ServerContext) {
    this.#context = context;
    this.#work = new DeferredWork(context.clock, (name) => this.#reconcile(name));
  }

  /** Follows every write from now on. */
  start(): void {
    this.#context.storage.subscribe((event) => this.#observe(event));
  }

  #observe(event: StorageEvent): void {
    if (event.collection === COLLECTION) this.#serve(event);
    else if (event.type === 'DELETED') this.#observeDeletion(definitionName(event.collection));
  }

  /** The last resource of a definition that is being deleted lets it go. */
  #observeDeletion(name: string): void {
    const definition = this.#context.storage.get(COLLECTION, name);
    if (definition?.metadata.deletionTimestamp !== undefined) this.#work.add(name);
  }

  /** The resource is there as soon as its definition is, so that both can come in one go. */
  #serve({ type, object, key }: StorageEvent): void {
    const { registry } = this.#context;
    registry.uninstall(stringAt(object.spec, 'group') ?? '', stringAt(object.spec, 'names', 'plural') ?? '');
    if (type === 'DELETED') return;
    for (const served of typesOfDefinition(object)) registry.install(served);
    this.#work.add(key);
  }

  #reconcile(name: string): void {
    const definition = this.#context.storage.get(COLLECTION, name);
    const type = this.#context.registry.anyVersion(GROUP, PLURAL);
    if (definition === undefined || type === undefined) return;
    if (definition.metadata.deletionTimestamp === undefined) this.#establish(type, definition);
    else this.#cleanUp(type, definition);
  }

  #establish(type: ResourceType, definition: KubeObject): void {
    const address = { type, namespace: undefined, name: definition.metadata.name };
    const now = formatTimestamp(this.#context.clock.now());
    const options = internalWrite('kube-apiserver');
    if (!(definition.metadata.finalizers ?? []).includes(CLEANUP_FINALIZER)) {
      const apply = (live: KubeObject): JsonTree =>
        withFinalizers(live, [...(live.metadata.finalizers ?? []), CLEANUP_FINALIZER]);
      updateObject(this.#context, address, { apply }, options);
    }
    const apply = (live: KubeObject): JsonTree => ({ ...live, status: statusOf(live, now) });
    updateObject(this.#context, address, { subresource: 'status', apply }, options);
  }

  #cleanUp(type: ResourceType, definition: KubeObject): void {
    const served = typesOfDefinition(definition)[0];
    const instances = served === undefined ? [] : this.#context.storage.list(collectionOf(served));
    const waiting = instances.filter(({ metadata }) => {
      if (served === undefined) return false;
      const address = { type: served, namespace: metadata.namespace, name: metadata.name };
      return !deleteObject(this.#context, address, PLAIN_DELETE).isGone;
    });
    if (waiting.length > 0) return;
    const address = { type, namespace: undefined, name: definition.metadata.name };
    const apply = (live: KubeObject): JsonTree =>
      withFinalizers(
        live,
        (live.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP_FINALIZER),
      );
    updateObject(this.#context, address, { apply }, internalWrite('kube-apiserver'));
  }
}

/** `argoproj.io/rollouts` is described by `rollouts.argoproj.io`. */
function definitionName(collection: string): string {
  const [group = '', plural = ''] = collection.split('/');
  return `${plural}.${group}`;
}

function withFinalizers(object: KubeObject, finalizers: string[]): JsonTree {
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

function statusOf({ spec, status }: KubeObject, now: string): JsonTree {
  const present = treesAt(status, 'conditions');
  const condition = (type: string, reason: string, message: string): JsonTree =>
    present.find((entry) => entry['type'] === type) ?? {
      lastTransitionTime: now,
      message,
      reason,
      status: 'True',
      type,
    };
  const stored = treesAt(spec, 'versions').filter((version) => version['storage'] === true);
  return {
    ...status,
    acceptedNames: spec?.['names'],
    storedVersions: stored.map((version) => version['name']),
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
  };
}
