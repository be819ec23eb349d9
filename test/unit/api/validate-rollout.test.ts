import { describe, expect, it } from 'vitest';
import type { CanaryStrategy } from '../../../src/api/canary.ts';
import type { CanaryStep } from '../../../src/api/canary-step.ts';
import type { Rollout, RolloutSpec } from '../../../src/api/rollout.ts';
import { formatProblem } from '../../../src/api/validate/problem.ts';
import { validateRollout } from '../../../src/api/validate/rollout.ts';

const TEMPLATE: NonNullable<RolloutSpec['template']> = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
};
const BASE: RolloutSpec = { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE, strategy: { canary: {} } };

const rollout = (spec: RolloutSpec): Rollout => ({ metadata: { name: 'web' }, spec: { ...BASE, ...spec } });
const canary = (strategy: CanaryStrategy): Rollout => rollout({ strategy: { canary: strategy } });
const ROUTED: CanaryStrategy = {
  canaryService: 'canary',
  stableService: 'stable',
  trafficRouting: { nginx: { stableIngress: 'web' } },
};
const routedStep = (step: CanaryStep, strategy: CanaryStrategy = {}): Rollout =>
  canary({ ...ROUTED, ...strategy, steps: [step] });
const without = (...fields: (keyof RolloutSpec)[]): Rollout => ({
  metadata: {},
  spec: Object.fromEntries(Object.entries(BASE).filter(([name]) => !fields.some((field) => field === name))),
});

const lines = (subject: Rollout): readonly string[] => validateRollout(subject).map(formatProblem);

