/**
 * What is known of a value before it is computed. expr compiles a condition against the Go types of its environment,
 * so comparing a list with a number is an error and not just false; these types reproduce that.
 */
export type StaticType =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'nil' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly name: 'int' | 'int64' | 'uint8' }
  | { readonly kind: 'float' }
  | { readonly kind: 'string' }
  | { readonly kind: 'list'; readonly item: StaticType }
  | { readonly kind: 'map'; readonly key: 'string' | 'any'; readonly item: StaticType }
  | { readonly kind: 'named'; readonly name: NamedType }
  | { readonly kind: 'function'; readonly params: readonly StaticType[]; readonly result: StaticType };

type NamedType = 'time.Time' | 'time.Duration' | '*time.Location' | 'time.Month' | 'time.Weekday';

const named = (name: NamedType): StaticType => ({ kind: 'named', name });

export const UNKNOWN: StaticType = { kind: 'unknown' };
export const NIL: StaticType = { kind: 'nil' };
export const BOOL: StaticType = { kind: 'bool' };
export const INT: StaticType = { kind: 'int', name: 'int' };
export const INT64: StaticType = { kind: 'int', name: 'int64' };
export const FLOAT: StaticType = { kind: 'float' };
export const STRING: StaticType = { kind: 'string' };
export const TIME = named('time.Time');
export const DURATION = named('time.Duration');
export const LOCATION = named('*time.Location');
export const MONTH = named('time.Month');
export const WEEKDAY = named('time.Weekday');
export const listOf = (item: StaticType): StaticType => ({ kind: 'list', item });
export const mapOf = (key: 'string' | 'any', item: StaticType): StaticType => ({ kind: 'map', key, item });
export const LIST = listOf(UNKNOWN);
export const BYTES = listOf({ kind: 'int', name: 'uint8' });
export const MAP = mapOf('string', UNKNOWN);

/** A type as Go writes it; unknown and nil are `unknown`. */
export function goName(type: StaticType): string {
  switch (type.kind) {
    case 'unknown':
    case 'nil':
      return 'unknown';
    case 'bool':
    case 'string':
      return type.kind;
    case 'float':
      return 'float64';
    case 'int':
    case 'named':
      return type.name;
    case 'list':
      return `[]${itemName(type.item)}`;
    case 'map':
      return `map[${type.key === 'any' ? 'interface {}' : 'string'}]${itemName(type.item)}`;
    case 'function':
      return `func(${type.params.map(itemName).join(', ')}) ${itemName(type.result)}`;
  }
}

const itemName = (type: StaticType): string =>
  type.kind === 'unknown' || type.kind === 'nil' ? 'interface {}' : goName(type);

export const isUnknown = (type: StaticType): boolean => type.kind === 'unknown';
export const isBool = (type: StaticType): boolean => type.kind === 'bool';
export const isInteger = (type: StaticType): boolean => type.kind === 'int';
export const isNumber = (type: StaticType): boolean => type.kind === 'int' || type.kind === 'float';
export const isString = (type: StaticType): boolean => type.kind === 'string';
export const isTime = (type: StaticType): boolean => type.kind === 'named' && type.name === 'time.Time';
export const isDuration = (type: StaticType): boolean => type.kind === 'named' && type.name === 'time.Duration';

/** Whether a value of type `from` may be used where `to` is asked for. Nothing unknown is assignable to something known. */
export function isAssignable(from: StaticType, to: StaticType): boolean {
  if (to.kind === 'unknown') return true;
  if (from.kind !== to.kind) return from.kind === 'nil' && ['list', 'map', 'function'].includes(to.kind);
  return from.kind === 'list' || goName(from) === goName(to);
}

/** Whether `==` between the two is allowed. */
export function isComparable(a: StaticType, b: StaticType): boolean {
  return (
    isUnknown(a) ||
    isUnknown(b) ||
    a.kind === 'nil' ||
    b.kind === 'nil' ||
    (isNumber(a) && isNumber(b)) ||
    (a.kind === 'list' && b.kind === 'list') ||
    isAssignable(a, b)
  );
}

/** Whether two types of which at least one is unknown might both pass one of the tests. */
export function mayBoth(a: StaticType, b: StaticType, ...tests: readonly ((type: StaticType) => boolean)[]): boolean {
  if (isUnknown(a)) return isUnknown(b) || tests.some((test) => test(b));
  return isUnknown(b) && tests.some((test) => test(a));
}
