import { formatGoNumber } from '../values/go-number.ts';
import type { TemplateValue } from './template-value.ts';
import { assertWalkable, entryOf, HostObject, isList, isMap, isNil, sortedKeys } from './template-value.ts';

/** A value as Go's `%v` prints it: `[a b]`, `map[a:1 b:2]`, `<nil>`. Refuses what is too large. */
export function formatValue(value: TemplateValue): string {
  assertWalkable(value);
  return format(value);
}

function format(value: TemplateValue): string {
  if (typeof value === 'string') return value;
  if (isNil(value)) return '<nil>';
  if (isList(value)) return `[${value.map(format).join(' ')}]`;
  if (value instanceof HostObject) return value.text;
  if (isMap(value))
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${format(entryOf(value, key))}`)
      .join(' ')}]`;
  if (typeof value === 'number') return formatGoNumber(value);
  return typeof value === 'boolean' ? String(value) : 'func()';
}

/** What an action writes: as `%v`, but a missing value says so. */
export function printValue(value: TemplateValue): string {
  return isNil(value) ? '<no value>' : formatValue(value);
}

/** Go's `fmt.Sprint`: a space between two operands when neither is a text. */
export function sprint(values: readonly TemplateValue[]): string {
  return values
    .map((value, i) => {
      const spaced = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string';
      return `${spaced ? ' ' : ''}${formatValue(value)}`;
    })
    .join('');
}

/** Go's `fmt.Sprintln`: spaces between all operands and a line feed. */
export function sprintln(values: readonly TemplateValue[]): string {
  return `${values.map(formatValue).join(' ')}\n`;
}
