import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** One field of a built-in Kubernetes type. */
export interface ModelField {
  readonly name: string;
  /** As TypeScript writes it: `string`, `Array<V1Container>`, `{ [key: string]: string; }`. */
  readonly type: string;
  /** Always present in what the server sends; says nothing about what it accepts. */
  readonly required: boolean;
  readonly description: string;
}

/** A built-in Kubernetes type. */
export interface Model {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly ModelField[];
}

const FIELD = /(?:\/\*\*\s*\n\s*\* ((?:(?!\*\/).)*)\n\s*\*\/\n)?\s*'([^']+)'(\??): ([^]+?);\n(?= {4}[^}\s])/g;
const CLASS = /\/\*\*\s*\n\* ((?:(?!\*\/).)*)\n\*\/\nexport declare class /;

const cache = new Map<string, Model | undefined>();

/**
 * The fields of a built-in type, read from the declarations of `@kubernetes/client-node`, which are generated from the
 * API server's OpenAPI document. Reading the few files that a kind needs is much quicker than importing that package,
 * and they carry the documentation for `kubectl explain`. Undefined for a name that is no model.
 */
export function modelOf(name: string): Model | undefined {
  if (!cache.has(name)) cache.set(name, parseModel(name));
  return cache.get(name);
}

function parseModel(name: string): Model | undefined {
  const text = readDeclaration(name);
  if (text === undefined) return undefined;
  const fields = [...text.matchAll(FIELD)].map(
    ([, description = '', field = '', optional, type = '']): ModelField => ({
      name: field,
      type: type.trim().replaceAll(/\s+/g, ' '),
      required: optional === '',
      description: plain(description),
    }),
  );
  return { name, description: plain(CLASS.exec(text)?.[1] ?? ''), fields };
}

function readDeclaration(name: string): string | undefined {
  try {
    return readFileSync(join(modelFolder(), `${name}.d.ts`), 'utf8');
  } catch {
    return undefined;
  }
}

function modelFolder(): string {
  const entry = createRequire(import.meta.url).resolve('@kubernetes/client-node');
  return join(dirname(entry), 'gen', 'models');
}

/** The generator escapes quotes. */
function plain(text: string): string {
  return text.replaceAll("\\'", "'").replaceAll('\\"', '"');
}
