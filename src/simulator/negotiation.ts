/** How a client wants objects. */
export interface Medium {
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata';
}

const OBJECT: Medium = { as: 'object' };

/**
 * Picks the first representation in an Accept header that this server has; protobuf and unknown ones are passed over,
 * since every client that asks for them also takes JSON.
 */
export function mediumOf(accept: string | undefined): Medium {
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const values = new Map(parameters.map((parameter) => splitOnce(parameter)));
    const as = values.get('as');
    if (as === undefined) return OBJECT;
    const isMeta = values.get('g') === 'meta.k8s.io' && values.get('v') === 'v1';
    if (isMeta && as === 'Table') return { as: 'Table' };
    if (isMeta && (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')) {
      return { as: 'PartialObjectMetadata' };
    }
  }
  return OBJECT;
}

function splitOnce(parameter: string): [string, string] {
  const at = parameter.indexOf('=');
  return at === -1 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
}
