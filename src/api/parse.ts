import type * as z from 'zod';
import { dropNulls } from './drop-nulls.ts';
import { API_GROUP_VERSION, KIND_SCHEMAS, type KindName, type KindTypes } from './kinds.ts';
import { join, type Problem, when } from './validate/problem.ts';
import { unknownFields } from './validate/unknown-fields.ts';

/** What came of reading a manifest. Warnings are about fields that the API server would drop. */
export type ParsedManifest<K extends KindName> =
  | { readonly ok: true; readonly value: KindTypes[K]; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/**
 * Checks that a value, e.g. from YAML, is a manifest of this kind: the types of all fields, and whatever is required.
 * A manifest that is accepted is returned as it came, the very object, with unknown fields and key order; only nulls
 * that the API server would drop are dropped, in a copy. What its fields mean together is for `validateManifest`.
 */
export function parseManifest<K extends KindName>(kind: K, manifest: unknown): ParsedManifest<K> {
  const schema = KIND_SCHEMAS[kind];
  const value = dropNulls(schema, manifest);
  const warnings = unknownFields(schema, value);
  const problems = [...typeProblems(kind, value), ...schemaProblems(schema, value)];
  if (problems.length > 0) return { ok: false, problems, warnings };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema has just accepted it
  return { ok: true, value: value as KindTypes[K], warnings };
}

function typeProblems(kind: KindName, manifest: unknown): readonly Problem[] {
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) return [];
  const actualKind: unknown = 'kind' in manifest ? manifest.kind : undefined;
  const apiVersion: unknown = 'apiVersion' in manifest ? manifest.apiVersion : undefined;
  return [
    ...when(actualKind !== kind, 'kind', `must be ${kind}, not ${shown(actualKind)}`),
    ...when(apiVersion !== API_GROUP_VERSION, 'apiVersion', `must be ${API_GROUP_VERSION}, not ${shown(apiVersion)}`),
  ];
}

function schemaProblems(schema: z.ZodType, manifest: unknown): readonly Problem[] {
  const { error } = schema.safeParse(manifest, { reportInput: true });
  if (error === undefined) return [];
  return error.issues
    .filter(({ path }) => !(path.length === 1 && (path[0] === 'kind' || path[0] === 'apiVersion')))
    .map((issue) => ({ field: issue.path.reduce(join, ''), message: explain(issue) }));
}

function explain(issue: z.core.$ZodIssue): string {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      if (input === undefined) return 'is required';
      return `must be ${noun(issue.expected)}, not ${shown(input)}${typeRemedy(issue.expected, input)}`;
    case 'invalid_union':
      return `must be a number or a string, not ${shown(input)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}, not ${shown(input)}`;
    case 'too_big':
    case 'too_small':
      return `is out of range: ${shown(input)}`;
    default:
      return issue.message;
  }
}

function typeRemedy(expected: string, input: unknown): string {
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) return '; quote it';
  if (typeof input === 'string' && /^(?:-?\d+|true|false)$/.test(input) && expected !== 'string') {
    return ['int', 'number', 'boolean'].includes(expected) ? '; remove the quotes' : '';
  }
  return '';
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function noun(type: string): string {
  return NOUNS[type] ?? type;
}

const LONGEST_SHOWN_TEXT = 40;

/** The value itself when it is short, else what it is. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string' && value.length > LONGEST_SHOWN_TEXT) return `a string of ${value.length} characters`;
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}
