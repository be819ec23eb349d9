import { antiAffinitySchema } from './anti-affinity.ts';
import { canaryStepSchema } from './canary-step.ts';
import { labelsAndAnnotationsSchema } from './metadata.ts';
import { rolloutAnalysisBackgroundSchema } from './rollout-analysis.ts';
import { flag, type Infer, int32, intOrString, list, optional, struct, text, word } from './schema.ts';
import { rolloutTrafficRoutingSchema } from './traffic-routing.ts';

/** Moves traffic, or replicas where nothing routes traffic, to the new version step by step. */
export const canaryStrategySchema = optional({
  canaryService: text('Service whose selector follows the new version.'),
  stableService: text('Service whose selector follows the stable version.'),
  steps: list(canaryStepSchema, 'What happens on the way to the new version. Absent: a rolling update.'),
  trafficRouting: rolloutTrafficRoutingSchema.describe('What splits the requests. Absent: replicas stand for weight.'),
  analysis: rolloutAnalysisBackgroundSchema.describe('Analysis beside the steps; a failure aborts the update.'),
  maxSurge: intOrString('Pods above spec.replicas during an update, number or percentage. Default: 25%.'),
  maxUnavailable: intOrString('Pods that may be missing during an update, number or percentage. Default: 25%.'),
  canaryMetadata: labelsAndAnnotationsSchema.describe('Put on pods while they are the canary.'),
  stableMetadata: labelsAndAnnotationsSchema.describe('Put on pods while they are stable.'),
  antiAffinity: antiAffinitySchema.describe('Keeps canary and stable pods on different nodes.'),
  scaleDownDelaySeconds: int32('Delay before the previous version is scaled down, with traffic routing. Default: 30.'),
  scaleDownDelayRevisionLimit: int32('How many previous versions may wait in that delay. Default: any.'),
  abortScaleDownDelaySeconds: int32(
    'Delay before an aborted canary is scaled down, with traffic routing. Default: 30; 0: never.',
  ),
  dynamicStableScale: flag('Scale stable down as the canary grows, with traffic routing.'),
  pingPong: struct({ pingService: text(), pongService: text() }, {}).describe(
    'Two Services that take turns as stable and canary.',
  ),
  minPodsPerReplicaSet: int32('Least pods of canary and stable while they have any, with traffic routing.'),
  replicaProgressThreshold: struct(
    {
      type: word(['Percent', 'Pods'], 'Unit of value.'),
      value: int32('How much of the new version must be available for a step to go on.'),
    },
    {},
  ).describe('Lets steps go on before every pod is available.'),
});
export type CanaryStrategy = Infer<typeof canaryStrategySchema>;
