import { blueGreenStrategySchema } from './blue-green.ts';
import { canaryStrategySchema } from './canary.ts';
import { labelSelectorSchema } from './label-selector.ts';
import { podTemplateSchema } from './pod-template.ts';
import { flag, type Infer, int32, optional, text, timestamp, word } from './schema.ts';

/** Takes the pod template from another workload. */
const workloadRefSchema = optional({
  apiVersion: text('e.g. apps/v1.'),
  kind: text('Deployment, ReplicaSet or PodTemplate.'),
  name: text('Name of the workload, in the same namespace.'),
  scaleDown: word(
    ['never', 'onsuccess', 'progressively'],
    'When the workload is scaled down as the Rollout takes over.',
  ),
});
export type WorkloadRef = Infer<typeof workloadRefSchema>;

/** How a new version takes over. Exactly one of the two. */
const rolloutStrategySchema = optional({
  canary: canaryStrategySchema.describe('Step by step.'),
  blueGreen: blueGreenStrategySchema.describe('All at once, after a look.'),
});
export type RolloutStrategy = Infer<typeof rolloutStrategySchema>;

export const rolloutSpecSchema = optional({
  replicas: int32('Number of pods. Default: 1.'),
  selector: labelSelectorSchema
    .meta({
      ...labelSelectorSchema.meta(),
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: '.spec.selector is immutable' }],
    })
    .describe('Pods that belong to this Rollout. Cannot be changed.'),
  template: podTemplateSchema.describe('Pod to run. A change starts an update.'),
  workloadRef: workloadRefSchema.describe('Workload to take the pod template from, instead of template.'),
  strategy: rolloutStrategySchema.describe('How an update goes.'),
  minReadySeconds: int32('How long a pod must be ready to count as available. Default: 0.'),
  revisionHistoryLimit: int32('How many old ReplicaSets to keep. Default: 10.'),
  rollbackWindow: optional({
    revisions: int32('How many revisions back a rollback skips steps.'),
  }).describe('Rollbacks to recent revisions skip steps.'),
  paused: flag('Holds the update.'),
  progressDeadlineSeconds: int32('How long an update may make no progress. Default: 600.'),
  progressDeadlineAbort: flag('Abort the update when that time has passed.'),
  restartAt: timestamp('Pods created before this moment are replaced.'),
  analysis: optional({
    successfulRunHistoryLimit: int32('How many successful runs to keep. Default: 5.'),
    unsuccessfulRunHistoryLimit: int32('How many other finished runs to keep. Default: 5.'),
  }).describe('How many finished AnalysisRuns and Experiments to keep.'),
});
export type RolloutSpec = Infer<typeof rolloutSpecSchema>;
