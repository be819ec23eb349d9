import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KindName, KindTypes } from '../../../src/api/kinds.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

export interface Manifest {
  readonly file: string;
  readonly object: { readonly apiVersion?: unknown; readonly kind?: unknown };
}

/** All documents of all YAML files below a folder of the project. */
export function manifestsBelow(folder: string): readonly Manifest[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => {
      const file = path.join(folder, name);
      return parseAllDocuments(readFileSync(path.join(ROOT, file), 'utf8')).map((document) => {
        if (document.errors[0] !== undefined) throw document.errors[0];
        return { file, object: document.toJS() as Manifest['object'] };
      });
    });
}

/** The hand-written fixture of a kind, which sets every field that the kind has. */
export function fixture<K extends KindName>(kind: K, file: string): KindTypes[K] {
  const found = manifestsBelow('test/unit/api/fixtures').find((manifest) => manifest.file.endsWith(file));
  if (found?.object.kind !== kind) throw new Error(`no ${kind} in ${file}`);
  return found.object as unknown as KindTypes[K];
}
