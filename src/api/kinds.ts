import type * as z from 'zod';
import type { AnalysisRun, AnalysisTemplate, ClusterAnalysisTemplate } from './analysis.ts';
import { analysisRunSchema, analysisTemplateSchema, clusterAnalysisTemplateSchema } from './analysis.ts';
import { type Experiment, experimentSchema } from './experiment.ts';
import { type Rollout, rolloutSchema } from './rollout.ts';

/** Group and version of all five kinds. */
export const API_GROUP = 'argoproj.io';
export const API_VERSION = 'v1alpha1';
/** As it is written in manifests and owner references. */
export const API_GROUP_VERSION = `${API_GROUP}/${API_VERSION}`;

/** The kinds that Linnet defines, and their types. */
export interface KindTypes {
  readonly Rollout: Rollout;
  readonly AnalysisTemplate: AnalysisTemplate;
  readonly ClusterAnalysisTemplate: ClusterAnalysisTemplate;
  readonly AnalysisRun: AnalysisRun;
  readonly Experiment: Experiment;
}
export type KindName = keyof KindTypes;

/** The schema of each kind. */
export const KIND_SCHEMAS: Readonly<Record<KindName, z.ZodType>> = {
  Rollout: rolloutSchema,
  AnalysisTemplate: analysisTemplateSchema,
  ClusterAnalysisTemplate: clusterAnalysisTemplateSchema,
  AnalysisRun: analysisRunSchema,
  Experiment: experimentSchema,
};

/** Whether this is a kind of ours. */
export function isKindName(kind: string): kind is KindName {
  return Object.hasOwn(KIND_SCHEMAS, kind);
}
