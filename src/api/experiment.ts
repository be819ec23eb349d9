import { argumentSchema } from './analysis.ts';
import { analysisPhaseSchema } from './analysis-phase.ts';
import { labelSelectorSchema } from './label-selector.ts';
import { apiVersionSchema, kindSchema, labelsAndAnnotationsSchema, objectMetaSchema } from './metadata.ts';
import { podTemplateSchema } from './pod-template.ts';
import { dryRunSchema, measurementRetentionSchema } from './rollout-analysis.ts';
import { rolloutConditionSchema } from './rollout-status.ts';
import { flag, type Infer, int32, list, optional, struct, text, timestamp, word } from './schema.ts';

/** Pods that an Experiment runs. */
const experimentTemplateSchema = struct(
  {
    name: text('Unique within the Experiment.'),
    selector: labelSelectorSchema,
    template: podTemplateSchema.describe('Pod to run.'),
  },
  {
    replicas: int32('Default: 1.'),
    minReadySeconds: int32('How long a pod must be ready to count as available.'),
    service: optional({ name: text('Default: name of the ReplicaSet.') }).describe('Service to create for these pods.'),
  },
);
export type ExperimentTemplate = Infer<typeof experimentTemplateSchema>;

const experimentAnalysis = struct(
  { name: text('Unique within the Experiment.'), templateName: text('Name of the template.') },
  {
    clusterScope: flag('True for a ClusterAnalysisTemplate.'),
    args: list(argumentSchema),
    requiredForCompletion: flag('The Experiment ends when all such analyses have succeeded.'),
  },
);

const experimentSpecSchema = struct(
  { templates: list(experimentTemplateSchema, 'What to run.') },
  {
    duration: text('How long all templates run, e.g. 30m.'),
    progressDeadlineSeconds: int32('How long a template may take to become available. Default: 600.'),
    terminate: flag('Ends the Experiment.'),
    analyses: list(experimentAnalysis, 'What to measure.'),
    scaleDownDelaySeconds: int32('Delay before the pods go. Default: 30.'),
    dryRun: list(dryRunSchema),
    measurementRetention: list(measurementRetentionSchema),
    analysisRunMetadata: labelsAndAnnotationsSchema,
  },
);
export type ExperimentSpec = Infer<typeof experimentSpecSchema>;

const templateStatus = struct(
  {
    name: text(),
    replicas: int32(),
    updatedReplicas: int32(),
    readyReplicas: int32(),
    availableReplicas: int32(),
  },
  {
    collisionCount: int32(),
    status: word(['Progressing', 'Running', 'Successful', 'Failed', 'Error'], 'How it stands.'),
    message: text(),
    lastTransitionTime: timestamp(),
    serviceName: text(),
    podTemplateHash: text(),
  },
);

const experimentStatusSchema = optional({
  phase: analysisPhaseSchema,
  message: text('Why.'),
  templateStatuses: list(templateStatus),
  availableAt: timestamp('When all templates first ran.'),
  conditions: list(rolloutConditionSchema),
  analysisRuns: list(
    struct(
      { name: text(), analysisRun: text('Name of the AnalysisRun.'), phase: analysisPhaseSchema },
      { message: text() },
    ),
  ),
});
export type ExperimentStatus = Infer<typeof experimentStatusSchema>;

/** Runs versions side by side for a while and measures them. */
export const experimentSchema = struct(
  { metadata: objectMetaSchema, spec: experimentSpecSchema.describe('What is wanted.') },
  { apiVersion: apiVersionSchema, kind: kindSchema, status: experimentStatusSchema.describe('What came of it.') },
).describe('Runs versions side by side for a while and measures them.');
export type Experiment = Infer<typeof experimentSchema>;
