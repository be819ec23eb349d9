import { JsonPathError } from '../../core/jsonpath/json-path-error.ts';
import { parseRelaxedJsonPath } from '../../core/jsonpath/parse.ts';
import { deepEqual } from '../../core/values/deep-equal.ts';
import { type JsonTree, stringAt, treeAt, treesAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';

const SCOPES = ['Cluster', 'Namespaced'];
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

/** The checks on a CustomResourceDefinition that decide whether its resource can be served. */
export function validateCustomResourceDefinition(
  object: KubeObject,
  previous: KubeObject | undefined,
): readonly FieldError[] {
  const { spec } = object;
  // Its schemas can be large, and its status is written more often.
  if (previous !== undefined && deepEqual(spec, previous.spec)) return [];
  const plural = stringAt(spec, 'names', 'plural') ?? '';
  const group = stringAt(spec, 'group') ?? '';
  const scope = stringAt(spec, 'scope') ?? '';
  const errors: FieldError[] = [];
  if (object.metadata.name !== `${plural}.${group}`) {
    const detail = `must be spec.names.plural+"."+spec.group`;
    errors.push(fieldError('FieldValueInvalid', 'metadata.name', object.metadata.name, detail));
  }
  for (const [field, value] of [
    ['spec.group', group],
    ['spec.names.plural', plural],
    ['spec.names.kind', stringAt(spec, 'names', 'kind') ?? ''],
  ] as const) {
    if (value === '') errors.push(fieldError('FieldValueRequired', field, null, ''));
  }
  if (!SCOPES.includes(scope)) {
    errors.push(fieldError('FieldValueNotSupported', 'spec.scope', scope, 'supported values: "Cluster", "Namespaced"'));
  }
  return [...errors, ...versionErrors(treesAt(spec, 'versions')), ...fixedErrors(object, previous)];
}

function versionErrors(versions: readonly JsonTree[]): FieldError[] {
  const errors = versions.flatMap((version, index) => {
    const path = `spec.versions[${index}]`;
    const schema = treeAt(version, 'schema', 'openAPIV3Schema');
    if (schema === undefined) return [fieldError('FieldValueRequired', `${path}.schema.openAPIV3Schema`, null, '')];
    // What all versions have in common the server moves up before it looks: so it does with those of a single version.
    const isOnly = versions.length === 1;
    const schemaPath = isOnly ? 'spec.validation' : `${path}.schema`;
    return [...checkSchema(schema, `${schemaPath}.openAPIV3Schema`), ...columnErrors(version, isOnly ? 'spec' : path)];
  });
  const stored = versions.filter((version) => version['storage'] === true);
  if (stored.length !== 1) {
    const names = versions.map((version) => stringAt(version, 'name') ?? '');
    const detail = 'must have exactly one version marked as storage version';
    errors.push(fieldError('FieldValueInvalid', 'spec.versions', names, detail));
  }
  if (stored.length === 0) {
    errors.push(fieldError('FieldValueInvalid', 'status.storedVersions', [], 'must have at least one stored version'));
  }
  return errors;
}

function columnErrors(version: JsonTree, path: string): FieldError[] {
  return treesAt(version, 'additionalPrinterColumns').flatMap((column, index) => {
    const at = `${path}.additionalPrinterColumns[${index}]`;
    const type = stringAt(column, 'type') ?? '';
    const jsonPath = stringAt(column, 'jsonPath') ?? '';
    const mistake = pathMistake(jsonPath);
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    return [
      ...(COLUMN_TYPES.includes(type) ? [] : [fieldError('FieldValueInvalid', `${at}.type`, type, types)]),
      ...(mistake === undefined ? [] : [fieldError('FieldValueInvalid', `${at}.JSONPath`, jsonPath, mistake)]),
    ];
  });
}

function pathMistake(jsonPath: string): string | undefined {
  if (!jsonPath.startsWith('.')) return 'must be a simple json path starting with .';
  try {
    parseRelaxedJsonPath(jsonPath);
    return undefined;
  } catch (error) {
    if (error instanceof JsonPathError) return error.message;
    throw error;
  }
}

/** Scope and names are fixed once the resource exists. */
function fixedErrors(object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  if (previous === undefined) return [];
  return [['group'], ['scope'], ['names', 'plural'], ['names', 'kind']].flatMap((path) => {
    const value = stringAt(object.spec, ...path) ?? '';
    if (deepEqual(value, stringAt(previous.spec, ...path) ?? '')) return [];
    return [fieldError('FieldValueInvalid', `spec.${path.join('.')}`, value, 'field is immutable')];
  });
}
