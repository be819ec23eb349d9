import type { EpochMs } from '../../api/time.ts';
import { formatDuration, parseDuration } from '../values/go-duration.ts';
import { ValueError } from '../values/value-error.ts';
import { integer, takes, text } from './arguments.ts';
import { formatGoTime, goTime, momentOf } from './go-time.ts';
import { Refusal } from './template-error.ts';
import type { TemplateFunction } from './template-value.ts';

const SECOND_MS = 1000;

/** Sprig's functions on dates. All times are in UTC. */
export function dateFunctions(now: EpochMs): ReadonlyMap<string, TemplateFunction> {
  return new Map<string, TemplateFunction>([
    ['now', takes(0, () => goTime(now))],
    ['date', takes(2, (layout, time) => formatGoTime(text(layout), momentOf(time)))],
    ['htmlDate', takes(1, (time) => formatGoTime('2006-01-02', momentOf(time)))],
    ['unixEpoch', takes(1, (time) => String(Math.floor(momentOf(time) / SECOND_MS)))],
    ['ago', takes(1, (time) => formatDuration(Math.round((now - momentOf(time)) / SECOND_MS) * SECOND_MS))],
    ['duration', takes(1, (seconds) => formatDuration(integer(seconds) * SECOND_MS))],
    ['dateModify', takes(2, (change, time) => goTime(momentOf(time) + milliseconds(text(change))))],
  ]);
}

function milliseconds(duration: string): number {
  try {
    return parseDuration(duration);
  } catch (error) {
    throw error instanceof ValueError ? new Refusal(error.message, { cause: error }) : error;
  }
}