describe('a Rollout that is right', () => {
  it.each<[string, Rollout]>([
    ['the least there is', rollout({})],
    ['zero replicas', rollout({ replicas: 0 })],
    ['workloadRef instead of a template', rollout2({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' })],
    ['routed canary', routedStep({ setWeight: 100 })],
    [
      'weights above 100',
      canary({
        ...ROUTED,
        trafficRouting: { nginx: { stableIngress: 'web' }, maxTrafficWeight: 1000 },
        steps: [{ setWeight: 1000 }],
      }),
    ],
    ['weights that divide nothing evenly', routedStep({ setWeight: 7 })],
    ['a pause of no time', routedStep({ pause: { duration: 0 } })],
    ['a pause without end', routedStep({ pause: {} })],
    ['a numeric text as duration', routedStep({ pause: { duration: '30' } })],
    ['a Go duration', routedStep({ pause: { duration: '1h30m' } })],
    ['a pause that says it need not be verified', routedStep({ pause: { duration: '5m', untilVerified: false } })],
    ['blue-green with one Service', rollout({ strategy: { blueGreen: { activeService: 'a' } } })],
    ['surge as text', canary({ maxSurge: '3', maxUnavailable: '0%' })],
    [
      'selector by expressions',
      rollout({
        selector: {
          matchExpressions: [
            { key: 'app', operator: 'In', values: ['web'] },
            { key: 'x', operator: 'DoesNotExist' },
          ],
        },
      }),
    ],
  ])('%s', (_, subject) => {
    expect(lines(subject)).toEqual([]);
  });
});

function rollout2(workloadRef: NonNullable<RolloutSpec['workloadRef']>): Rollout {
  return { metadata: {}, spec: { workloadRef, strategy: { canary: {} } } };
}

describe('a Rollout that is wrong says where and why', () => {
  it.each<[string, Rollout]>([
    ['spec.replicas: must be greater than or equal to 0', rollout({ replicas: -1 })],
    ["spec.selector: Rollout has missing field '.spec.selector'", without('selector')],
    ["spec.template: Rollout has missing field '.spec.template'", without('template')],
    [
      "spec.strategy: Rollout has missing field '.spec.strategy.canary or .spec.strategy.blueGreen'",
      without('strategy'),
    ],
    [
      "spec.strategy: Rollout has missing field '.spec.strategy.canary or .spec.strategy.blueGreen'",
      rollout({ strategy: {} }),
    ],
    [
      'spec.strategy: Multiple Strategies can not be listed',
      rollout({ strategy: { canary: {}, blueGreen: { activeService: 'a' } } }),
    ],
    ['spec.selector: must not be empty: it would select every pod of the namespace', rollout({ selector: {} })],
    [
      'spec.template.metadata.labels: `selector` does not match template `labels`',
      rollout({ selector: { matchLabels: { app: 'other' } } }),
    ],
    [
      'spec.template.metadata.labels: `selector` does not match template `labels`',
      rollout({ selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] } }),
    ],
    [
      'spec.selector: must not use rollouts-pod-template-hash: the controller adds it for each version',
      rollout({ selector: { matchLabels: { app: 'web', 'rollouts-pod-template-hash': 'x' } } }),
    ],
    [
      'spec.selector.matchExpressions[0].operator: "Is" is not an operator; use In, NotIn, Exists or DoesNotExist',
      rollout({ selector: { matchExpressions: [{ key: 'app', operator: 'Is' }] } }),
    ],
    [
      'spec.selector.matchExpressions[0].values: must be specified when operator is In',
      rollout({ selector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }),
    ],
    [
      'spec.template: template must be empty for workload reference rollout',
      rollout({ workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'w' } }),
    ],
    [
      'spec.workloadRef: workload of type apps/StatefulSet is not supported',
      rollout2({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'w' }),
    ],
    ['spec.workloadRef.name: must name the workload', rollout2({ apiVersion: 'v1', kind: 'PodTemplate' })],
    ['spec.progressDeadlineSeconds: must be greater than minReadySeconds', rollout({ minReadySeconds: 600 })],
    ['spec.progressDeadlineSeconds: must be greater than or equal to 0', rollout({ progressDeadlineSeconds: -5 })],
    ['spec.restartAt: must be a moment such as 2026-01-31T08:00:00Z', rollout({ restartAt: 'tomorrow' })],
    [
      'spec.template.spec.containers: must have at least one container',
      rollout({ template: { ...TEMPLATE, spec: { containers: [] } } }),
    ],
    [
      'spec.template.spec.containers[0].image: must name an image',
      rollout({ template: { ...TEMPLATE, spec: { containers: [{ name: 'a' }] } } }),
    ],
    [
      'spec.template.spec.initContainers[0].name: is used twice: "web"',
      rollout({
        template: {
          ...TEMPLATE,
          spec: { containers: [{ name: 'web', image: 'a' }], initContainers: [{ name: 'web', image: 'b' }] },
        },
      }),
    ],
    [
      'spec.template.spec.restartPolicy: "Never" is not supported for pods that are kept running; use Always',
      rollout({ template: { ...TEMPLATE, spec: { ...TEMPLATE.spec!, restartPolicy: 'Never' } } }),
    ],
    [
      'spec.strategy.blueGreen.previewService: This rollout uses the same service for the active and preview services, but two different services are required.',
      rollout({ strategy: { blueGreen: { activeService: 'a', previewService: 'a' } } }),
    ],
    [
      "spec.strategy.blueGreen.scaleDownDelayRevisionLimit: This rollout's revision history limit can not be smaller than the rollout's scale down limit",
      rollout({ strategy: { blueGreen: { activeService: 'a', scaleDownDelayRevisionLimit: 11 } } }),
    ],
    [
      'spec.strategy.blueGreen.antiAffinity: AntiAffinity must have exactly one strategy listed',
      rollout({ strategy: { blueGreen: { activeService: 'a', antiAffinity: {} } } }),
    ],
    [
      'spec.strategy.canary.antiAffinity.preferredDuringSchedulingIgnoredDuringExecution.weight: AntiAffinity weight must be between 1-100',
      canary({ antiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: { weight: 0 } } }),
    ],
    [
      'spec.strategy.canary.stableService: must differ from canaryService: both are "a"',
      canary({ canaryService: 'a', stableService: 'a' }),
    ],
    [
      'spec.strategy.canary.canaryService: Canary service and Stable service must to be set to use Traffic Routing',
      canary({ trafficRouting: { nginx: { stableIngress: 'a' } } }),
    ],
    [
      'spec.strategy.canary.stableService: Canary service and Stable service must to be set to use Traffic Routing',
      canary({ canaryService: 'a', trafficRouting: { smi: {} } }),
    ],
    [
      'spec.strategy.canary.maxSurge: MaxSurge and MaxUnavailable both can not be zero',
      canary({ maxSurge: 0, maxUnavailable: '0%' }),
    ],
    [
      'spec.strategy.canary.maxSurge: must be a number of pods, or a percentage such as "25%": "a few"',
      canary({ maxSurge: 'a few' }),
    ],
    [
      'spec.strategy.canary.scaleDownDelaySeconds: Canary scaleDownDelaySeconds can only be used with traffic routing',
      canary({ scaleDownDelaySeconds: 5 }),
    ],
    [
      'spec.strategy.canary.dynamicStableScale: Canary dynamicStableScale can only be used with traffic routing',
      canary({ dynamicStableScale: true }),
    ],
    [
      'spec.strategy.canary.dynamicStableScale: Canary dynamicStableScale cannot be used with scaleDownDelaySeconds',
      canary({ ...ROUTED, dynamicStableScale: true, scaleDownDelaySeconds: 5 }),
    ],
    [
      'spec.strategy.canary.trafficRouting: Ping-pong feature works with the ALB, Istio, and plugin-based traffic routers only',
      canary({ ...ROUTED, pingPong: { pingService: 'a', pongService: 'b' } }),
    ],
    [
      'spec.strategy.canary.pingPong: pingService and pongService must both be set, to different Services',
      canary({ pingPong: { pingService: 'a', pongService: 'a' } }),
    ],
    [
      'spec.strategy.canary.trafficRouting.maxTrafficWeight: Canary maxTrafficWeight in traffic routing only supported in Nginx and Plugins',
      canary({
        trafficRouting: {
          istio: {
            virtualService: { name: 'v' },
            destinationRule: { name: 'd', canarySubsetName: 'c', stableSubsetName: 's' },
          },
          maxTrafficWeight: 10,
        },
      }),
    ],
    [
      'spec.strategy.canary.trafficRouting.nginx: exactly one of stableIngress and stableIngresses must be set',
      canary({ ...ROUTED, trafficRouting: { nginx: {} } }),
    ],
    [
      'spec.strategy.canary.trafficRouting.nginx: exactly one of stableIngress and stableIngresses must be set',
      canary({ ...ROUTED, trafficRouting: { nginx: { stableIngress: 'a', stableIngresses: ['b'] } } }),
    ],
    [
      'spec.strategy.canary.steps[0]: Step must have one of the following set: experiment, setWeight, setCanaryScale, plugin or pause',
      routedStep({}),
    ],
    [
      'spec.strategy.canary.steps[0]: Step must have one of the following set: experiment, setWeight, setCanaryScale, plugin or pause; this one has setWeight and pause: make them two steps',
      routedStep({ setWeight: 10, pause: {} }),
    ],
    [
      'spec.strategy.canary.steps[0].setWeight: SetWeight needs to be between 0 and 100',
      routedStep({ setWeight: 101 }),
    ],
    ['spec.strategy.canary.steps[0].setWeight: SetWeight needs to be between 0 and 100', routedStep({ setWeight: -1 })],
    [
      'spec.strategy.canary.steps[0].pause.duration: Duration needs to be greater than 0: "soon" is neither a number of seconds such as 30 nor a duration such as 90s, 30m or 1h30m',
      routedStep({ pause: { duration: 'soon' } }),
    ],
    [
      'spec.strategy.canary.steps[0].pause.duration: Duration needs to be greater than 0: -1 is neither a number of seconds such as 30 nor a duration such as 90s, 30m or 1h30m',
      routedStep({ pause: { duration: -1 } }),
    ],
    [
      'spec.strategy.canary.steps[0].pause.duration: Duration needs to be greater than 0: "-5m" is neither a number of seconds such as 30 nor a duration such as 90s, 30m or 1h30m',
      routedStep({ pause: { duration: '-5m' } }),
    ],
    [
      'spec.strategy.canary.steps[0].setCanaryScale: SetCanaryScale requires TrafficRouting to be set',
      canary({ steps: [{ setCanaryScale: { replicas: 1 } }] }),
    ],
    [
      'spec.strategy.canary.steps[0].analysis.args[0].valueFrom.fieldRef.fieldPath: Analyses arguments must refer to valid object metadata supported by downwardAPI',
      routedStep({
        analysis: { args: [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.generation' } } }] },
      }),
    ],
    [
      'spec.strategy.canary.steps[0].experiment.templates[0].specRef: Invalid template step SpecRef: must be canary or stable',
      routedStep({ experiment: { templates: [{ name: 'a', specRef: 'latest' as 'canary' }] } }),
    ],
    [
      'spec.strategy.canary.steps[0].experiment.templates[0].weight: Experiment template weight is only available for TrafficRouting with SMI, ALB, Istio and Plugins at this time',
      routedStep({ experiment: { templates: [{ name: 'a', specRef: 'canary', weight: 5 }] } }),
    ],
    [
      'spec.strategy.canary.steps[0].experiment.templates[0].weight: Experiment template weight cannot be set unless TrafficRouting is enabled',
      canary({ steps: [{ experiment: { templates: [{ name: 'a', specRef: 'canary', weight: 5 }] } }] }),
    ],
    [
      'spec.strategy.canary.steps[0].setHeaderRoute: SetHeaderRoute requires TrafficRouting, supports Istio and ALB and Apisix',
      routedStep(
        { setHeaderRoute: { name: 'r' } },
        { trafficRouting: { nginx: { stableIngress: 'a' }, managedRoutes: [{ name: 'r' }] } },
      ),
    ],
    [
      'spec.strategy.canary.steps[0].setHeaderRoute.name: Steps define a route that does not exist in spec.strategy.canary.trafficRouting.managedRoutes',
      routedStep({ setHeaderRoute: { name: 'r' } }, { trafficRouting: { plugins: {} } }),
    ],
    [
      "spec.strategy.canary.steps[0].setHeaderRoute.match[0].headerValue: SetHeaderRoute match value invalid. ALB supports 'exact' value only",
      routedStep(
        { setHeaderRoute: { name: 'r', match: [{ headerName: 'X', headerValue: { regex: 'a' } }] } },
        { trafficRouting: { alb: { servicePort: 80, ingress: 'a' }, managedRoutes: [{ name: 'r' }] } },
      ),
    ],
    [
      'spec.strategy.canary.steps[0].setMirrorRoute.match[0].method: StringMatch match value must have exactly one of the following: exact, regex, prefix',
      routedStep(
        { setMirrorRoute: { name: 'r', match: [{ method: { exact: 'a', prefix: 'b' } }] } },
        { trafficRouting: { plugins: {}, managedRoutes: [{ name: 'r' }] } },
      ),
    ],
    [
      'spec.strategy.canary.steps[0].setMirrorRoute.match[0].headers["X"]: StringMatch value missed, match value must have one of the following: exact, regex, prefix',
      routedStep(
        { setMirrorRoute: { name: 'r', match: [{ headers: { X: {} } }] } },
        { trafficRouting: { plugins: {}, managedRoutes: [{ name: 'r' }] } },
      ),
    ],
  ])('%s', (expected, subject) => {
    expect(lines(subject)).toEqual([expected]);
  });

  it('all at once', () => {
    const subject = rollout({
      replicas: -1,
      strategy: { canary: { steps: [{ setWeight: 500 }, {}, { pause: { duration: 'x' } }] } },
    });
    expect(validateRollout(subject).map(({ field }) => field)).toEqual([
      'spec.replicas',
      'spec.strategy.canary.steps[0].setWeight',
      'spec.strategy.canary.steps[1]',
      'spec.strategy.canary.steps[2].pause.duration',
    ]);
  });
});

describe('pause.untilVerified', () => {
  const analysed = (pause: NonNullable<CanaryStep['pause']>, startingStep?: number): Rollout =>
    canary({
      ...ROUTED,
      analysis: { templates: [{ templateName: 't' }], ...(startingStep === undefined ? {} : { startingStep }) },
      steps: [{ setWeight: 10 }, { pause }],
    });

  it.each<[string, Rollout]>([
    ['from the start', analysed({ untilVerified: true })],
    ['from the same step', analysed({ untilVerified: true }, 1)],
    ['with a timeout', analysed({ untilVerified: true, timeout: '30m', onTimeout: 'promote' })],
    ['with a timeout in seconds', analysed({ untilVerified: true, timeout: 60 })],
  ])('is right %s', (_, subject) => {
    expect(lines(subject)).toEqual([]);
  });

  const field = 'spec.strategy.canary.steps[1].pause';
  it.each<[string, Rollout]>([
    [
      `${field}.untilVerified: would wait for an analysis that starts only at step 2, this is step 1: lower spec.strategy.canary.analysis.startingStep`,
      analysed({ untilVerified: true }, 2),
    ],
    [
      `${field}.untilVerified: needs background analysis to verify anything: set spec.strategy.canary.analysis.templates`,
      canary({ ...ROUTED, steps: [{ setWeight: 10 }, { pause: { untilVerified: true } }] }),
    ],
    [
      `${field}.duration: cannot be combined with untilVerified; use timeout for the longest wait`,
      analysed({ untilVerified: true, duration: '5m' }),
    ],
    [
      `${field}.timeout: must be a number of seconds or a duration such as 30m`,
      analysed({ untilVerified: true, timeout: 'later' }),
    ],
    [
      `${field}.onTimeout: has no effect without timeout; set one`,
      analysed({ untilVerified: true, onTimeout: 'abort' }),
    ],
    [
      `${field}.timeout: belongs to untilVerified: true; for a pause that ends by itself use duration`,
      analysed({ timeout: '5m' }),
    ],
    [`${field}.onTimeout: belongs to untilVerified: true`, analysed({ duration: '5m', onTimeout: 'hold' })],
  ])('%s', (expected, subject) => {
    expect(lines(subject)).toEqual([expected]);
  });
});
