import { canaryAbortScaleDownDelaySecondsOf } from '../../../api/defaults.ts';
import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../../../api/keys.ts';
import { nameOf } from '../../../api/object-name.ts';
import type { PlanDraft } from '../draft.ts';
import { availableOf, sizeOf } from '../replica-set.ts';
import { delayVerdict } from './scale-down-delay.ts';
import { FOREIGN_SERVICE_POLL_MS, serviceSelecting } from './service-state.ts';
import type { Situation } from './situation.ts';

interface CanarySize {
  readonly canary: number;
  readonly annotations: Readonly<Record<string, string | null>>;
}

/**
 * With traffic routing an aborted canary keeps its pods until the data plane has let go of them, and then for
 * `abortScaleDownDelaySeconds` (0: for good). It never grows again.
 */
export function sizeOfAbortedCanary(situation: Situation, draft: PlanDraft): CanarySize {
  const { facts } = situation;
  const { newest } = facts;
  const kept = Math.min(sizeOf(newest), facts.desired);
  const delay = canaryAbortScaleDownDelaySecondsOf(facts.canary);
  if (newest === undefined || kept === 0) return { canary: 0, annotations: { [SCALE_DOWN_DEADLINE_ANNOTATION]: null } };
  if (delay === undefined) return { canary: kept, annotations: {} };
  const obstacle = obstacleToScaleDown(situation, draft);
  if (obstacle !== undefined) {
    draft.waitFor('abort-scale-down', `pods of ${nameOf(newest)} go once ${obstacle}`);
    return { canary: sizeOf(newest), annotations: {} };
  }
  const verdict = delayVerdict(newest, delay, facts.now);
  if (verdict.kind === 'due') return { canary: 0, annotations: { [SCALE_DOWN_DEADLINE_ANNOTATION]: null } };
  draft.wakeAt(verdict.until);
  draft.note('abort-scale-down', `pods of ${nameOf(newest)} go at ${verdict.annotation}`);
  return { canary: kept, annotations: { [SCALE_DOWN_DEADLINE_ANNOTATION]: verdict.annotation } };
}

function obstacleToScaleDown(
  { facts, traffic, canaryService, stableService }: Situation,
  draft: PlanDraft,
): string | undefined {
  if (traffic.weight !== 0 || !traffic.inEffect) return `no traffic reaches them (weight ${traffic.weight} now)`;
  if (canaryService?.selectedHash === facts.currentHash)
    return `Service ${canaryService.name} selects the stable version`;
  if (stableService?.selectedHash === facts.currentHash)
    return `Service ${stableService.name} selects the stable version`;
  const foreign = serviceSelecting(facts, facts.currentHash);
  if (foreign !== undefined) {
    draft.wakeAt(facts.now + FOREIGN_SERVICE_POLL_MS);
    return `Service ${foreign} selects another version`;
  }
  const available = availableOf(facts.stable);
  return available < facts.desired
    ? `the stable version has ${facts.desired} available pods (${available} now)`
    : undefined;
}
