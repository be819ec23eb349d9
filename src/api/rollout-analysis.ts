import { labelsAndAnnotationsSchema } from './metadata.ts';
import { flag, type Infer, int32, list, optional, struct, text, word } from './schema.ts';

/** How a Rollout asks for analysis: which templates, with which arguments. */

/** Metrics whose outcome is recorded without consequence. */
export const dryRunSchema = struct(
  { metricName: text('Regular expression for names of metrics; not anchored, so test also matches latest.') },
  {},
);
export type DryRun = Infer<typeof dryRunSchema>;

/** How many measurements of a metric are kept in the status. */
export const measurementRetentionSchema = struct(
  {
    metricName: text('Regular expression for names of metrics; not anchored.'),
    limit: int32('Number of measurements to keep; 10 when no rule matches.'),
  },
  {},
);
export type MeasurementRetention = Infer<typeof measurementRetentionSchema>;

/** Names an AnalysisTemplate or ClusterAnalysisTemplate. */
export const templateRefSchema = optional({
  templateName: text('Name of the template.'),
  clusterScope: flag('True for a ClusterAnalysisTemplate.'),
});
export type AnalysisTemplateRef = Infer<typeof templateRefSchema>;

/** An argument that a Rollout passes to its AnalysisRuns. */
export const analysisRunArgumentSchema = struct(
  { name: text('Name of the argument in the template.') },
  {
    value: text('Literal value.'),
    valueFrom: optional({
      podTemplateHashValue: word(['Stable', 'Latest'], 'Pod template hash of this version.'),
      fieldRef: struct({ fieldPath: text("Path into the Rollout, e.g. metadata.labels['region'].") }, {}),
    }),
  },
);
export type AnalysisRunArgument = Infer<typeof analysisRunArgumentSchema>;

const rolloutAnalysisFields = {
  templates: list(templateRefSchema, 'Templates whose metrics are merged into one AnalysisRun.'),
  args: list(analysisRunArgumentSchema, 'Arguments for the templates.'),
  dryRun: list(dryRunSchema, 'Metrics that are measured without consequence.'),
  measurementRetention: list(measurementRetentionSchema, 'How many measurements to keep, by metric.'),
  analysisRunMetadata: labelsAndAnnotationsSchema,
} as const;

/** Analysis as a canary step, or before and after a blue-green promotion. */
export const rolloutAnalysisSchema = optional(rolloutAnalysisFields);
export type RolloutAnalysis = Infer<typeof rolloutAnalysisSchema>;

/** Analysis that runs beside the canary steps. */
export const rolloutAnalysisBackgroundSchema = optional({
  ...rolloutAnalysisFields,
  startingStep: int32('Index of the step with which the analysis starts, counted from 0. Default: at once.'),
});
export type RolloutAnalysisBackground = Infer<typeof rolloutAnalysisBackgroundSchema>;
