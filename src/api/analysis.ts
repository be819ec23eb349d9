import { analysisRunStatusSchema } from './analysis-status.ts';
import { apiVersionSchema, kindSchema, objectMetaSchema } from './metadata.ts';
import { metricSchema } from './metric.ts';
import { dryRunSchema, measurementRetentionSchema, templateRefSchema } from './rollout-analysis.ts';
import { flag, type Infer, int32, list, optional, struct, text } from './schema.ts';

export type { AnalysisPhase } from './analysis-phase.ts';
export type { AnalysisRunStatus, Measurement, MetricResult } from './analysis-status.ts';
export type { Metric } from './metric.ts';

/** An argument of a template or a run. Used in metrics as `{{args.name}}`. */
export const argumentSchema = struct(
  { name: text('Name by which metrics refer to it.') },
  {
    value: text('Value, or default value in a template.'),
    valueFrom: optional({
      secretKeyRef: struct({ name: text('Name of the Secret.'), key: text('Key in the Secret.') }, {}),
      fieldRef: struct({ fieldPath: text('Path into the Rollout.') }, {}),
    }),
  },
);
export type Argument = Infer<typeof argumentSchema>;

const sharedSpecFields = {
  args: list(argumentSchema, 'Arguments of the metrics.'),
  dryRun: list(dryRunSchema, 'Metrics that are measured without consequence.'),
  measurementRetention: list(measurementRetentionSchema, 'How many measurements to keep, by metric.'),
} as const;

const analysisTemplateSpecSchema = optional({
  ...sharedSpecFields,
  metrics: list(metricSchema, 'What to measure.'),
  templates: list(templateRefSchema, 'Other templates whose metrics are added.'),
});
export type AnalysisTemplateSpec = Infer<typeof analysisTemplateSpecSchema>;

const templateObject = (description: string) =>
  struct(
    { metadata: objectMetaSchema, spec: analysisTemplateSpecSchema.describe('What to measure, and how to judge it.') },
    { apiVersion: apiVersionSchema, kind: kindSchema },
  ).describe(description);

/** Metrics that Rollouts of one namespace can use. */
export const analysisTemplateSchema = templateObject('Metrics that Rollouts of one namespace can use.');
export type AnalysisTemplate = Infer<typeof analysisTemplateSchema>;

/** Metrics that Rollouts of all namespaces can use. */
export const clusterAnalysisTemplateSchema = templateObject('Metrics that Rollouts of all namespaces can use.');
export type ClusterAnalysisTemplate = Infer<typeof clusterAnalysisTemplateSchema>;

const analysisRunSpecSchema = struct(
  { metrics: list(metricSchema, 'What to measure.') },
  {
    ...sharedSpecFields,
    terminate: flag('Ends the run.'),
    ttlStrategy: optional({
      secondsAfterCompletion: int32('After any end.'),
      secondsAfterSuccess: int32('After success.'),
      secondsAfterFailure: int32('After failure.'),
    }).describe('When a finished run is deleted.'),
  },
);
export type AnalysisRunSpec = Infer<typeof analysisRunSpecSchema>;

/** Measures once or for a while, and judges. */
export const analysisRunSchema = struct(
  { metadata: objectMetaSchema, spec: analysisRunSpecSchema.describe('What to measure, and how to judge it.') },
  { apiVersion: apiVersionSchema, kind: kindSchema, status: analysisRunStatusSchema.describe('What came of it.') },
).describe('Measures once or for a while, and judges.');
export type AnalysisRun = Infer<typeof analysisRunSchema>;
