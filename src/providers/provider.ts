import type { Metric } from '../api/analysis.ts';
import type { MetricProviderName } from '../api/metric-provider.ts';
import type { EpochMs } from '../api/time.ts';
import type { Outcome } from '../core/analysis/outcome.ts';

export interface MeasureContext {
  /** The moment for which to measure. */
  readonly now: EpochMs;
  /** Aborted when the controller stops or the run was deleted. */
  readonly signal: AbortSignal;
  /** Hides the run's secrets. To be applied before a text is cut, since the half of a secret is not recognised. */
  readonly redact: (text: string) => string;
}

/**
 * Measures metrics of one kind. Every implementation passes test/contract/provider.suite.ts.
 *
 * `measure` never rejects: whatever goes wrong is an error outcome, with a message that names the cause, fits on one
 * screen and holds no credential, and it ends within the provider's deadline or as soon as `signal` aborts.
 */
export interface Provider {
  /** The field of `spec.metrics[].provider` that selects it. */
  readonly name: MetricProviderName;
  measure(metric: Metric, context: MeasureContext): Promise<Outcome>;
  /** For `metricResults[].metadata`: how the metric is measured, arguments filled in. */
  describe(metric: Metric): Readonly<Record<string, string>>;
}
