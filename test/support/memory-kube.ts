import type { KubeObject } from '../../src/api/core-types.ts';
import type { JsonValue } from '../../src/core/values/json.ts';
import { applyMergePatch } from '../../src/core/values/merge-patch.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { KubeClient, KubeReader, ObjectKey, PatchBody } from '../../src/kube/client.ts';
import type { Resource } from '../../src/kube/resources.ts';

export interface RecordedWrite {
  readonly verb: 'create' | 'patch' | 'delete';
  readonly kind: string;
  readonly name: string;
  readonly body: unknown;
}

/** Objects in a map behind the client interface: enough for units that read a few objects and patch them. */
export class MemoryKube implements KubeReader, KubeClient {
  readonly #objects = new Map<string, KubeObject>();
  readonly writes: RecordedWrite[] = [];

  constructor(objects: readonly KubeObject[] = []) {
    for (const object of objects) this.put(object);
  }

  put(object: KubeObject): void {
    this.#objects.set(keyOf(object.kind ?? '', object.metadata.namespace, object.metadata.name ?? ''), object);
  }

  remove(kind: string, namespace: string, name: string): void {
    this.#objects.delete(keyOf(kind, namespace, name));
  }

  current<T extends KubeObject>(object: T): T | undefined {
    return this.#objects.get(keyOf(object.kind ?? '', object.metadata.namespace, object.metadata.name ?? '')) as
      | T
      | undefined;
  }

  find<T extends KubeObject>(resource: Resource, key: ObjectKey): Promise<T | undefined> {
    return Promise.resolve(this.#objects.get(keyOf(resource.kind, key.namespace, key.name)) as T | undefined);
  }

  async get<T extends KubeObject>(resource: Resource, key: ObjectKey): Promise<T> {
    const object = await this.find<T>(resource, key);
    if (object === undefined) throw refusal(404, 'NotFound', `${resource.plural} "${key.name}" not found`);
    return object;
  }

  list<T extends KubeObject>(resource: Resource, namespace: string | undefined): Promise<T[]> {
    const all = [...this.#objects.values()].filter(
      (object) => object.kind === resource.kind && (namespace === undefined || object.metadata.namespace === namespace),
    );
    return Promise.resolve(all as T[]);
  }

  create<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    const name = object.metadata.name ?? '';
    this.writes.push({ verb: 'create', kind: resource.kind, name, body: object });
    if (this.current({ ...object, kind: resource.kind }) !== undefined) {
      return Promise.reject(refusal(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`));
    }
    this.put({ ...object, kind: resource.kind });
    return Promise.resolve(object);
  }

  replace<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    this.writes.push({ verb: 'patch', kind: resource.kind, name: object.metadata.name ?? '', body: object });
    this.put({ ...object, kind: resource.kind });
    return Promise.resolve(object);
  }

  async patch<T extends KubeObject>(resource: Resource, key: ObjectKey, body: PatchBody): Promise<T> {
    if (body.type !== 'merge') throw new Error(`MemoryKube knows merge patches only, not ${body.type}`);
    this.writes.push({ verb: 'patch', kind: resource.kind, name: key.name, body: body.patch });
    const live = await this.get<T>(resource, key);
    const patched = applyMergePatch(live as unknown as JsonValue, body.patch as JsonValue) as unknown as T;
    this.put(patched);
    return patched;
  }

  delete(resource: Resource, key: ObjectKey): Promise<void> {
    this.writes.push({ verb: 'delete', kind: resource.kind, name: key.name, body: undefined });
    this.#objects.delete(keyOf(resource.kind, key.namespace, key.name));
    return Promise.resolve();
  }

  createSubresource<T extends KubeObject>(
    resource: Resource,
    key: ObjectKey,
    subresource: string,
    body: object,
  ): Promise<T> {
    this.writes.push({ verb: 'create', kind: `${resource.kind}/${subresource}`, name: key.name, body });
    return Promise.resolve(body as T);
  }
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

function refusal(status: number, reason: string, serverMessage: string): ApiError {
  return new ApiError({ status, reason, serverMessage, details: {}, request: { method: 'GET', path: '/' } });
}
