import type { AnalysisTemplate } from '../../src/api/analysis.ts';
import type { CanaryStrategy } from '../../src/api/canary.ts';
import type { CanaryStep } from '../../src/api/canary-step.ts';
import type { RolloutSpec } from '../../src/api/rollout.ts';
import type { Stage } from '../support/tiny-world/stage.ts';
import type { ClusterOptions } from '../support/tiny-world/tiny-cluster.ts';

/** One story: the world it happens in, and what people do there. */
export interface Script {
  readonly options: ClusterOptions;
  readonly play: (world: Stage) => void;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The Rollout of most stories: some pods behind nginx. */
function specOf(canary: CanaryStrategy, more: Partial<RolloutSpec> = {}): RolloutSpec {
  return {
    replicas: 5,
    selector: { matchLabels: { app: 'web' } },
    strategy: { canary },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'v1' }] } },
    ...more,
  };
}

const NGINX: CanaryStrategy = {
  canaryService: 'web-canary',
  stableService: 'web-stable',
  trafficRouting: { nginx: { stableIngress: 'web' } },
};

const STEPS: readonly CanaryStep[] = [
  { setWeight: 10 },
  { pause: { duration: '30s' } },
  { setWeight: 30 },
  { pause: { duration: '30s' } },
  { setWeight: 50 },
  { pause: {} },
];

const ERROR_RATE: AnalysisTemplate = {
  metadata: { name: 'error-rate' },
  spec: {
    args: [{ name: 'hash' }],
    metrics: [
      {
        name: 'success-rate',
        interval: '10s',
        successCondition: 'result[0] >= 0.95',
        failureCondition: 'result[0] < 0.5',
        provider: { prometheus: { address: 'http://prometheus', query: 'rate{hash="{{args.hash}}"}' } },
      },
    ],
  },
};

const ANALYSIS: CanaryStrategy['analysis'] = {
  templates: [{ templateName: 'error-rate' }],
  args: [{ name: 'hash', valueFrom: { podTemplateHashValue: 'Latest' } }],
};

function routed(
  canary: CanaryStrategy,
  more: Partial<RolloutSpec> = {},
  options: Partial<ClusterOptions> = {},
): ClusterOptions {
  return { routed: true, spec: specOf({ ...NGINX, ...canary }, more), templates: [ERROR_RATE], ...options };
}

function unrouted(canary: CanaryStrategy, more: Partial<RolloutSpec> = {}): ClusterOptions {
  return { routed: false, spec: specOf(canary, more), templates: [ERROR_RATE] };
}

/** Every story begins with a first version that is up, and the next one that arrives a minute later. */
function updated(world: Stage, milliseconds: number): void {
  world.run(MINUTE);
  world.image('v2');
  world.run(milliseconds);
}

