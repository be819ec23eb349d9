import { analysisPhaseSchema } from './analysis-phase.ts';
import {
  flag,
  freeObject,
  type Infer,
  int32,
  int64,
  intOrString,
  list,
  optional,
  struct,
  text,
  timestamp,
  word,
} from './schema.ts';

/** A condition of a Rollout or an Experiment. */
export const rolloutConditionSchema = struct(
  {
    type: text('What the condition is about.'),
    status: word(['True', 'False', 'Unknown'], 'Whether it holds.'),
    lastUpdateTime: timestamp(),
    lastTransitionTime: timestamp(),
    reason: text(),
    message: text(),
  },
  { observedGeneration: int64('Linnet: generation that the condition `Ready` is about.') },
);
export type RolloutCondition = Infer<typeof rolloutConditionSchema>;

const PAUSE_REASONS = [
  'CanaryPauseStep',
  'BlueGreenPause',
  'InconclusiveAnalysisRun',
  'InconclusiveExperiment',
] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Why the controller waits. Removing it lets the Rollout go on. */
const pauseConditionSchema = struct(
  { reason: word(PAUSE_REASONS, 'Why the controller waits.'), startTime: timestamp('Since when.') },
  {},
);
export type PauseCondition = Infer<typeof pauseConditionSchema>;

const analysisRunReference = struct(
  { name: text('Name of the AnalysisRun.'), status: analysisPhaseSchema },
  { message: text() },
);
/** The AnalysisRun that a Rollout looks at, and how it stood. */
export type RolloutAnalysisRunStatus = Infer<typeof analysisRunReference>;

const weightDestination = struct({ weight: int32() }, { serviceName: text(), podTemplateHash: text() });
export type WeightDestination = Infer<typeof weightDestination>;

/** How the traffic is split. */
const trafficWeightsSchema = struct(
  { canary: weightDestination, stable: weightDestination },
  {
    additional: list(weightDestination, 'Experiments.'),
    verified: flag('Whether the data plane confirmed these weights; absent when it cannot tell.'),
    inEffectSince: timestamp(
      'Linnet: since when the data plane carries, or is presumed to carry, these weights for this canary hash.',
    ),
  },
);
export type TrafficWeights = Infer<typeof trafficWeightsSchema>;

const serviceReach = struct(
  {
    podTemplateHash: text('Version whose pods alone it reaches.'),
    ready: int32('How many of them.'),
    since: timestamp('Since when it reaches no others.'),
    readySince: timestamp('When the last of these pods was added.'),
  },
  {},
);
/** Which pods a Service reaches during an update, and how long the data plane has had to learn of them. */
export type ServiceReach = Infer<typeof serviceReach>;

/** One operation of a step plugin. */
const stepPluginStatusSchema = struct(
  {
    index: int32('Index of the step.'),
    name: text('Name of the plugin.'),
    operation: word(['Run', 'Terminate', 'Abort'], 'What it was asked to do.'),
  },
  {
    phase: word(['Running', 'Successful', 'Failed', 'Error'], 'How it stands.'),
    message: text(),
    startedAt: timestamp(),
    updatedAt: timestamp(),
    finishedAt: timestamp(),
    backoff: text('Time until the next call.'),
    executions: int32('Number of calls so far.'),
    disabled: flag('The plugin is switched off, so the step passed.'),
    status: freeObject('State that the plugin gets back with the next call.'),
  },
);
export type StepPluginStatus = Infer<typeof stepPluginStatusSchema>;

