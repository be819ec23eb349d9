import type { KindName, KindTypes } from '../kinds.ts';
import { validateAnalysisRun, validateAnalysisTemplate } from './analysis.ts';
import { validateExperiment } from './experiment.ts';
import type { Problem } from './problem.ts';
import { validateRollout } from './rollout.ts';
import { unsupportedFeatures } from './unsupported.ts';

type Validators = { readonly [K in KindName]: (object: KindTypes[K]) => readonly Problem[] };

const VALIDATORS: Validators = {
  Rollout: validateRollout,
  AnalysisTemplate: validateAnalysisTemplate,
  ClusterAnalysisTemplate: validateAnalysisTemplate,
  AnalysisRun: validateAnalysisRun,
  Experiment: validateExperiment,
};

/** All that is wrong with an object by itself, and all that it asks of this version of Linnet in vain. */
export function validateManifest<K extends KindName>(kind: K, object: KindTypes[K]): readonly Problem[] {
  return [...VALIDATORS[kind](object), ...unsupportedFeatures(kind, object)];
}
