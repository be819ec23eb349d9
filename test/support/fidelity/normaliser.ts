const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const LONG_RUN = /(\w)\1{50,}/g;
const SPEAKS_OF_VERSIONS = /resource ?version|revision/i;

type Tree = Readonly<Record<string, unknown>>;

/**
 * Makes answers comparable between servers: what a server draws or counts is replaced by a name that says which one it
 * is, `uid 1` and `version 2` in the order in which the case meets them. So it still shows whether a write made a new
 * version, or a new object.
 */
export class Normaliser {
  readonly #namespace: string;
  readonly #uids = new Map<string, string>();
  readonly #versions = new Map<string, string>();
  readonly #generated = new Map<string, string>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** `managedFields` are long and left out unless they are what the case is about. */
  value(value: unknown, withManagedFields = false): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item, withManagedFields));
    if (!isTree(value)) return value;
    this.#learnName(value);
    const isCollection =
      'items' in value || 'rows' in value || (isTree(value['metadata']) && isBookmark(value['metadata']));
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== 'managedFields' || withManagedFields)
        .map(([key, member]) => [
          this.text(key),
          key === 'metadata' && isCollection && isTree(member)
            ? this.#collectionMetadata(member)
            : this.#member(key, member, withManagedFields),
        ]),
    );
  }

  text(text: string): string {
    if (TIME.test(text)) return text.includes('.') ? '<microtime>' : '<time>';
    let result = text.replaceAll(this.#namespace, ':ns').replaceAll(LONG_RUN, (run) => `<${run.length} ${run[0]}>`);
    result = result.replaceAll(UUID, (uid) => numbered(this.#uids, 'uid', uid));
    for (const [name, shown] of this.#generated) result = result.replaceAll(name, shown);
    return SPEAKS_OF_VERSIONS.test(result) ? result.replaceAll(/(?<!uid )\b\d+\b/g, '<n>') : result;
  }

  #member(key: string, value: unknown, withManagedFields: boolean): unknown {
    if (key === 'resourceVersion' && typeof value === 'string') {
      return value === '' ? '' : numbered(this.#versions, 'version', value);
    }
    if (key === 'resources' && Array.isArray(value) && value.every(isTree)) {
      return value.toSorted(byName).map((item) => this.value(item));
    }
    if (key === 'clusterIP' && typeof value === 'string') return value.replace(ADDRESS, '<address>');
    if (key === 'clusterIPs' && Array.isArray(value))
      return value.map((ip) => String(ip).replace(ADDRESS, '<address>'));
    const shown = this.value(value, withManagedFields);
    return key === 'managedFields' && Array.isArray(shown) ? shown.sort(byManager) : shown;
  }

  /** Of a list or bookmark: anything that happens in the cluster moves its version on. */
  #collectionMetadata(metadata: Tree): unknown {
    const rest = this.value({ ...metadata, resourceVersion: undefined, continue: undefined }) as Tree;
    return {
      ...Object.fromEntries(Object.entries(rest).filter(([, member]) => member !== undefined)),
      ...('resourceVersion' in metadata ? { resourceVersion: '<now>' } : {}),
      ...((metadata['continue'] ?? '') === '' ? {} : { continue: '<token>' }),
    };
  }

  #learnName({ metadata }: Tree): void {
    if (!isTree(metadata)) return;
    const { name, generateName } = metadata;
    if (typeof name !== 'string' || typeof generateName !== 'string' || !name.startsWith(generateName)) return;
    const suffix = name.slice(generateName.length);
    if (suffix !== '') this.#generated.set(name, `${generateName}<${suffix.length} characters>`);
  }
}

/** Servers sort them by their times, which may be in the same second or not. */
function byManager(left: Tree, right: Tree): number {
  const key = ({ manager, operation, subresource }: Tree): string => JSON.stringify([manager, operation, subresource]);
  return key(left) < key(right) ? -1 : 1;
}

/** Discovery tells the resources of several definitions in the order of a Go map: none. */
function byName(left: Tree, right: Tree): number {
  return String(left['name']) < String(right['name']) ? -1 : 1;
}

function isBookmark(metadata: Tree): boolean {
  return metadata['resourceVersion'] !== undefined && metadata['name'] === undefined;
}

function numbered(known: Map<string, string>, what: string, value: string): string {
  const name = known.get(value) ?? `${what} ${known.size + 1}`;
  known.set(value, name);
  return name;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
