import type { KindName } from '../kinds.ts';
import { join, type Problem } from './problem.ts';

interface UnsupportedFeature {
  /** Pattern of the field: `[]` stands for every item of a list. */
  readonly field: string;
  /** What it is, as the subject of a sentence in the singular. */
  readonly feature: string;
  /** What to do instead. */
  readonly instead: string;
  /** Argo Rollouts' own serialisation leaves empty objects here, which ask for nothing. */
  readonly emptyAsksForNothing?: true;
}

const STAY = 'keep this Rollout on Argo Rollouts';
const CANARY = 'spec.strategy.canary';
const ROUTING = `${CANARY}.trafficRouting`;
const STEP = `${CANARY}.steps[]`;
const PROVIDER = 'spec.metrics[].provider';

const router = (name: string, title: string): UnsupportedFeature => ({
  field: `${ROUTING}.${name}`,
  feature: `traffic routing by ${title}`,
  instead: `use trafficRouting.nginx or ${STAY}`,
});

const provider = (name: string, title: string): UnsupportedFeature => ({
  field: `${PROVIDER}.${name}`,
  feature: `measuring with ${title}`,
  instead: 'use provider.prometheus',
});

const METRIC_FEATURES: readonly UnsupportedFeature[] = [
  provider('web', 'the web provider'),
  provider('job', 'a Job'),
  provider('datadog', 'Datadog'),
  provider('newRelic', 'New Relic'),
  provider('wavefront', 'Wavefront'),
  provider('graphite', 'Graphite'),
  provider('influxdb', 'InfluxDB'),
  provider('cloudWatch', 'CloudWatch'),
  provider('skywalking', 'SkyWalking'),
  provider('kayenta', 'Kayenta'),
  provider('plugin', 'a metric plugin'),
  {
    field: `${PROVIDER}.prometheus.authentication.sigv4`,
    feature: 'AWS signature authentication',
    instead: 'use authentication.basicAuth or headers',
    emptyAsksForNothing: true,
  },
  {
    field: `${PROVIDER}.prometheus.authentication.oauth2`,
    feature: 'OAuth 2 authentication',
    instead: 'use authentication.basicAuth or headers',
    emptyAsksForNothing: true,
  },
];

/**
 * What the API knows and this version of Linnet does not act on yet. To take one of these up, delete its row: nothing
 * else refers to it.
 */
const UNSUPPORTED: Readonly<Record<KindName, readonly UnsupportedFeature[]>> = {
  Rollout: [
    { field: 'spec.strategy.blueGreen', feature: 'blue-green', instead: `use strategy.canary or ${STAY}` },
    {
      field: 'spec.workloadRef',
      feature: 'workloadRef',
      instead: `put the pod template into spec.template or ${STAY}`,
    },
    {
      field: 'spec.rollbackWindow',
      feature: 'rollbackWindow',
      instead: 'remove it: rollbacks to the stable version skip the steps anyway',
      emptyAsksForNothing: true,
    },
    { field: `${STEP}.experiment`, feature: 'an experiment step', instead: `remove the step or ${STAY}` },
    { field: `${STEP}.analysis`, feature: 'an analysis step', instead: `use ${CANARY}.analysis or ${STAY}` },
    { field: `${STEP}.setCanaryScale`, feature: 'setCanaryScale', instead: `remove the step or ${STAY}` },
    { field: `${STEP}.setHeaderRoute`, feature: 'setHeaderRoute', instead: `remove the step or ${STAY}` },
    { field: `${STEP}.setMirrorRoute`, feature: 'setMirrorRoute', instead: `remove the step or ${STAY}` },
    { field: `${STEP}.plugin`, feature: 'a step plugin', instead: `remove the step or ${STAY}` },
    router('alb', 'AWS ALB'),
    router('istio', 'Istio'),
    router('smi', 'SMI'),
    router('ambassador', 'Ambassador'),
    router('appMesh', 'App Mesh'),
    router('traefik', 'Traefik'),
    router('apisix', 'APISIX'),
    router('plugins', 'a plugin'),
    { field: `${CANARY}.dynamicStableScale`, feature: 'dynamicStableScale', instead: `remove it or ${STAY}` },
    { field: `${CANARY}.pingPong`, feature: 'pingPong', instead: `use canaryService and stableService or ${STAY}` },
    {
      field: `${CANARY}.canaryMetadata`,
      feature: 'canaryMetadata',
      instead: `remove it or ${STAY}`,
      emptyAsksForNothing: true,
    },
    {
      field: `${CANARY}.stableMetadata`,
      feature: 'stableMetadata',
      instead: `remove it or ${STAY}`,
      emptyAsksForNothing: true,
    },
    {
      field: `${CANARY}.antiAffinity`,
      feature: 'antiAffinity',
      instead: 'use affinity in the pod template',
      emptyAsksForNothing: true,
    },
    { field: `${CANARY}.minPodsPerReplicaSet`, feature: 'minPodsPerReplicaSet', instead: `remove it or ${STAY}` },
    {
      field: `${CANARY}.replicaProgressThreshold`,
      feature: 'replicaProgressThreshold',
      instead: `remove it or ${STAY}`,
    },
  ],
  AnalysisTemplate: METRIC_FEATURES,
  ClusterAnalysisTemplate: METRIC_FEATURES,
  AnalysisRun: METRIC_FEATURES,
  Experiment: [{ field: 'spec', feature: 'an Experiment', instead: 'keep it on Argo Rollouts' }],
};

/** The features that an object uses and this version does not act on, by field. */
export function unsupportedFeatures(kind: KindName, object: object): readonly Problem[] {
  return UNSUPPORTED[kind].flatMap(({ field, feature, instead, emptyAsksForNothing }) =>
    occurrences(object, field.split('.'), '')
      .filter(({ value }) => asksForSomething(value, emptyAsksForNothing === true))
      .map((occurrence) => ({
        field: occurrence.field,
        message: `${feature} is not supported by this version of Linnet; ${instead}`,
      })),
  );
}

interface Occurrence {
  readonly field: string;
  readonly value: unknown;
}

function occurrences(value: unknown, pattern: readonly string[], path: string): readonly Occurrence[] {
  const [segment, ...rest] = pattern;
  if (segment === undefined) return [{ field: path, value }];
  if (typeof value !== 'object' || value === null) return [];
  const name = segment.replace('[]', '');
  if (!Object.hasOwn(value, name)) return [];
  const child = (value as Readonly<Record<string, unknown>>)[name];
  const at = join(path, name);
  if (!segment.endsWith('[]')) return occurrences(child, rest, at);
  return Array.isArray(child) ? child.flatMap((item, index) => occurrences(item, rest, join(at, index))) : [];
}

function asksForSomething(value: unknown, emptyAsksForNothing: boolean): boolean {
  if (value === undefined || value === null || value === false) return false;
  return !(emptyAsksForNothing && typeof value === 'object' && Object.keys(value).length === 0);
}
