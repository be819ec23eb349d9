import { formatDuration } from './go-duration.ts';
import { formatFloat } from './go-number.ts';
import type { Budget } from './limits.ts';
import { Fault, MAX_DEPTH } from './limits.ts';
import { formatTime, STRING_LAYOUT } from './time-layout.ts';
import { compareBytes } from './utf8.ts';
import type { ExprMap, ExprValue } from './values.ts';
import { GoDuration, GoEnum, GoLocation, GoTime, isList, isMap } from './values.ts';

/** A value as Go's `%v` prints it: `[1 2]`, `map[a:1 b:2]`, `<nil>`, `1h0m0s`. */
export function formatValue(value: ExprValue, budget: Budget, depth = 0): string {
  if (depth > MAX_DEPTH) throw new Fault(`value is nested deeper than ${MAX_DEPTH} levels`);
  const text = formatScalar(value) ?? formatContainer(value, budget, depth);
  budget.allocate(text.length);
  return text;
}

function formatScalar(value: ExprValue): string | undefined {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatFloat(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof GoTime) return formatTime(value, STRING_LAYOUT);
  if (value instanceof GoDuration) return formatDuration(value.nanoseconds);
  if (value instanceof GoEnum || value instanceof GoLocation) return value.name;
  return undefined;
}

function formatContainer(value: ExprValue, budget: Budget, depth: number): string {
  const inner = (item: ExprValue) => formatValue(item, budget, depth + 1);
  if (isList(value)) return `[${value.map(inner).join(' ')}]`;
  if (value instanceof Uint8Array) return `[${value.join(' ')}]`;
  if (isMap(value)) {
    return `map[${sortedEntries(value, budget)
      .map(([key, item]) => `${inner(key)}:${inner(item)}`)
      .join(' ')}]`;
  }
  return 'func';
}

/** The entries in the order in which Go prints them: numbers by size, then everything else by its text. */
export function sortedEntries(map: ExprMap, budget: Budget): readonly (readonly [ExprValue, ExprValue])[] {
  budget.step(map.size);
  const numeric = (key: ExprValue) => typeof key === 'bigint' || typeof key === 'number';
  return [...map].sort(([a], [b]) => {
    if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b);
    if (numeric(a) && numeric(b)) return Number(a) - Number(b);
    return compareBytes(formatScalar(a) ?? '', formatScalar(b) ?? '');
  });
}
