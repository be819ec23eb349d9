import type { AnalysisRun } from '../../api/analysis.ts';
import type { EpochMs } from '../../api/time.ts';
import { parseTimestamp } from '../values/rfc3339.ts';

const SECOND_MS = 1000;

/**
 * When a completed run is to be deleted; undefined when it is kept. `secondsAfterCompletion` counts where the strategy
 * for the run's own outcome is not set (4.5.1 of the reference of Argo Rollouts).
 */
export function expiresAt({ spec, status }: AnalysisRun): EpochMs | undefined {
  const ttl = spec.ttlStrategy;
  const completedAt = status?.completedAt === undefined ? undefined : parseTimestamp(status.completedAt);
  if (ttl === undefined || completedAt === undefined) return undefined;
  const seconds = secondsFor(status?.phase, ttl) ?? ttl.secondsAfterCompletion;
  return seconds === undefined ? undefined : completedAt + seconds * SECOND_MS;
}

type TtlStrategy = NonNullable<AnalysisRun['spec']['ttlStrategy']>;

function secondsFor(phase: string | undefined, ttl: TtlStrategy): number | undefined {
  if (phase === 'Successful') return ttl.secondsAfterSuccess;
  return phase === 'Failed' ? ttl.secondsAfterFailure : undefined;
}
