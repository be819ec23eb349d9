import type { Metric } from '../../api/analysis.ts';
import type { EpochMs } from '../../api/time.ts';
import type { ExprValue } from '../expr/values.ts';

/**
 * Why a measurement says nothing about the release, though nobody made a mistake. It is kept in the metadata of the
 * measurement, since it decides what too many errors in a row mean (docs/decisions/0003-no-data.md).
 *
 * - `no-data`: the provider answered that there is nothing
 * - `not-a-number`: the answer depends on NaN, as 0/0 gives without traffic
 * - `infinite`: it would be a success because of an infinity, as a division by zero gives
 * - `unreachable`: the provider did not answer, is overloaded or failed
 */
export type Blindness = 'no-data' | 'not-a-number' | 'infinite' | 'unreachable';

/** What a provider found out about a metric. */
export type Outcome =
  | {
      readonly kind: 'value';
      /** What conditions see as `result`. */
      readonly result: ExprValue;
      /** The same for people and clients, as Argo Rollouts writes it. */
      readonly value: string;
      readonly metadata?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'error';
      readonly message: string;
      /** Absent when somebody has to correct something, e.g. the query. */
      readonly blindness?: Blindness;
      /** How long the provider asks to be left alone, milliseconds. */
      readonly retryAfterMs?: number;
      readonly metadata?: Readonly<Record<string, string>>;
    };

/** One measurement that was taken, not yet judged. */
export interface TakenMeasurement {
  /** The metric as it was measured: all arguments filled in, secret ones too. */
  readonly metric: Metric;
  readonly startedAt: EpochMs;
  readonly finishedAt: EpochMs;
  readonly outcome: Outcome;
  /** For `metricResults[].metadata`, e.g. the query as it was sent. */
  readonly metricMetadata?: Readonly<Record<string, string>>;
}

/** Metadata key under which a measurement keeps its `Blindness`. */
export const BLINDNESS_KEY = 'linnet.dev/blind';
