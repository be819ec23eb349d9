import type { KubeObject } from '../api/core-types.ts';
import { nameOf } from '../api/object-name.ts';
import { parseJsonPath, parseRelaxedJsonPath } from '../core/jsonpath/parse.ts';
import { renderJsonPath } from '../core/jsonpath/render.ts';
import { CliError } from './cli-error.ts';

/** What `-o` asks for. */
export type OutputFormat =
  | { readonly kind: 'view' }
  | { readonly kind: 'wide' }
  | { readonly kind: 'json' | 'yaml' | 'name' }
  | { readonly kind: 'jsonpath'; readonly path: string };

const JSONPATH = 'jsonpath=';
const SIMPLE = ['wide', 'json', 'yaml', 'name'] as const;

/** Reads the value of `-o`. Throws `CliError` for one that there is not. */
export function parseOutputFormat(text: string | undefined): OutputFormat {
  if (text === undefined || text === '') return { kind: 'view' };
  const simple = SIMPLE.find((kind) => kind === text);
  if (simple !== undefined) return { kind: simple };
  if (text.startsWith(JSONPATH)) return { kind: 'jsonpath', path: text.slice(JSONPATH.length) };
  throw new CliError(`unknown output format "${text}"`, { hint: `use -o ${SIMPLE.join('|')}|jsonpath=TEMPLATE` });
}

/** Objects as `kubectl get -o …` prints them; undefined when the format is one of the views for people. */
export async function formatObjects(
  format: OutputFormat,
  objects: KubeObject | readonly KubeObject[],
): Promise<string | undefined> {
  switch (format.kind) {
    case 'view':
    case 'wide':
      return undefined;
    case 'name':
      return listed(objects)
        .map((object) => `rollout.argoproj.io/${nameOf(object)}\n`)
        .join('');
    case 'json':
      return `${JSON.stringify(document(objects), null, 4)}\n`;
    case 'yaml': {
      const { stringify } = await import('yaml');
      return stringify(document(objects), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
    }
    case 'jsonpath':
      return renderJsonPath(parsePath(format.path), document(objects));
  }
}

/** Text without braces would print itself; whoever writes it means a path. */
function parsePath(text: string): ReturnType<typeof parseJsonPath> {
  return text.includes('{') ? parseJsonPath(text) : parseRelaxedJsonPath(text);
}

function listed(objects: KubeObject | readonly KubeObject[]): readonly KubeObject[] {
  return isList(objects) ? objects : [objects];
}

/** Several objects become one of kind List. `managedFields` are left out, as kubectl does. */
function document(objects: KubeObject | readonly KubeObject[]): object {
  return isList(objects)
    ? { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: objects.map(withoutManagedFields) }
    : withoutManagedFields(objects);
}

function isList(objects: KubeObject | readonly KubeObject[]): objects is readonly KubeObject[] {
  return Array.isArray(objects);
}

function withoutManagedFields(object: KubeObject): object {
  const { managedFields: _, ...metadata } = object.metadata;
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', ...object, metadata };
}
