import type { EpochMs, Timestamp } from '../../api/time.ts';
import { formatTimestamp, parseTimestamp } from '../values/rfc3339.ts';

const SECOND_MS = 1000;

/** The moment that a stored timestamp names; undefined when there is none or it cannot be read. */
export function momentOf(timestamp: Timestamp | null | undefined): EpochMs | undefined {
  return timestamp === undefined || timestamp === null ? undefined : parseTimestamp(timestamp);
}

/** The first full second not before a moment. Stored claims of "since when" must not be a second too early. */
export function nextSecond(moment: EpochMs): EpochMs {
  return Math.ceil(moment / SECOND_MS) * SECOND_MS;
}

/** The full second next to a moment: for durations that people asked for, which shall be neither longer nor shorter. */
export function nearestSecond(moment: EpochMs): EpochMs {
  return Math.round(moment / SECOND_MS) * SECOND_MS;
}

export function timestamp(moment: EpochMs): Timestamp {
  return formatTimestamp(moment);
}

export function seconds(count: number): EpochMs {
  return count * SECOND_MS;
}
