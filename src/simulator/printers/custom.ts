import { findValues } from '../../core/jsonpath/evaluate.ts';
import { JsonPathError } from '../../core/jsonpath/json-path-error.ts';
import { parseRelaxedJsonPath } from '../../core/jsonpath/parse.ts';
import { type JsonTree, numberAt, stringAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Column } from '../resource-type.ts';
import { AGE_COLUMN, ageText, NAME_COLUMN } from './column.ts';

/** The columns of a custom resource: its name, then `additionalPrinterColumns`, or its age when there are none. */
export function customColumns(definitions: readonly JsonTree[]): readonly Column[] {
  return definitions.length === 0 ? [NAME_COLUMN, AGE_COLUMN] : [NAME_COLUMN, ...definitions.map(columnOf)];
}

function columnOf(definition: JsonTree): Column {
  const type = columnType(stringAt(definition, 'type'));
  const valueOf = valueAtPath(stringAt(definition, 'jsonPath') ?? '');
  const format = stringAt(definition, 'format');
  return {
    name: stringAt(definition, 'name') ?? '',
    type,
    ...(format === undefined ? {} : { format }),
    priority: numberAt(definition, 'priority') ?? 0,
    description: stringAt(definition, 'description') ?? '',
    cell: (object, nowMs) => cellOf(valueOf(object), type, nowMs),
  };
}

/** The first value that a path selects, as the API server takes it; a path that fits nothing shows nothing. */
function valueAtPath(source: string): (object: KubeObject) => unknown {
  const path = parseRelaxedJsonPath(source);
  return (object) => {
    try {
      return findValues(path, object, { allowMissingKeys: true })[0];
    } catch (error) {
      if (error instanceof JsonPathError) return undefined;
      throw error;
    }
  };
}

function columnType(text: string | undefined): Column['type'] {
  switch (text) {
    case 'integer':
    case 'number':
    case 'boolean':
    case 'date':
      return text;
    default:
      return 'string';
  }
}

/** A value that is not of the column's type shows as nothing. */
function cellOf(value: unknown, type: Column['type'], nowMs: number): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageText(value, nowMs) : '<unknown>';
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}
