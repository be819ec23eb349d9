import type { ReplicaSet } from '../../api/core-types.ts';
import { REVISION_ANNOTATION, REVISION_HISTORY_ANNOTATION } from '../../api/keys.ts';
import { nameOf } from '../../api/object-name.ts';
import { conditionOf } from './condition.ts';
import type { PlanDraft } from './draft.ts';
import { newReplicaSetCreated, rolloutUpdated } from './events.ts';
import type { Facts } from './facts.ts';
import { momentOf } from './moments.ts';
import { buildReplicaSet, copiedAnnotations, targetOf } from './replica-set.ts';
import { revisionOf } from './revision.ts';

/** Makes sure that the newest version has a ReplicaSet, and that it and the Rollout carry its revision. */
export function planRevision(facts: Facts, draft: PlanDraft): void {
  const { rollout, newest, currentHash, revision, desired } = facts;
  if (newest === undefined && facts.blocked !== undefined) {
    draft.waitFor('blocked', facts.blocked.reason);
    return;
  }
  if (newest === undefined) {
    draft.act({ kind: 'createReplicaSet', replicaSet: buildReplicaSet(rollout, currentHash, revision, desired) });
  } else {
    syncReplicaSet(facts, draft);
  }
  if (revisionOf(rollout) !== revision) {
    const patch = { metadata: { annotations: { [REVISION_ANNOTATION]: String(revision) } } };
    draft.act({ kind: 'patchRollout', patch, why: `revision ${revision}` });
  }
  tellOfUpdate(facts, draft);
}

/** Told with the status that learns of the version, so that a crash before it was stored loses no event. */
function tellOfUpdate(facts: Facts, draft: PlanDraft): void {
  const { rollout, newest, status, currentHash, revision } = facts;
  if (status.currentPodHash === currentHash && newest !== undefined && !hasJustBegun(facts, newest)) return;
  draft.tell(rolloutUpdated(revision));
  const isNew = newest === undefined || (revisionOf(newest) === revision && historyOf(newest) === undefined);
  const name = newest === undefined ? `${nameOf(rollout)}-${currentHash}` : nameOf(newest);
  if (isNew) draft.tell(newReplicaSetCreated(name, revision));
}

/**
 * A version that something is missing for is in the status before its ReplicaSet exists. That one exists now, and the
 * status still says what was missing: whoever made it was cut short before telling.
 */
function hasJustBegun({ blocked, status }: Facts, { metadata }: ReplicaSet): boolean {
  const since = momentOf(conditionOf(status.conditions ?? [], 'Blocked')?.lastTransitionTime);
  const createdAt = momentOf(metadata.creationTimestamp);
  return blocked === undefined && since !== undefined && createdAt !== undefined && createdAt >= since;
}

function historyOf(replicaSet: NonNullable<Facts['newest']>): string | undefined {
  return replicaSet.metadata.annotations?.[REVISION_HISTORY_ANNOTATION];
}

/** Revision, annotations of the Rollout and `minReadySeconds` follow on an existing ReplicaSet; its pods stay as they are. */
function syncReplicaSet({ rollout, newest, revision }: Facts, draft: PlanDraft): void {
  if (newest === undefined) return;
  const has = newest.metadata.annotations ?? {};
  const wished = { ...copiedAnnotations(rollout), ...renumbered(newest, revision) };
  const annotations = Object.fromEntries(Object.entries(wished).filter(([key, value]) => has[key] !== value));
  const minReadySeconds = rollout.spec.minReadySeconds ?? 0;
  const isSlower = (newest.spec?.minReadySeconds ?? 0) !== minReadySeconds;
  if (Object.keys(annotations).length === 0 && !isSlower) return;
  const patch = {
    ...(Object.keys(annotations).length === 0 ? {} : { metadata: { annotations } }),
    ...(isSlower ? { spec: { minReadySeconds } } : {}),
  };
  draft.act({ kind: 'patchReplicaSet', target: targetOf(newest), patch, why: 'follows the Rollout' });
}

function renumbered(replicaSet: NonNullable<Facts['newest']>, revision: number): Readonly<Record<string, string>> {
  const current = revisionOf(replicaSet);
  if (current === revision) return {};
  const history = [historyOf(replicaSet), current > 0 ? String(current) : undefined].filter(
    (part) => part !== undefined,
  );
  return {
    [REVISION_ANNOTATION]: String(revision),
    ...(history.length === 0 ? {} : { [REVISION_HISTORY_ANNOTATION]: history.join(',') }),
  };
}
