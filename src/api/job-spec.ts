import { labelSelectorSchema } from './label-selector.ts';
import { podTemplateSchema } from './pod-template.ts';
import { flag, freeObject, type Infer, int32, int64, struct, text } from './schema.ts';

/** `spec` of a Kubernetes Job. */
export const jobSpecSchema = struct(
  { template: podTemplateSchema },
  {
    activeDeadlineSeconds: int64(),
    backoffLimit: int32(),
    backoffLimitPerIndex: int32(),
    completionMode: text(),
    completions: int32(),
    managedBy: text(),
    manualSelector: flag(),
    maxFailedIndexes: int32(),
    parallelism: int32(),
    podFailurePolicy: freeObject(),
    podReplacementPolicy: text(),
    selector: labelSelectorSchema,
    successPolicy: freeObject(),
    suspend: flag(),
    ttlSecondsAfterFinished: int32(),
  },
);
export type JobSpec = Infer<typeof jobSpecSchema>;
