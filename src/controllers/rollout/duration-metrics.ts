import type { RolloutDuration } from '../../api/rollout-status.ts';
import { momentOf } from '../../core/rollout/moments.ts';
import type { Histogram, MetricsRegistry } from '../../telemetry/metrics.ts';

/** Argo Rollouts' buckets, seconds: from half a minute to a working day; people resume sooner or later than pods start. */
const TOTAL_BUCKETS: readonly number[] = [30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800];
const PROGRESSION_BUCKETS: readonly number[] = [30, 60, 120, 300, 600, 900, 1800, 3600];
const MANUAL_PAUSE_BUCKETS: readonly number[] = [0, 60, 300, 600, 1800, 3600, 7200, 14400, 28800];

/** Seconds that an attempt at an update took, and how they divide. */
export interface AttemptSeconds {
  readonly total: number;
  /** Without waiting for people. */
  readonly progression: number;
  readonly manualPause: number;
}

/** Undefined when the attempt is not over. A clock that was set back makes nothing negative. */
export function secondsOf(attempt: RolloutDuration): AttemptSeconds | undefined {
  const started = momentOf(attempt.rolloutStartedAt);
  const finished = momentOf(attempt.finishedAt);
  if (started === undefined || finished === undefined) return undefined;
  const total = Math.max(0, (finished - started) / 1000);
  const manualPause = attempt.totalManualPauseDurationSeconds ?? 0;
  return { total, manualPause, progression: Math.max(0, total - manualPause) };
}

/** Counts attempts at updates by how they ended, over all Rollouts, as Argo Rollouts does. */
export class DurationMetrics {
  readonly #total: Histogram<'status'>;
  readonly #progression: Histogram<'status'>;
  readonly #manualPause: Histogram<'status'>;

  constructor(metrics: MetricsRegistry) {
    const histogram = (name: string, help: string, buckets: readonly number[]): Histogram<'status'> =>
      metrics.histogram(name, help, ['status'], { buckets });
    this.#total = histogram(
      'rollout_duration_seconds',
      'Seconds from the begin of an update to its end.',
      TOTAL_BUCKETS,
    );
    this.#progression = histogram(
      'rollout_progression_duration_seconds',
      'Seconds that an update took without waiting for people.',
      PROGRESSION_BUCKETS,
    );
    this.#manualPause = histogram(
      'rollout_manual_pause_duration_seconds',
      'Seconds that an update waited for people.',
      MANUAL_PAUSE_BUCKETS,
    );
  }

  observe(attempt: RolloutDuration): void {
    const seconds = secondsOf(attempt);
    const status = attempt.completionStatus;
    if (seconds === undefined || status === undefined) return;
    this.#total.observe({ status }, seconds.total);
    this.#progression.observe({ status }, seconds.progression);
    this.#manualPause.observe({ status }, seconds.manualPause);
  }
}
