import type { AnalysisRunStatus, Metric } from '../../api/analysis.ts';
import type { EpochMs } from '../../api/time.ts';
import type { EventIntent, Note } from '../rollout/plan.ts';

/** A measurement to take now. */
export interface MeasurementTask {
  /** As in the spec of the run: arguments are filled in (`resolveMetric`) when Secrets have been read. */
  readonly metric: Metric;
  /** How many measurements of this metric were taken before. */
  readonly index: number;
}

/** What to do about an AnalysisRun. Equal observations at equal times give equal plans. */
export interface AnalysisPlan {
  /** The complete desired status. */
  readonly status: AnalysisRunStatus;
  /** To be taken at the same time; their outcomes go to `recordMeasurements`. */
  readonly tasks: readonly MeasurementTask[];
  /** To be recorded when the status has been stored. */
  readonly events: readonly EventIntent[];
  /** The next moment at which time alone changes the answer. */
  readonly requeueAt?: EpochMs;
  /** The run has outlived its `ttlStrategy` and is to be deleted. */
  readonly expired: boolean;
  readonly notes: readonly Note[];
}
