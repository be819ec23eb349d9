import type { ReplicaSet } from '../../api/core-types.ts';
import { revisionHistoryLimitOf } from '../../api/defaults.ts';
import { nameOf } from '../../api/object-name.ts';
import type { PlanDraft } from './draft.ts';
import type { Facts } from './facts.ts';
import { podsOf, sizeOf, targetOf } from './replica-set.ts';

/** Deletes the oldest ReplicaSets beyond the limit; the newest and the stable one do not count. */
export function planHistory(facts: Facts, draft: PlanDraft): void {
  const limit = revisionHistoryLimitOf(facts.rollout.spec);
  for (const replicaSet of facts.others.slice(limit)) {
    if (!isIdle(replicaSet)) continue;
    draft.act({ kind: 'deleteReplicaSet', target: targetOf(replicaSet) });
    draft.note('history', `${nameOf(replicaSet)} is beyond revisionHistoryLimit ${limit}`);
  }
}

function isIdle(replicaSet: ReplicaSet): boolean {
  const { metadata, status } = replicaSet;
  const isObserved = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return sizeOf(replicaSet) === 0 && podsOf(replicaSet) === 0 && isObserved && metadata.deletionTimestamp === undefined;
}
