import type { CanaryStrategy } from '../canary.ts';
import type { CanaryStep, RolloutPause, SetHeaderRoute, SetMirrorRoute, StringMatch } from '../canary-step.ts';
import { maxTrafficWeightOf, startingStepOf, stepsOf } from '../defaults.ts';
import { isDuration, isWaitingTime } from '../duration.ts';
import type { RolloutAnalysis } from '../rollout-analysis.ts';
import { type Problem, when } from './problem.ts';

const NO_ACTION = 'Step must have one of the following set: experiment, setWeight, setCanaryScale, plugin or pause';
const BAD_FIELD_REF = 'Analyses arguments must refer to valid object metadata supported by downwardAPI';

/** Actions of which a step may have only one. */
const EXCLUSIVE_ACTIONS = ['setWeight', 'pause', 'experiment', 'analysis'] as const;
const ALL_ACTIONS = [...EXCLUSIVE_ACTIONS, 'setCanaryScale', 'setHeaderRoute', 'setMirrorRoute', 'plugin'] as const;

/** Rules and quoted messages of 1.4 of the Argo Rollouts reference, and those of `untilVerified`. */
export function validateStep(canary: CanaryStrategy, index: number, field: string): readonly Problem[] {
  const step = stepsOf(canary)[index];
  if (step === undefined) return [];
  return [
    ...validateShape(step, field),
    ...validateWeight(canary, step, `${field}.setWeight`),
    ...(step.pause === undefined ? [] : validatePause(canary, index, step.pause, `${field}.pause`)),
    ...when(
      step.setCanaryScale !== undefined && canary.trafficRouting === undefined,
      `${field}.setCanaryScale`,
      'SetCanaryScale requires TrafficRouting to be set',
    ),
    ...(step.analysis === undefined ? [] : validateFieldRefs(step.analysis, `${field}.analysis`)),
    ...validateExperiment(canary, step, `${field}.experiment`),
    ...(step.setHeaderRoute === undefined
      ? []
      : validateHeaderRoute(canary, step.setHeaderRoute, `${field}.setHeaderRoute`)),
    ...(step.setMirrorRoute === undefined
      ? []
      : validateMirrorRoute(canary, step.setMirrorRoute, `${field}.setMirrorRoute`)),
  ];
}

function validateShape(step: CanaryStep, field: string): readonly Problem[] {
  const exclusive = EXCLUSIVE_ACTIONS.filter((action) => step[action] !== undefined);
  return [
    ...when(
      ALL_ACTIONS.every((action) => step[action] === undefined),
      field,
      NO_ACTION,
    ),
    ...when(exclusive.length > 1, field, `${NO_ACTION}; this one has ${exclusive.join(' and ')}: make them two steps`),
  ];
}

function validateWeight(canary: CanaryStrategy, { setWeight }: CanaryStep, field: string): readonly Problem[] {
  const largest = maxTrafficWeightOf(canary);
  const outside = setWeight !== undefined && (setWeight < 0 || setWeight > largest);
  return when(outside, field, `SetWeight needs to be between 0 and ${largest}`);
}

function validatePause(canary: CanaryStrategy, index: number, pause: RolloutPause, field: string): readonly Problem[] {
  const verifies = pause.untilVerified === true;
  return [
    ...when(
      pause.duration !== undefined && !isWaitingTime(pause.duration),
      `${field}.duration`,
      `Duration needs to be greater than 0: ${JSON.stringify(pause.duration)} is neither a number of seconds such as 30 nor a duration such as 90s, 30m or 1h30m`,
    ),
    ...when(
      !verifies && pause.timeout !== undefined,
      `${field}.timeout`,
      'belongs to untilVerified: true; for a pause that ends by itself use duration',
    ),
    ...when(!verifies && pause.onTimeout !== undefined, `${field}.onTimeout`, 'belongs to untilVerified: true'),
    ...(verifies ? validateUntilVerified(canary, index, pause, field) : []),
  ];
}

/** Such a pause listens to the background analysis, so there must be one, and it must be running by then. */
function validateUntilVerified(
  canary: CanaryStrategy,
  index: number,
  pause: RolloutPause,
  field: string,
): readonly Problem[] {
  const templates = canary.analysis?.templates ?? [];
  const startingStep = startingStepOf(canary);
  return [
    ...when(
      pause.duration !== undefined,
      `${field}.duration`,
      'cannot be combined with untilVerified; use timeout for the longest wait',
    ),
    ...when(
      pause.timeout !== undefined && !isWaitingTime(pause.timeout),
      `${field}.timeout`,
      'must be a number of seconds or a duration such as 30m',
    ),
    ...when(
      pause.onTimeout !== undefined && pause.timeout === undefined,
      `${field}.onTimeout`,
      'has no effect without timeout; set one',
    ),
    ...when(
      templates.length === 0,
      `${field}.untilVerified`,
      'needs background analysis to verify anything: set spec.strategy.canary.analysis.templates',
    ),
    ...when(
      templates.length > 0 && startingStep > index,
      `${field}.untilVerified`,
      `would wait for an analysis that starts only at step ${startingStep}, this is step ${index}: lower spec.strategy.canary.analysis.startingStep`,
    ),
  ];
}

