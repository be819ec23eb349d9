import type { Budget } from './limits.ts';
import { Fault } from './limits.ts';
import { ordered } from './operations.ts';
import type { ExprValue } from './values.ts';

/** Whether an order argument asks for descending order. Throws Fault unless it is `asc`, `desc` or absent. */
export function sortOrder(name: string, order: ExprValue | undefined): boolean {
  if (order === undefined || order === 'asc') return false;
  if (order === 'desc') return true;
  throw new Fault(`invalid order for ${name}: expected "asc" or "desc"`);
}

/** A stable copy in order of the keys. Throws Fault when two keys cannot be compared. */
export function sorted<T>(
  items: readonly T[],
  keyOf: (item: T) => ExprValue,
  descending: boolean,
  budget: Budget,
): readonly T[] {
  budget.allocate(items.length);
  return [...items].sort((x, y) => {
    const first = keyOf(x);
    if (typeof first === 'string') budget.read(first);
    else budget.step();
    const [a, b] = descending ? [keyOf(y), keyOf(x)] : [keyOf(x), keyOf(y)];
    if (ordered('<', a, b)) return -1;
    return ordered('<', b, a) ? 1 : 0;
  });
}
