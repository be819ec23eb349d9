import type { EpochMs } from '../../api/time.ts';
import type { RolloutFamily } from './family.ts';
import { formatRolloutHeader } from './rollout-header.ts';
import { rolloutTree } from './rollout-tree.ts';
import type { Paint } from './style.ts';
import { formatTree } from './tree.ts';

/** What `get rollout` shows. */
export function formatRollout(family: RolloutFamily, now: EpochMs, paint: Paint): string {
  return `${formatRolloutHeader(family, paint)}\n${formatTree(rolloutTree(family, now), now, paint)}`;
}
