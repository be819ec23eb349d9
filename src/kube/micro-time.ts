import type { EpochMs } from '../api/time.ts';

/** RFC 3339 with microseconds, as Leases carry it: `2026-11-21T20:04:36.123000Z`. */
export function formatMicroTime(moment: EpochMs): string {
  return `${new Date(moment).toISOString().slice(0, -1)}000Z`;
}

/** Undefined for what is no time. */
export function parseMicroTime(text: string | undefined): EpochMs | undefined {
  const moment = Date.parse(text ?? '');
  return Number.isNaN(moment) ? undefined : moment;
}
