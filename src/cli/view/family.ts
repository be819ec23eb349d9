import type { AnalysisRun } from '../../api/analysis.ts';
import type { Job, KubeObject, Pod, ReplicaSet } from '../../api/core-types.ts';
import type { Experiment } from '../../api/experiment.ts';
import { uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';

/** A Rollout and whatever may belong to it; what belongs to others is passed over. */
export interface RolloutFamily {
  readonly rollout: Rollout;
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
  readonly analysisRuns: readonly AnalysisRun[];
  readonly experiments: readonly Experiment[];
  readonly jobs: readonly Job[];
}

/** Those that `owner` controls. */
export function ownedBy<T extends KubeObject>(owner: KubeObject, objects: readonly T[]): readonly T[] {
  return objects.filter((object) =>
    (object.metadata.ownerReferences ?? []).some(({ uid, controller }) => controller === true && uid === uidOf(owner)),
  );
}
