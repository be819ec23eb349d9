import type { AnalysisRun } from '../../api/analysis.ts';
import { isCompleted } from '../../api/analysis-phase.ts';
import { runHistoryLimitsOf } from '../../api/defaults.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../api/keys.ts';
import { nameOf } from '../../api/object-name.ts';
import type { PlanDraft } from './draft.ts';
import type { Facts } from './facts.ts';
import { hashOf, targetOf } from './replica-set.ts';

/**
 * Deletes finished runs that nobody needs: those of a version that is gone, and the oldest beyond the limits, which
 * count successful ones apart from all others.
 */
export function planRunHistory(facts: Facts, current: AnalysisRun | undefined, draft: PlanDraft): void {
  const limits = runHistoryLimitsOf(facts.rollout.spec);
  const finished = facts.observed.analysisRuns
    .filter((run) => run !== current && isCompleted(run.status?.phase) && run.metadata.deletionTimestamp === undefined)
    .toSorted(newestFirst);
  const orphans = finished.filter((run) => isOrphan(facts, run));
  const kept = finished.filter((run) => !orphans.includes(run));
  const successful = kept.filter((run) => run.status?.phase === 'Successful');
  const others = kept.filter((run) => run.status?.phase !== 'Successful');
  const surplus = [...orphans, ...successful.slice(limits.successful), ...others.slice(limits.unsuccessful)];
  for (const run of surplus) {
    draft.act({ kind: 'deleteAnalysisRun', target: targetOf(run) });
    draft.note('run-history', `AnalysisRun ${nameOf(run)} is beyond the history limits or its version is gone`);
  }
}

function isOrphan({ observed, currentHash }: Facts, run: AnalysisRun): boolean {
  const hash = run.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
  if (hash === undefined) return true;
  if (hash === currentHash) return false;
  return !observed.replicaSets.some(
    (replicaSet) => hashOf(replicaSet) === hash && replicaSet.metadata.deletionTimestamp === undefined,
  );
}

function newestFirst(left: AnalysisRun, right: AnalysisRun): number {
  const [first, second] = [left, right].map((run) => `${run.metadata.creationTimestamp ?? ''} ${nameOf(run)}`);
  return (first ?? '') < (second ?? '') ? 1 : -1;
}
