import { apiVersionOf, type ResourceType } from './resource-type.ts';

/** The resources that the server offers, built in or from CustomResourceDefinitions. */
export class Registry {
  readonly #types = new Map<string, ResourceType>();
  /** The first version of each resource that was asked for, until the types change. */
  readonly #first = new Map<string, ResourceType | undefined>();

  constructor(types: readonly ResourceType[]) {
    for (const type of types) this.install(type);
  }

  install(type: ResourceType): void {
    this.#types.set(idOf(type), type);
    this.#first.clear();
  }

  /** Removes all versions of a resource. */
  uninstall(group: string, plural: string): void {
    for (const type of this.all()) {
      if (type.group === group && type.plural === plural) this.#types.delete(idOf(type));
    }
    this.#first.clear();
  }

  find(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#types.get(idOf({ group, version, plural }));
  }

  /** The type of any version of a resource; versions share their objects. */
  anyVersion(group: string, plural: string): ResourceType | undefined {
    const id = `${group}/${plural}`;
    if (!this.#first.has(id)) {
      const first = this.all().find((type) => type.group === group && type.plural === plural);
      this.#first.set(id, first);
    }
    return this.#first.get(id);
  }

  /** The type that objects with this apiVersion and kind have. */
  findKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.all().find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
  }

  /** In the order of installation, which is the order of discovery. */
  all(): ResourceType[] {
    return [...this.#types.values()];
  }

  /** One type for each resource, so that each collection is visited once. */
  distinct(): ResourceType[] {
    const seen = new Map(this.all().map((type) => [`${type.group}/${type.plural}`, type]));
    return [...seen.values()];
  }
}

function idOf(type: Pick<ResourceType, 'group' | 'version' | 'plural'>): string {
  return `${type.group}/${type.version}/${type.plural}`;
}
