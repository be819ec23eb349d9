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

/**
 * A stored moment cannot lie further ahead than one that is stored now. If it does, the clock was set back since, or it was
 * another machine's; waiting for it could hold up an abort for as long as the clocks differ.
 */
export function notAhead(stored: EpochMs | undefined, latest: EpochMs): EpochMs {
  return Math.min(stored ?? latest, latest);
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
