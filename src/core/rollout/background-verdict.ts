import type { AnalysisRun } from '../../api/analysis.ts';
import type { Facts } from './facts.ts';

/** What the background analysis means for the update. */
export type BackgroundVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** It has just become inconclusive: the update pauses once. */
  | { readonly kind: 'inconclusive' };

/** The run that the stored status names, if it is still there. */
export function currentBackgroundRun(facts: Facts): AnalysisRun | undefined {
  const name = facts.status.canary?.currentBackgroundAnalysisRunStatus?.name;
  return facts.observed.analysisRuns.find((run) => run.metadata.name === name && name !== undefined);
}

export function backgroundVerdict(facts: Facts, run: AnalysisRun | undefined): BackgroundVerdict {
  const message = run?.status?.message;
  const detail = message === undefined || message === '' ? '' : `: ${message}`;
  switch (run?.status?.phase) {
    case 'Failed':
    case 'Error':
      return { kind: 'failed', reason: `Background analysis phase error/failed${detail}` };
    case 'Inconclusive':
      return facts.status.canary?.currentBackgroundAnalysisRunStatus?.status === 'Inconclusive'
        ? { kind: 'none' }
        : { kind: 'inconclusive' };
    default:
      return { kind: 'none' };
  }
}
