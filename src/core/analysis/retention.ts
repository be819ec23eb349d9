import type { Measurement } from '../../api/analysis.ts';

/** Of Argo Rollouts: how many measurements of a metric are kept unless `measurementRetention` says otherwise. */
const DEFAULT_RETENTION = 10;

/** Longest `value` of a measurement that is stored (S2 of the security expectations); a vector may have any length. */
const MAX_VALUE_LENGTH = 1024;

/** Longest message or metadata value; enough for a provider's error and for a long query. */
const MAX_TEXT_LENGTH = 2048;

/** The newest measurements; a limit of 0 or less, which is no limit, counts as the default. */
export function retain(measurements: readonly Measurement[], limit: number | undefined): readonly Measurement[] {
  const kept = limit !== undefined && limit > 0 ? limit : DEFAULT_RETENTION;
  return measurements.slice(-kept);
}

/** A value that fits into a status. */
export function shortValue(value: string): string {
  return shorten(value, MAX_VALUE_LENGTH);
}

/** A message that fits into a status. */
export function shortText(text: string): string {
  return shorten(text, MAX_TEXT_LENGTH);
}

function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  // Cutting between the halves of a surrogate pair would leave a lone one, which is no valid text.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
