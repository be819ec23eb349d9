import { goRawJson } from '../values/go-json.ts';
import { formatGoNumber } from '../values/go-number.ts';
import type { JsonValue } from '../values/json.ts';
import type { JsonPathOptions } from './evaluate.ts';
import { findResults } from './evaluate.ts';
import type { JsonPath } from './syntax.ts';

/**
 * The output of `kubectl get -o jsonpath=…`: values of one action are separated by a space; texts and numbers stand as
 * they are, lists and objects as compact JSON.
 * @throws JsonPathError as `findResults`.
 */
export function renderJsonPath(path: JsonPath, data: unknown, options: JsonPathOptions = {}): string {
  return findResults(path, data, options)
    .map((values) => values.map(renderValue).join(' '))
    .join('');
}

function renderValue(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? formatGoNumber(value) : goRawJson(value);
}
