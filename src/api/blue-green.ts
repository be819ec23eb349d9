import { antiAffinitySchema } from './anti-affinity.ts';
import { labelsAndAnnotationsSchema } from './metadata.ts';
import { rolloutAnalysisSchema } from './rollout-analysis.ts';
import { flag, type Infer, int32, intOrString, struct, text } from './schema.ts';

/** Brings up the new version beside the old one, then switches a Service over. */
export const blueGreenStrategySchema = struct(
  { activeService: text('Service that users reach.') },
  {
    previewService: text('Service that reaches the new version before the switch.'),
    previewReplicaCount: int32('Size of the new version before the switch. Default: spec.replicas.'),
    autoPromotionEnabled: flag('False waits for a person before the switch. Default: true.'),
    autoPromotionSeconds: int32('Wait this long before the switch.'),
    prePromotionAnalysis: rolloutAnalysisSchema.describe('Must succeed before the switch.'),
    postPromotionAnalysis: rolloutAnalysisSchema.describe('Must succeed after the switch, or traffic goes back.'),
    maxUnavailable: intOrString('Pods that may be missing during a restart. Default: 25%.'),
    scaleDownDelaySeconds: int32('Delay before the previous version is scaled down. Default: 30.'),
    scaleDownDelayRevisionLimit: int32('How many previous versions may wait in that delay. Default: any.'),
    abortScaleDownDelaySeconds: int32('Delay before an aborted preview is scaled down. Default: 30; 0: never.'),
    antiAffinity: antiAffinitySchema.describe('Keeps old and new pods on different nodes.'),
    previewMetadata: labelsAndAnnotationsSchema.describe('Put on pods while they are the preview.'),
    activeMetadata: labelsAndAnnotationsSchema.describe('Put on pods while they are active.'),
  },
);
export type BlueGreenStrategy = Infer<typeof blueGreenStrategySchema>;
