import type { ReplicaSet } from '../../api/core-types.ts';
import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../../api/keys.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { EpochMs } from '../../api/time.ts';
import { hashOf } from '../../core/rollout/replica-set.ts';
import { parseTimestamp } from '../../core/values/rfc3339.ts';
import { formatSpan } from './age.ts';
import type { Span } from './table.ts';

/** What a version is to its Rollout. */
export type VersionTag = 'canary' | 'stable' | 'active' | 'preview' | 'ping' | 'pong';

/** In the order of Argo Rollouts' plugin. */
export function tagsOf(rollout: Rollout, replicaSet: ReplicaSet): readonly VersionTag[] {
  const hash = hashOf(replicaSet);
  if (hash === undefined) return [];
  const { canary, blueGreen } = rollout.spec.strategy ?? {};
  const { status = {} } = rollout;
  const isStable = hash === status.stableRS;
  const isCanary = canary !== undefined && !isStable && hash === status.currentPodHash;
  const { activeSelector, previewSelector } = status.blueGreen ?? {};
  const isActive = blueGreen !== undefined && hash === activeSelector;
  const isPreview = blueGreen !== undefined && hash === previewSelector && !isActive;
  const candidates: readonly (readonly [boolean, VersionTag])[] = [
    [isCanary, 'canary'],
    [isStable, 'stable'],
    [isActive, 'active'],
    [isPreview, 'preview'],
  ];
  const tags = candidates.flatMap(([applies, tag]) => (applies ? [tag] : []));
  return [...tags, ...pingPongTags(rollout, isStable, isCanary)];
}

/** An absent `stablePingPong` means that pong is stable. */
function pingPongTags(rollout: Rollout, isStable: boolean, isCanary: boolean): readonly VersionTag[] {
  if (rollout.spec.strategy?.canary?.pingPong === undefined || (!isStable && !isCanary)) return [];
  const isPingStable = rollout.status?.canary?.stablePingPong === 'ping';
  return [isStable === isPingStable ? 'ping' : 'pong'];
}

const TONES: Readonly<Record<VersionTag, Span['tone']>> = {
  canary: 'warning',
  stable: 'good',
  active: 'good',
  preview: 'warning',
  ping: 'accent',
  pong: 'accent',
};

export function tagSpan(tag: VersionTag): Span {
  return { text: tag, tone: TONES[tag] };
}

/** `delay:28s` until an old version is scaled down; undefined when it is not going to be. */
export function scaleDownDelay(replicaSet: ReplicaSet, now: EpochMs): Span | undefined {
  const deadline = replicaSet.metadata.annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION];
  const moment = deadline === undefined ? undefined : parseTimestamp(deadline);
  if (moment === undefined || (replicaSet.spec?.replicas ?? 1) === 0) return undefined;
  return { text: moment > now ? `delay:${formatSpan(moment - now)}` : 'delay:passed', tone: 'muted' };
}
