import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../api/core-types.ts';

/** A manifest as it stands in a file: kind and API version are there, a namespace perhaps. */
export interface Manifest extends KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The objects of a YAML file with any number of documents; empty ones are passed over.
 * @throws Error naming the file and the place of the first mistake.
 */
export function readManifests(file: string, text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [mistake] = document.errors;
    if (mistake !== undefined) throw new Error(`${file}: ${mistake.message}`);
    const object: unknown = document.toJS();
    if (object === null) return [];
    if (!isManifest(object)) throw new Error(`${file}: a document lacks apiVersion, kind or metadata.name`);
    return [object];
  });
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Partial<Manifest>;
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string';
}
