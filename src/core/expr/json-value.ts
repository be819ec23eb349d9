import { Fault, MAX_DEPTH } from './limits.ts';
import type { ExprValue } from './values.ts';

/**
 * JSON, as a metric provider or the API server returned it, as an expression sees it: every number is a float, every
 * object a map with string keys (own properties only), undefined properties are absent. Throws Fault (an Error) for
 * what JSON cannot hold and for nesting deeper than {@link MAX_DEPTH}.
 */
export function toExprValue(json: unknown): ExprValue {
  return convert(json, 0);
}

function convert(json: unknown, depth: number): ExprValue {
  if (depth > MAX_DEPTH) throw new Fault(`value is nested deeper than ${MAX_DEPTH} levels`);
  switch (typeof json) {
    case 'boolean':
    case 'number':
      return json;
    case 'string':
      return json.toWellFormed();
    case 'undefined':
      return null;
    case 'object':
      return convertObject(json, depth);
    case 'bigint':
    case 'symbol':
    case 'function':
      throw new Fault(`a ${typeof json} is not a JSON value`);
  }
}

function convertObject(json: object | null, depth: number): ExprValue {
  if (json === null) return null;
  if (Array.isArray(json)) return json.map((item: unknown) => convert(item, depth + 1));
  const map = new Map<ExprValue, ExprValue>();
  for (const [key, value] of Object.entries(json)) {
    if (value !== undefined) map.set(key.toWellFormed(), convert(value, depth + 1));
  }
  return map;
}
