/** Which resource a URL path names. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** The older way to ask for a watch: `/api/v1/watch/…`. */
  readonly isWatch?: true;
}

/** Parses `/api/v1/…` and `/apis/GROUP/VERSION/…`; undefined for any other path, discovery documents included. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart);
  const prefix = parts.shift();
  if (prefix !== 'api' && prefix !== 'apis') return undefined;
  const group = prefix === 'api' ? '' : parts.shift();
  const version = parts.shift();
  if (group === undefined || version === undefined || parts.length === 0) return undefined;
  if (parts[0] !== 'watch' || parts.length === 1) return { group, version, ...rest(parts, group) };
  return { group, version, ...rest(parts.slice(1), group), isWatch: true };
}

function rest(parts: readonly string[], group: string): Omit<ResourcePath, 'group' | 'version'> {
  // `/namespaces/NAME` and `/namespaces/NAME/status` are about a Namespace, anything longer about what is in it.
  const isInside = parts[0] === 'namespaces' && parts.length > 2 && !isNamespaceSubresource(parts, group);
  const [plural = '', name, ...subresource] = isInside ? parts.slice(2) : parts;
  return {
    plural,
    ...(isInside && parts[1] !== undefined ? { namespace: parts[1] } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource.length === 0 ? {} : { subresource: subresource.join('/') }),
  };
}

function isNamespaceSubresource(parts: readonly string[], group: string): boolean {
  return group === '' && parts.length === 3 && parts[2] === 'status';
}

function decodePart(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