export const STORIES: Readonly<Record<string, Script>> = {
  'initial-deploy-nginx': {
    options: routed({ steps: STEPS }),
    play: (world) => world.run(2 * MINUTE),
  },
  'initial-deploy': {
    options: unrouted({ steps: STEPS }),
    play: (world) => world.run(2 * MINUTE),
  },
  'healthy-canary-nginx': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.promote();
      world.run(5 * MINUTE);
    },
  },
  'no-steps-nginx': {
    options: routed({}),
    play: (world) => updated(world, 5 * MINUTE),
  },
  'failed-analysis-then-retry': {
    options: routed({ steps: STEPS, analysis: ANALYSIS }),
    play: (world) => {
      world.judge = () => 'Successful';
      updated(world, 60 * SECOND);
      world.judge = () => 'Failed';
      world.run(3 * MINUTE);
      world.judge = () => 'Successful';
      world.retry();
      world.run(5 * MINUTE);
      world.promote();
      world.run(3 * MINUTE);
    },
  },
  'inconclusive-analysis-pauses': {
    options: routed({ steps: [{ setWeight: 20 }, { pause: { duration: '30s' } }], analysis: ANALYSIS }),
    play: (world) => {
      world.judge = () => 'Inconclusive';
      updated(world, 2 * MINUTE);
      world.judge = () => 'Successful';
      world.promote();
      world.run(5 * MINUTE);
    },
  },
  'blind-analysis-never-promotes': {
    options: routed({ steps: [{ setWeight: 20 }, { pause: { duration: '30s' } }], analysis: ANALYSIS }),
    play: (world) => {
      world.judge = () => undefined;
      updated(world, 20 * MINUTE);
      world.judge = () => 'Successful';
      world.run(5 * MINUTE);
    },
  },
  'until-verified': {
    options: routed({
      analysis: ANALYSIS,
      steps: [
        { setWeight: 20 },
        { pause: { untilVerified: true } },
        { setWeight: 60 },
        { pause: { untilVerified: true, timeout: '5m' } },
      ],
    }),
    play: (world) => {
      world.judge = () => undefined;
      updated(world, 2 * MINUTE);
      world.comment('the judge can see again');
      world.judge = () => 'Successful';
      world.run(5 * MINUTE);
    },
  },
  'timed-pause-holds-while-blind': {
    options: routed({
      analysis: ANALYSIS,
      steps: [{ setWeight: 20 }, { pause: { duration: '1m' } }, { setWeight: 60 }],
    }),
    play: (world) => {
      world.judge = () => 'Successful';
      updated(world, 30 * SECOND);
      world.comment('Prometheus goes away');
      world.judge = () => undefined;
      world.run(5 * MINUTE);
      world.comment('the judge can see again');
      world.judge = () => 'Successful';
      world.run(5 * MINUTE);
    },
  },
  'until-verified-timeout-aborts': {
    options: routed({
      analysis: ANALYSIS,
      steps: [{ setWeight: 20 }, { pause: { untilVerified: true, timeout: '2m', onTimeout: 'abort' } }],
    }),
    play: (world) => {
      world.judge = () => undefined;
      updated(world, 5 * MINUTE);
    },
  },
  'until-verified-without-routing': {
    options: unrouted({
      analysis: ANALYSIS,
      steps: [
        { setWeight: 20 },
        { pause: { untilVerified: true } },
        { setWeight: 60 },
        { pause: { untilVerified: true } },
      ],
    }),
    play: (world) => {
      world.judge = () => 'Successful';
      updated(world, 5 * MINUTE);
    },
  },
  'abort-while-canary-starts': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 2 * SECOND);
      world.abort();
      world.run(3 * MINUTE);
    },
  },
  'abort-at-10': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 30 * SECOND);
      world.abort();
      world.run(3 * MINUTE);
    },
  },
  'abort-at-50-then-scale': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.abort();
      world.run(10 * SECOND);
      world.scale(8);
      world.run(3 * MINUTE);
    },
  },
  'abort-before-promotion': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.promote();
      world.run(12 * SECOND);
      world.abort();
      world.run(3 * MINUTE);
    },
  },
  'abort-too-late': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.promote();
      world.run(18 * SECOND);
      world.abort();
      world.run(3 * MINUTE);
    },
  },
  'abort-beats-promote-full': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 30 * SECOND);
      world.order('promote --full', { promoteFull: true });
      world.run(3 * SECOND);
      world.abort();
      world.run(2 * MINUTE);
    },
  },
  'promote-full': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 30 * SECOND);
      world.order('promote --full', { promoteFull: true, pauseConditions: null });
      world.run(3 * MINUTE);
    },
  },
  'promote-full-after-abort': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 30 * SECOND);
      world.abort();
      world.run(10 * SECOND);
      world.order('promote --full', { promoteFull: true });
      world.run(3 * MINUTE);
    },
  },
  'abort-while-spec-paused': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 30 * SECOND);
      world.edit('set spec.paused', (spec) => ({ ...spec, paused: true }));
      world.run(10 * SECOND);
      world.abort();
      world.run(3 * MINUTE);
    },
  },
  'rollback-to-stable': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.image('v1');
      world.run(3 * MINUTE);
    },
  },
  'v3-during-v2': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 30 * SECOND);
      world.image('v3');
      world.run(5 * MINUTE);
      world.promote();
      world.run(3 * MINUTE);
    },
  },
  'v3-during-cutover': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.promote();
      world.run(18 * SECOND);
      world.image('v3');
      world.run(5 * MINUTE);
    },
  },
  'rollback-during-cutover': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.promote();
      world.run(18 * SECOND);
      world.image('v1');
      world.run(3 * MINUTE);
    },
  },
  'delay-zero-and-v3-during-cutover': {
    options: routed({ steps: STEPS, scaleDownDelaySeconds: 0 }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.promote();
      world.run(17 * SECOND);
      world.image('v3');
      world.run(3 * MINUTE);
    },
  },
  'canary-pods-die': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.killPods('v2');
      world.run(MINUTE);
    },
  },
  'scale-during-pause': {
    options: routed({ steps: STEPS }),
    play: (world) => {
      updated(world, 5 * MINUTE);
      world.scale(10);
      world.run(MINUTE);
      world.scale(4);
      world.run(MINUTE);
      world.scale(0);
      world.run(MINUTE);
      world.scale(6);
      world.run(MINUTE);
    },
  },
  'scale-while-spec-paused': {
    options: unrouted({ steps: STEPS }),
    play: (world) => {
      updated(world, MINUTE);
      world.edit('set spec.paused', (spec) => ({ ...spec, paused: true }));
      world.run(MINUTE);
      world.scale(10);
      world.run(MINUTE);
    },
  },
  'max-traffic-weight': {
    options: routed({
      steps: [{ setWeight: 100 }, { pause: {} }],
      trafficRouting: { nginx: { stableIngress: 'web' }, maxTrafficWeight: 1000 },
    }),
    play: (world) => {
      updated(world, 2 * MINUTE);
      world.promote();
      world.run(2 * MINUTE);
    },
  },
  restart: {
    options: routed({ steps: STEPS }),
    play: (world) => {
      world.run(2 * MINUTE);
      world.edit('restart', (spec) => ({ ...spec, restartAt: world.timestamp() }));
      world.run(5 * MINUTE);
    },
  },
  'deadline-aborts': {
    options: routed(
      { steps: STEPS },
      { progressDeadlineSeconds: 60, progressDeadlineAbort: true },
      { brokenImage: 'v2' },
    ),
    play: (world) => updated(world, 5 * MINUTE),
  },
  'deadline-passes-with-unhappy-router': {
    options: routed({ steps: STEPS }, { progressDeadlineSeconds: 60 }),
    play: (world) => {
      world.run(MINUTE);
      world.routerProblem = 'Ingress "web" is controlled by another Rollout';
      world.image('v2');
      world.run(3 * MINUTE);
      world.abort();
      world.run(MINUTE);
    },
  },
  'bad-first-version': {
    options: routed({ steps: STEPS }, {}, { brokenImage: 'v1' }),
    play: (world) => updated(world, 5 * MINUTE),
  },
  'basic-canary': {
    options: unrouted({ steps: [{ setWeight: 20 }, { pause: {} }, { setWeight: 60 }, { pause: { duration: 10 } }] }),
    play: (world) => {
      updated(world, MINUTE);
      world.promote();
      world.run(3 * MINUTE);
    },
  },
  'basic-canary-with-services': {
    options: unrouted({
      canaryService: 'web-canary',
      stableService: 'web-stable',
      steps: [{ setWeight: 50 }, { pause: { duration: '20s' } }, { setWeight: 100 }, { pause: { duration: '20s' } }],
    }),
    play: (world) => updated(world, 3 * MINUTE),
  },
  'basic-canary-no-surge': {
    options: unrouted({ maxSurge: 0, maxUnavailable: 1, steps: [{ setWeight: 40 }, { pause: {} }] }),
    play: (world) => {
      updated(world, MINUTE);
      world.promote();
      world.run(3 * MINUTE);
    },
  },
  'basic-canary-abort-and-retry': {
    options: unrouted({ steps: [{ setWeight: 40 }, { pause: { duration: '1m' } }] }),
    play: (world) => {
      updated(world, 30 * SECOND);
      world.abort();
      world.run(MINUTE);
      world.retry();
      world.run(5 * MINUTE);
    },
  },
  'basic-canary-rolling-update': {
    options: unrouted({}),
    play: (world) => updated(world, 3 * MINUTE),
  },
  'missing-template': {
    options: routed({ steps: STEPS, analysis: { templates: [{ templateName: 'nowhere' }] } }),
    play: (world) => {
      world.run(2 * MINUTE);
      world.addTemplate({ metadata: { name: 'nowhere' }, spec: { metrics: ERROR_RATE.spec.metrics ?? [] } });
      world.run(2 * MINUTE);
    },
  },
  'unsupported-feature': {
    options: routed({ steps: STEPS, dynamicStableScale: true }),
    play: (world) => world.run(2 * MINUTE),
  },
  'revision-history': {
    options: routed({ steps: [{ setWeight: 20 }] }, { revisionHistoryLimit: 1 }),
    play: (world) => {
      updated(world, 3 * MINUTE);
      world.image('v3');
      world.run(3 * MINUTE);
      world.image('v4');
      world.run(3 * MINUTE);
    },
  },
};
