import type { KubeObject } from './core-types.ts';

/**
 * What identifies an object that an API server sent. It always sets these fields, while the types of objects that people
 * write leave them open; an empty text stands for one that is missing all the same.
 */
export function nameOf(object: KubeObject): string {
  return object.metadata.name ?? '';
}

export function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace ?? '';
}

export function uidOf(object: KubeObject): string {
  return object.metadata.uid ?? '';
}
