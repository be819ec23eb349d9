import type { AnalysisRun } from '../../api/analysis.ts';
import type { Facts } from './facts.ts';

/** What the background analysis means for the update. */
export type BackgroundVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** It has just become inconclusive: the update pauses once. */
  | { readonly kind: 'inconclusive' };

/** A run that somebody keeps deleting judges nothing: after so many replacements a person decides. */
const MAX_REPLACEMENTS = 3;

/** The run that ran when the status was stored, and is gone. One that ended may go by its `ttlStrategy`: it is not lost. */
export function lostRun(facts: Facts): string | undefined {
  const recorded = facts.status.canary?.currentBackgroundAnalysisRunStatus;
  return recorded?.status === 'Running' && currentBackgroundRun(facts) === undefined ? recorded.name : undefined;
}

/**
 * How often the run of this update was lost, the loss that this pass finds included. A person who lets the update go on
 * begins a new count.
 */
export function countLostRuns(facts: Facts): number {
  const { currentBackgroundAnalysisRunStatus: recorded, lostAnalysisRuns = 0 } = facts.status.canary ?? {};
  if (recorded?.status === 'Inconclusive' && (facts.status.pauseConditions ?? []).length === 0) return 0;
  return lostAnalysisRuns + (lostRun(facts) === undefined ? 0 : 1);
}

/** Why the runs that were lost count as inconclusive; undefined as long as the next one is simply replaced. */
export function lossVerdict(lostRuns: number): string | undefined {
  return lostRuns > MAX_REPLACEMENTS ? `was deleted ${lostRuns} times before it ended` : undefined;
}

/** The run that the stored status names, if it is still there. */
export function currentBackgroundRun(facts: Facts): AnalysisRun | undefined {
  const name = facts.status.canary?.currentBackgroundAnalysisRunStatus?.name;
  return facts.observed.analysisRuns.find((run) => run.metadata.name === name && name !== undefined);
}

export function backgroundVerdict(facts: Facts, run: AnalysisRun | undefined, lostRuns: number): BackgroundVerdict {
  const wasInconclusive = facts.status.canary?.currentBackgroundAnalysisRunStatus?.status === 'Inconclusive';
  if (lossVerdict(lostRuns) !== undefined) return { kind: wasInconclusive ? 'none' : 'inconclusive' };
  const message = run?.status?.message;
  const detail = message === undefined || message === '' ? '' : `: ${message}`;
  switch (run?.status?.phase) {
    case 'Failed':
    case 'Error':
      return { kind: 'failed', reason: `Background analysis phase error/failed${detail}` };
    case 'Inconclusive':
      return { kind: wasInconclusive ? 'none' : 'inconclusive' };
    default:
      return { kind: 'none' };
  }
}
