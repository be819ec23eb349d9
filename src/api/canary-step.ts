import { labelSelectorSchema } from './label-selector.ts';
import { labelsAndAnnotationsSchema } from './metadata.ts';
import { analysisRunArgumentSchema, dryRunSchema, rolloutAnalysisSchema } from './rollout-analysis.ts';
import {
  closedWord,
  flag,
  freeObject,
  type Infer,
  int32,
  intOrString,
  list,
  mapOf,
  optional,
  struct,
  text,
  word,
} from './schema.ts';

/** What a pause does when `timeout` has passed before the step was verified. */
const PAUSE_TIMEOUT_ACTIONS = ['hold', 'abort', 'promote'] as const;
export type PauseTimeoutAction = (typeof PAUSE_TIMEOUT_ACTIONS)[number];

/** `pause: {}` waits for a person; `duration` waits that long; `untilVerified` (Linnet) waits for the analysis. */
const rolloutPauseSchema = optional({
  duration: intOrString('Time to wait: seconds, or a duration such as 10m. Absent: until someone promotes.'),
  untilVerified: flag(
    'Linnet: waits until the background analysis has measured every metric successfully at this weight.',
  ),
  timeout: intOrString('Linnet: longest wait for untilVerified: seconds, or a duration such as 30m.'),
  onTimeout: closedWord(PAUSE_TIMEOUT_ACTIONS, 'Linnet: what happens after timeout. Default: hold.'),
});
export type RolloutPause = Infer<typeof rolloutPauseSchema>;

const stringMatch = optional({
  exact: text('Equal to this.'),
  prefix: text('Begins with this.'),
  regex: text('Matches this regular expression.'),
});
export type StringMatch = Infer<typeof stringMatch>;

/** Size of the canary, apart from its share of the traffic. */
const setCanaryScaleSchema = optional({
  weight: int32('Percentage of spec.replicas.'),
  replicas: int32('Number of pods.'),
  matchTrafficWeight: flag('Follow the traffic weight again.'),
});
export type SetCanaryScale = Infer<typeof setCanaryScaleSchema>;

/** Requests with these headers go to the canary. Without `match` the route is removed. */
const setHeaderRouteSchema = optional({
  name: text('One of trafficRouting.managedRoutes.'),
  match: list(struct({ headerName: text(), headerValue: stringMatch }, {}), 'Headers that a request must carry.'),
});
export type SetHeaderRoute = Infer<typeof setHeaderRouteSchema>;

/** Copies of matching requests go to the canary. Without `match` the route is removed. */
const setMirrorRouteSchema = struct(
  { name: text('One of trafficRouting.managedRoutes.') },
  {
    percentage: int32('Share of matching requests to copy. Default: 100.'),
    match: list(optional({ method: stringMatch, path: stringMatch, headers: mapOf(stringMatch) })),
  },
);
export type SetMirrorRoute = Infer<typeof setMirrorRouteSchema>;

const experimentStepTemplate = struct(
  { name: text('Unique within the step.'), specRef: word(['canary', 'stable'], 'Whose pod template to run.') },
  {
    replicas: int32('Default: 1.'),
    metadata: labelsAndAnnotationsSchema,
    selector: labelSelectorSchema,
    weight: int32('Share of the traffic for these pods.'),
    service: optional({ name: text('Name of the Service to create for these pods.') }),
  },
);

const experimentStepAnalysis = struct(
  { name: text(), templateName: text('Name of the template.') },
  {
    clusterScope: flag('True for a ClusterAnalysisTemplate.'),
    args: list(analysisRunArgumentSchema),
    requiredForCompletion: flag('The experiment ends when all such analyses have succeeded.'),
  },
);

/** Runs pods beside the Rollout for a while. */
const experimentStepSchema = struct(
  { templates: list(experimentStepTemplate, 'What to run.') },
  {
    duration: text('How long, e.g. 30m. Absent: until its analyses are done.'),
    analyses: list(experimentStepAnalysis, 'What to measure.'),
    dryRun: list(dryRunSchema),
    analysisRunMetadata: labelsAndAnnotationsSchema,
    scaleDownDelaySeconds: int32('Delay before its pods go. Default: 30.'),
  },
);
export type ExperimentStep = Infer<typeof experimentStepSchema>;

/** A step done by a plugin. */
const pluginStepSchema = struct(
  { name: text('Name under which the controller knows the plugin.') },
  { config: freeObject('Passed to the plugin.') },
);
export type PluginStep = Infer<typeof pluginStepSchema>;

/** One step of a canary. One of the fields is set. */
export const canaryStepSchema = optional({
  setWeight: int32('Share of the traffic for the canary, 0 to maxTrafficWeight.'),
  pause: rolloutPauseSchema.describe('Waits.'),
  setCanaryScale: setCanaryScaleSchema.describe('Sets the size of the canary.'),
  analysis: rolloutAnalysisSchema.describe('Runs an analysis and waits for it to succeed.'),
  experiment: experimentStepSchema.describe('Runs an experiment and waits for it to succeed.'),
  setHeaderRoute: setHeaderRouteSchema.describe('Routes by header to the canary.'),
  setMirrorRoute: setMirrorRouteSchema.describe('Mirrors requests to the canary.'),
  plugin: pluginStepSchema.describe('Runs a step plugin.'),
});
export type CanaryStep = Infer<typeof canaryStepSchema>;
