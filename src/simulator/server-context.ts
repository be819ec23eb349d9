import type { Clock } from '../runtime/clock.ts';
import type { KubeObject } from './kube-object.ts';
import { keyOf } from './kube-object.ts';
import type { Random } from './random.ts';
import type { Registry } from './registry.ts';
import { collectionOf, inVersionOf, type ResourceType, subjectOf } from './resource-type.ts';
import { notFound } from './status-error.ts';
import type { Storage } from './storage.ts';

/** What all parts of the server share. */
export interface ServerContext {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
}

/** Where an object is. */
export interface Address {
  readonly type: ResourceType;
  /** Undefined for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  readonly name: string;
}

export function isStored(context: ServerContext, { type, namespace, name }: Address): boolean {
  return context.storage.get(collectionOf(type), keyOf(namespace, name)) !== undefined;
}

/** Finds an object, in the version of its address. Throws 404. */
export function findObject(context: ServerContext, { type, namespace, name }: Address): KubeObject {
  const found = context.storage.get(collectionOf(type), keyOf(namespace, name));
  if (found === undefined) throw notFound(subjectOf(type, name));
  return inVersionOf(type, found);
}