const canaryStatus = optional({
  currentStepAnalysisRunStatus: analysisRunReference.describe('Run of the current step.'),
  currentBackgroundAnalysisRunStatus: analysisRunReference.describe('Run beside the steps.'),
  lostAnalysisRuns: int32('Linnet: how often the run beside the steps of this update was deleted before it ended.'),
  abortedStepIndex: int32('Linnet: step that was under way when the update was aborted, counted from 0.'),
  currentExperiment: text('Name of the running Experiment.'),
  weights: trafficWeightsSchema.describe('How the traffic is split.'),
  reach: optional({ canary: serviceReach, stable: serviceReach }).describe(
    'Linnet: which pods the two Services reach while traffic moves.',
  ),
  replicasInEffectSince: timestamp(
    'Linnet: without traffic routing, since when the pods are split as the current step asks.',
  ),
  stablePingPong: word(['ping', 'pong'], 'Which of the two Services is stable.'),
  stepPluginStatuses: list(stepPluginStatusSchema),
});
export type CanaryStatus = Infer<typeof canaryStatus>;

const blueGreenStatus = optional({
  previewSelector: text('Hash that the preview Service selects.'),
  activeSelector: text('Hash that the active Service selects.'),
  scaleUpPreviewCheckPoint: flag('The preview was good; it may grow to full size.'),
  prePromotionAnalysisRunStatus: analysisRunReference,
  postPromotionAnalysisRunStatus: analysisRunReference,
});
export type BlueGreenStatus = Infer<typeof blueGreenStatus>;

const awsResource = struct({ name: text(), arn: text() }, { fullName: text() });
const albStatus = optional({
  loadBalancer: awsResource,
  canaryTargetGroup: awsResource,
  stableTargetGroup: awsResource,
  ingress: text(),
});

const COMPLETION_STATUSES = [
  'Promoted',
  'FastPromoted',
  'Aborted',
  'Superseded',
  'RolledBack',
  'FastRolledBack',
] as const;

const rolloutDuration = optional({
  rolloutStartedAt: timestamp('When the update began.'),
  manualPauseStartedAt: timestamp('Since when it waits for a person.'),
  totalManualPauseDurationSeconds: int64('How long it waited for a person in all.'),
  finishedAt: timestamp('When the update ended.'),
  completionStatus: word(COMPLETION_STATUSES, 'How the update ended.'),
});
export type RolloutDuration = Infer<typeof rolloutDuration>;

const ROLLOUT_PHASES = ['Healthy', 'Degraded', 'Progressing', 'Paused'] as const;

export const rolloutStatusSchema = optional({
  phase: word(ROLLOUT_PHASES, 'How the Rollout stands.'),
  message: text('Why.'),
  abort: flag('The update is taken back.'),
  abortedAt: timestamp('Since when.'),
  promoteFull: flag('The update skips all that is left.'),
  pauseConditions: list(pauseConditionSchema, 'Why the controller waits; removing them lets the Rollout go on.'),
  controllerPause: flag('The controller has paused; with no pauseConditions: someone has resumed.'),
  currentPodHash: text('Hash of the newest pod template.'),
  currentStepHash: text('Hash of the canary steps.'),
  currentStepIndex: int32('Step under way, counted from 0; the number of steps when done.'),
  stableRS: text('Hash of the version that was last fully promoted.'),
  replicas: int32('Pods of all versions.'),
  updatedReplicas: int32('Pods of the newest version.'),
  readyReplicas: int32('Pods that are ready.'),
  availableReplicas: int32('Pods that have been ready for minReadySeconds.'),
  HPAReplicas: int32('Pods that an autoscaler counts.'),
  selector: text('Label selector that an autoscaler uses.'),
  collisionCount: int32('Changes the hash when two templates collide.'),
  observedGeneration: intOrString(
    'Generation that this status is about, as a decimal string; see annotation linnet.dev/observed-generation.',
  ),
  workloadObservedGeneration: text('Generation of the referenced workload that this status is about.'),
  restartedAt: timestamp('The spec.restartAt that was last carried out.'),
  conditions: list(rolloutConditionSchema),
  canary: canaryStatus.describe('State of a canary.'),
  blueGreen: blueGreenStatus.describe('State of a blue-green update.'),
  alb: albStatus.describe('Load balancer of the last Ingress.'),
  albs: list(albStatus, 'Load balancers of all Ingresses.'),
  duration: rolloutDuration.describe('How long the update takes.'),
});
export type RolloutStatus = Infer<typeof rolloutStatusSchema>;
