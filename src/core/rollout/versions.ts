import type { PodTemplateSpec, ReplicaSet } from '../../api/core-types.ts';
import { legacyPodTemplateHash, podTemplateHash } from '../values/pod-template-hash.ts';
import { sameTemplate } from '../values/template-equality.ts';
import type { ObservedRollout } from './observed.ts';
import { availableOf, hashOf } from './replica-set.ts';
import { newestRevision, revisionOf } from './revision.ts';

/** Which ReplicaSet runs what. */
export interface Versions {
  /** Hash of the version that the spec asks for: the label of its ReplicaSet, or what the label will be. */
  readonly currentHash: string;
  /** The ReplicaSet of that version; undefined until it was created. */
  readonly newest: ReplicaSet | undefined;
  /** Revision that the newest version has, or will have. */
  readonly revision: number;
  /** Hash of the version that was last fully promoted; undefined before the first promotion. */
  readonly stableHash: string | undefined;
  /** Its ReplicaSet; the same as `newest` when nothing is being updated. */
  readonly stable: ReplicaSet | undefined;
  /** All others, the newest revision first. */
  readonly others: readonly ReplicaSet[];
}

/** @throws ValueError when the pod template does not fit the Kubernetes types. */
export function identifyVersions(observed: ObservedRollout): Versions {
  const { rollout, replicaSets } = observed;
  const template = rollout.spec.template ?? {};
  const hash = podTemplateHash(template, rollout.status?.collisionCount);
  const newest = findNewest(observed, template, hash);
  const currentHash = hashOf(newest) ?? hash;
  const stableHash = presence(rollout.status?.stableRS) ?? servingHash(observed, currentHash);
  const stable = replicaSets.find((candidate) => stableHash !== undefined && hashOf(candidate) === stableHash);
  const others = replicaSets.filter((candidate) => candidate !== newest && candidate !== stable);
  const rest = replicaSets.filter((candidate) => candidate !== newest);
  return {
    currentHash,
    newest,
    revision: newestRevision(newest, rest),
    stableHash,
    stable,
    others: byRevision(others),
  };
}

function byRevision(replicaSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return replicaSets.toSorted((left, right) => revisionOf(right) - revisionOf(left));
}

/**
 * A first version that never was complete, but serves, is what the next version has to be compared with: without it,
 * that one would get all traffic unseen.
 */
function servingHash({ rollout, replicaSets }: ObservedRollout, currentHash: string): string | undefined {
  const previous = presence(rollout.status?.currentPodHash);
  if (previous === undefined || previous === currentHash) return undefined;
  const serves = replicaSets.some((candidate) => hashOf(candidate) === previous && availableOf(candidate) > 0);
  return serves ? previous : undefined;
}

/** Argo Rollouts writes an empty string where there is none. */
function presence(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/**
 * The ReplicaSet of a template. A hash that any release of Argo Rollouts gave it settles the matter; otherwise the
 * template itself does, because hashes change with the libraries that compute them. The version that the status
 * calls current, then the stable one, goes before others, so that taking over a cluster never starts an update.
 */
function findNewest(observed: ObservedRollout, template: PodTemplateSpec, hash: string): ReplicaSet | undefined {
  const { rollout } = observed;
  const { currentPodHash, stableRS, collisionCount } = rollout.status ?? {};
  const candidates = preferring([currentPodHash, stableRS], byAge(observed.replicaSets));
  const hashes = new Set([hash, legacyPodTemplateHash(template, collisionCount)]);
  return (
    candidates.find((candidate) => hashes.has(hashOf(candidate) ?? '')) ??
    candidates.find((candidate) => sameTemplate(candidate.spec?.template ?? {}, template))
  );
}

function preferring(
  hashes: readonly (string | undefined)[],
  replicaSets: readonly ReplicaSet[],
): readonly ReplicaSet[] {
  const rank = (replicaSet: ReplicaSet): number => {
    const index = hashes.indexOf(hashOf(replicaSet));
    return index === -1 ? hashes.length : index;
  };
  return replicaSets.toSorted((left, right) => rank(left) - rank(right));
}

/** RFC 3339 in UTC sorts as text. */
function byAge(replicaSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const age = (replicaSet: ReplicaSet): string =>
    `${replicaSet.metadata.creationTimestamp ?? ''} ${replicaSet.metadata.name ?? ''}`;
  return replicaSets.toSorted((left, right) => (age(left) < age(right) ? -1 : 1));
}
