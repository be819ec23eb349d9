import { parseTimestamp } from '../../core/values/rfc3339.ts';
import { stringAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Column } from '../resource-type.ts';

const SECOND = 1000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

type Cell = Column['cell'];

export function textColumn(name: string, cell: (object: KubeObject) => unknown, description = ''): Column {
  return { name, type: 'string', priority: 0, description, cell };
}

export function numberColumn(name: string, cell: (object: KubeObject) => unknown, description = ''): Column {
  return { name, type: 'integer', priority: 0, description, cell: (object) => cell(object) ?? 0 };
}

/** Numbers in a column that Kubernetes calls a column of texts. */
export function countColumn(name: string, cell: (object: KubeObject) => unknown): Column {
  return { ...numberColumn(name, cell), type: 'string' };
}

/** A column that only `-o wide` shows. */
export function wide(column: Column): Column {
  return { ...column, priority: 1 };
}

export const NAME_COLUMN: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  description: 'Name must be unique within a namespace.',
  cell: (object) => object.metadata.name,
};

export const AGE_COLUMN: Column = {
  name: 'Age',
  type: 'string',
  priority: 0,
  description: 'CreationTimestamp is the moment when this object was created.',
  cell: ageOf((object) => object.metadata.creationTimestamp),
};

/** A cell that shows how long ago a moment was, as kubectl writes it. */
function ageOf(moment: (object: KubeObject) => string | undefined): Cell {
  return (object, nowMs) => ageText(moment(object), nowMs);
}

export function ageText(timestamp: string | undefined, nowMs: number): string {
  const then = timestamp === undefined ? undefined : parseTimestamp(timestamp);
  return then === undefined ? '<unknown>' : humanDuration(nowMs - then);
}

/** A duration with about two significant figures: `90s`, `5m30s`, `7h12m`, `3d4h` (apimachinery `HumanDuration`). */
export function humanDuration(durationMs: number): string {
  const seconds = Math.floor(durationMs / SECOND);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 10 * MINUTE) return two(seconds, MINUTE, 'm', 1, 's');
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 8 * HOUR) return two(seconds, HOUR, 'h', MINUTE, 'm');
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < 8 * DAY) return two(seconds, DAY, 'd', HOUR, 'h');
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`;
  if (seconds < 8 * YEAR) return two(seconds, YEAR, 'y', DAY, 'd');
  return `${Math.floor(seconds / YEAR)}y`;
}

function two(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${largeUnit}${rest === 0 ? '' : `${rest}${smallUnit}`}`;
}

/** Labels as `a=b,c=d`; `<none>` when there are none. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

/** A list as `a,b`; `<none>` when it is empty. */
export function listText(items: readonly string[]): string {
  return items.length === 0 ? '<none>' : items.join(',');
}

/** The text at a path, or what is shown in its place. */
export function textAt(object: unknown, fallback: string, ...path: readonly string[]): string {
  return stringAt(object, ...path) ?? fallback;
}