/** The parts of `metadata` that the downward API gives to pods. */
const DOWNWARD_METADATA = /^metadata\.(?:name|namespace|uid|labels|annotations|(?:labels|annotations)\['[^']+'\])$/;

/** Other paths are looked up in the Rollout when the run is made. */
function validateFieldRefs(analysis: RolloutAnalysis, field: string): readonly Problem[] {
  return (analysis.args ?? []).flatMap(({ valueFrom }, index) => {
    const path = valueFrom?.fieldRef?.fieldPath ?? '';
    const refused = path.startsWith('metadata') && !DOWNWARD_METADATA.test(path);
    return when(refused, `${field}.args[${index}].valueFrom.fieldRef.fieldPath`, BAD_FIELD_REF);
  });
}

function validateExperiment(canary: CanaryStrategy, step: CanaryStep, field: string): readonly Problem[] {
  if (step.experiment === undefined) return [];
  const { duration, templates } = step.experiment;
  const routing = canary.trafficRouting;
  const { smi, alb, istio, plugins } = routing ?? {};
  const splitsThreeWays = [smi, alb, istio, plugins].some((router) => router !== undefined);
  return [
    ...when(
      duration !== undefined && !isDuration(duration),
      `${field}.duration`,
      `is not a duration such as 30m: ${JSON.stringify(duration)}`,
    ),
    ...templates.flatMap(({ specRef, weight }, index) => [
      ...when(
        specRef !== 'canary' && specRef !== 'stable',
        `${field}.templates[${index}].specRef`,
        'Invalid template step SpecRef: must be canary or stable',
      ),
      ...when(
        weight !== undefined && routing === undefined,
        `${field}.templates[${index}].weight`,
        'Experiment template weight cannot be set unless TrafficRouting is enabled',
      ),
      ...when(
        weight !== undefined && routing !== undefined && !splitsThreeWays,
        `${field}.templates[${index}].weight`,
        'Experiment template weight is only available for TrafficRouting with SMI, ALB, Istio and Plugins at this time',
      ),
    ]),
  ];
}

function validateHeaderRoute(canary: CanaryStrategy, route: SetHeaderRoute, field: string): readonly Problem[] {
  const { istio, alb, apisix, plugins } = canary.trafficRouting ?? {};
  const supported = [istio, alb, apisix, plugins].some((router) => router !== undefined);
  return [
    ...when(!supported, field, 'SetHeaderRoute requires TrafficRouting, supports Istio and ALB and Apisix'),
    ...(route.match ?? []).flatMap(({ headerValue }, index) => [
      ...validateMatch(headerValue, `${field}.match[${index}].headerValue`),
      ...when(
        alb !== undefined && (headerValue.regex !== undefined || headerValue.prefix !== undefined),
        `${field}.match[${index}].headerValue`,
        "SetHeaderRoute match value invalid. ALB supports 'exact' value only",
      ),
    ]),
  ];
}

function validateMirrorRoute(canary: CanaryStrategy, route: SetMirrorRoute, field: string): readonly Problem[] {
  const { istio, plugins } = canary.trafficRouting ?? {};
  const { percentage = 100 } = route;
  return [
    ...when(
      istio === undefined && plugins === undefined,
      field,
      'SetMirrorRoute requires trafficRouting with istio or plugins',
    ),
    ...when(percentage < 0 || percentage > 100, `${field}.percentage`, 'must be between 0 and 100'),
    ...(route.match ?? []).flatMap(({ method, path, headers = {} }, index) => [
      ...(method === undefined ? [] : validateMatch(method, `${field}.match[${index}].method`)),
      ...(path === undefined ? [] : validateMatch(path, `${field}.match[${index}].path`)),
      ...Object.entries(headers).flatMap(([name, match]) =>
        validateMatch(match, `${field}.match[${index}].headers[${JSON.stringify(name)}]`),
      ),
    ]),
  ];
}

function validateMatch({ exact, regex, prefix }: StringMatch, field: string): readonly Problem[] {
  const given = [exact, regex, prefix].filter((value) => value !== undefined).length;
  return [
    ...when(
      given === 0,
      field,
      'StringMatch value missed, match value must have one of the following: exact, regex, prefix',
    ),
    ...when(given > 1, field, 'StringMatch match value must have exactly one of the following: exact, regex, prefix'),
  ];
}
