import { notAcceptable } from './status-error.ts';

/** How a client wants objects. */
export interface Medium {
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata';
}

const OBJECT: Medium = { as: 'object' };
const JSON_TYPES = ['application/json', 'application/*', '*/*'];
/** Written by the real server alone. Who takes these takes JSON as well, and gets that. */
const OTHER_TYPES = ['application/yaml', 'application/vnd.kubernetes.protobuf'];

/** Picks the first representation in an Accept header that the server has. Throws 406 when there is none. */
export function mediumOf(accept = ''): Medium {
  if (accept === '') return OBJECT;
  const media = accept.split(',').map(mediumIn);
  const [first] = media.filter((medium) => medium !== undefined && medium !== 'other');
  if (first !== undefined) return first;
  if (media.includes('other')) return OBJECT;
  throw notAcceptable();
}

function mediumIn(range: string): Medium | 'other' | undefined {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  const values = new Map(parameters.map((parameter) => splitOnce(parameter)));
  const as = values.get('as');
  if (as === undefined) return JSON_TYPES.includes(type) ? OBJECT : OTHER_TYPES.includes(type) ? 'other' : undefined;
  const isMeta = values.get('g') === 'meta.k8s.io' && values.get('v') === 'v1';
  if (!isMeta || !JSON_TYPES.includes(type)) return undefined;
  if (as === 'Table') return { as };
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    ? { as: 'PartialObjectMetadata' }
    : undefined;
}

function splitOnce(parameter: string): [string, string] {
  const at = parameter.indexOf('=');
  return at === -1 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
}
