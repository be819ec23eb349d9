import {
  BOOL,
  BYTES,
  DURATION,
  FLOAT,
  goName,
  INT,
  LIST,
  LOCATION,
  listOf,
  MAP,
  mapOf,
  NIL,
  STRING,
  type StaticType,
  TIME,
  UNKNOWN,
} from './types.ts';
import { AnyKeyMap, type ExprValue, GoDuration, GoEnum, GoLocation, GoTime, isList } from './values.ts';

/** The type that a value of the environment has. Looks at the items of a list, never deeper. */
export function typeOf(value: ExprValue): StaticType {
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'number':
      return FLOAT;
    case 'bigint':
      return INT;
    case 'string':
      return STRING;
    case 'object':
      return typeOfObject(value);
    case 'undefined':
    case 'symbol':
    case 'function':
      return UNKNOWN;
  }
}

function typeOfObject(value: Exclude<ExprValue, boolean | number | bigint | string>): StaticType {
  if (value === null) return NIL;
  // Prometheus and most other providers of Argo Rollouts return []float64, so a list of floats alone counts as one.
  if (isList(value)) {
    return value.length > 0 && value.every((item) => typeof item === 'number') ? listOf(FLOAT) : LIST;
  }
  if (value instanceof AnyKeyMap) return mapOf('any', UNKNOWN);
  if (value instanceof Map) return MAP;
  if (value instanceof Uint8Array) return BYTES;
  if (value instanceof GoTime) return TIME;
  if (value instanceof GoDuration) return DURATION;
  if (value instanceof GoLocation) return LOCATION;
  if (value instanceof GoEnum) return { kind: 'named', name: value.type };
  if ('params' in value) return { kind: 'function', params: value.params, result: value.result };
  return UNKNOWN;
}

/** The Go type of a value as `%T` prints it. */
export const goTypeOf = (value: ExprValue): string => (value === null ? '<nil>' : goName(typeOf(value)));
