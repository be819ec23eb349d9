import type { EpochMs } from '../../api/time.ts';
import { parseTimestamp } from '../../core/values/rfc3339.ts';

const SECOND = 1000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** From which span on kubectl leaves the smaller unit out (apimachinery's `HumanDuration`). */
const ONLY_MINUTES_FROM = 10 * MINUTE;
const ONLY_HOURS_FROM = 8 * HOUR;
const ONLY_DAYS_FROM = 8 * DAY;
const ONLY_YEARS_FROM = 8 * YEAR;

/** A span of time as kubectl's AGE column shows it: `59s`, `2m5s`, `12m`, `3h10m`, `5d3h`, `40d`. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / SECOND);
  if (seconds < -1) return '<invalid>';
  if (seconds < 2 * MINUTE) return `${Math.max(seconds, 0)}s`;
  if (seconds < ONLY_MINUTES_FROM) return twoUnits(seconds, MINUTE, 'm', 1, 's');
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < ONLY_HOURS_FROM) return twoUnits(seconds, HOUR, 'h', MINUTE, 'm');
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < ONLY_DAYS_FROM) return twoUnits(seconds, DAY, 'd', HOUR, 'h');
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`;
  if (seconds < ONLY_YEARS_FROM) return twoUnits(seconds, YEAR, 'y', DAY, 'd');
  return `${Math.floor(seconds / YEAR)}y`;
}

function twoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`;
}

/** Time since a timestamp; empty when there is none. */
export function formatAge(timestamp: string | null | undefined, now: EpochMs): string {
  const moment = typeof timestamp === 'string' ? parseTimestamp(timestamp) : undefined;
  return moment === undefined ? '' : formatSpan(now - moment);
}
